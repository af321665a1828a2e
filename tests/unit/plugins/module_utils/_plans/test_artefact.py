# SPDX-License-Identifier: GPL-3.0-or-later
"""An artefact is small, and holds nothing that the output does not show."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._plans.artefact import LIMIT, artefact
from hypothesis import given
from hypothesis import strategies as st

RESULT: dict[str, Any] = {
    "changed": False,
    "failed": False,
    "cluster": "wabiz",
    "state": "OK",
    "line": "WABIZ OK",
    "text": ["one", "two"],
    "refusals": [],
    "steps": [{"environment": {"WA_API_KEY": "canary"}}],
    "sql": {"end": ["ALTER USER x IDENTIFIED BY 'canary'"]},
}


def test_only_what_is_shown_is_kept() -> None:
    kept = artefact(RESULT)
    assert kept == {key: RESULT[key] for key in ("cluster", "state", "line", "refusals", "text")}
    assert "canary" not in str(kept)
    assert artefact({"text": ["a"], "steps": []}) == {"text": ["a"]}


def test_a_long_plan_is_cut_between_lines() -> None:
    lines = [f"{number:4} core{number} replace" for number in range(2000)]
    text = artefact({"text": lines})["text"]
    assert text[:-1] == lines[: len(text) - 1] and len(text) > 100
    assert text[-1] == "The rest is in the job's output."


@given(st.lists(st.text()), st.lists(st.text()), st.text())
def test_it_is_never_larger_than_the_limit(text: list[str], refusals: list[str], word: str) -> None:
    long = {"text": text * 200, "refusals": refusals * 200, "line": word * 200, "cluster": word, "state": word * 90}
    assert len(json.dumps(artefact(long))) <= LIMIT
