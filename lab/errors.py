# SPDX-License-Identifier: GPL-3.0-or-later
"""The one error that ends a verb with a message instead of a traceback."""

from __future__ import annotations


class LabError(Exception):
    """An error that the user can fix; its text has the problem and the remedy."""
