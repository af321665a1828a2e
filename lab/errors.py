# SPDX-License-Identifier: GPL-3.0-or-later
"""The one error that ends a verb with a message instead of a traceback."""

from __future__ import annotations


class LabError(Exception):
    """Something the user can act on; its text says what is wrong and what helps."""
