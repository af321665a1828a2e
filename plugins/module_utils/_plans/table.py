# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A table as text, for status pages and plans."""

from __future__ import annotations

import typing as t


def render(columns: t.Sequence[str], rows: t.Sequence[t.Mapping[str, t.Any]]) -> list[str]:
    """Lines of a table: a heading, then a line for each row; columns are as wide as their widest cell."""
    cells = [[column.upper() for column in columns]]
    cells += [["-" if row.get(column) in (None, "") else str(row[column]) for column in columns] for row in rows]
    widths = [max(len(line[index]) for line in cells) for index in range(len(columns))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in cells]
