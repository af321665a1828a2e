# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The index page of collected logs. No I/O."""

from __future__ import annotations

import html
import typing as t
from urllib.parse import quote

# Path and bytes of each file, by heading.
Files = t.Mapping[str, t.Sequence[tuple[str, int]]]
Lines = t.Mapping[str, t.Sequence[str]]

_STYLE = "body{font:14px sans-serif;margin:2em}table{border-collapse:collapse}td,th{padding:2px 12px;text-align:left}"


def page(title: str, about: t.Sequence[str], sections: Files, notes: Lines) -> str:
    """HTML with C(about) at its top; C(sections) and C(notes), what is missing there and why, by heading."""
    body = [f"<h1>{html.escape(title)}</h1>", "<p>", "<br>\n".join(map(html.escape, about)), "</p>"]
    headings = list(dict.fromkeys([*sections, *notes]))
    links = (f'<a href="#{quote(heading)}">{html.escape(heading)}</a>' for heading in headings)
    body += ["<p>", "\n".join(links), "</p>"]
    for heading in headings:
        body.append(f'<h2 id="{html.escape(quote(heading))}">{html.escape(heading)}</h2>')
        body += _list(notes.get(heading) or ())
        body += _table(sections.get(heading) or ())
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title><style>{_STYLE}</style>'
    return "\n".join(["<!DOCTYPE html>", f'<html lang="en"><head>{head}</head><body>', *body, "</body></html>", ""])


def _list(lines: t.Sequence[str]) -> list[str]:
    return ["<ul>", *(f"<li>{html.escape(line)}</li>" for line in lines), "</ul>"] if lines else []


def _table(files: t.Sequence[tuple[str, int]]) -> list[str]:
    if not files:
        return []
    rows = [
        f'<tr><td><a href="{html.escape(quote(path))}">{html.escape(path)}</a></td><td>{size}</td></tr>'
        for path, size in files
    ]
    return ["<table><tr><th>file</th><th>bytes</th></tr>", *rows, "</table>"]
