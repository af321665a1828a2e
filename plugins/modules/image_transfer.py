#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation only: the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image_transfer
short_description: Bring a large file from a host to the controller or back
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Uses the connection's own file transfer (with SSH sftp or scp), as the user who connects, so that no file is held
    in memory. Use C(become=false), and a directory that this user may read and write.
  - What arrives is compared by SHA-256; a file that did not arrive as it was is removed. A file that is there already,
    by its SHA-256, is not transferred again.
  - On the controller a directory of its own, next to Ansible's temporary ones, is used where no O(directory) is named.
extends_documentation_fragment:
  - wabiz.onprem.attributes
attributes:
  check_mode:
    support: partial
    details: Says that it would change something, without looking.
  diff_mode:
    support: none
  idempotent:
    support: full
  action:
    description: Runs on the controller and executes other modules on the target.
    support: full
options:
  state:
    description:
      - V(fetched) brings O(path) to the controller, V(sent) brings a file of the controller to O(path).
      - V(removed) removes the controller's own directory for the cluster.
    type: str
    choices: [fetched, sent, removed]
    required: true
  cluster:
    description:
      - A name for the controller's own directory. No other cluster may have it whose files the same user moves; the
        playbooks take C(unique_name) of M(wabiz.onprem.preflight).
    type: str
    required: true
  path:
    description: The file on the host. Required but for O(state=removed).
    type: path
  directory:
    description: A directory on the controller, instead of its own one.
    type: path
  file:
    description: Name of the file on the controller. Required but for O(state=removed).
    type: str
  sha256:
    description: What the file must have. Required for O(state=sent).
    type: str
"""

EXAMPLES = r"""
- name: Bring an archive to the controller
  wabiz.onprem.image_transfer:
    state: fetched
    cluster: wabiz
    path: /srv/images/web.tar
    file: web.tar
  vars: {ansible_become: false}
  register: fetched

- name: Bring it to another host
  wabiz.onprem.image_transfer:
    state: sent
    cluster: wabiz
    path: /srv/images/web.tar
    file: web.tar
    sha256: "{{ fetched.sha256 }}"
  vars: {ansible_become: false}
  delegate_to: core2.example.net

- name: Tidy up on the controller
  wabiz.onprem.image_transfer:
    state: removed
    cluster: wabiz
"""

RETURN = r"""
sha256:
  description: SHA-256 of the file in hexadecimal digits.
  returned: with O(state=fetched) and O(state=sent), not in check mode
  type: str
bytes:
  description: Its length.
  returned: with O(state=fetched) and O(state=sent), not in check mode
  type: int
"""
