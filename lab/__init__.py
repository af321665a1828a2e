# SPDX-License-Identifier: GPL-3.0-or-later
"""Test hosts on this machine: systemd, sshd and a Docker engine each, with DNS and a private registry."""
