# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The edition is another one as soon as a role or a plugin is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.wabiz.onprem.plugins.plugin_utils import edition as editions

Look = Callable[[], str]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("roles/node/tasks/main.yml", "plugins/modules/plan.py", "docs/upgrade.md"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(name)
    return tmp_path


@pytest.fixture
def edition(root: Path, monkeypatch: pytest.MonkeyPatch) -> Look:
    """The edition of a small collection, as a new process sees it."""
    monkeypatch.setattr(editions, "_ROOT", root)
    # Without what the process remembers.
    return editions.edition.__wrapped__


def test_the_edition_of_this_collection_is_one() -> None:
    assert editions.edition() == editions.edition.__wrapped__()
    assert len(editions.edition()) == 64


@pytest.mark.parametrize("name", ["roles/node/tasks/main.yml", "plugins/modules/plan.py"])
def test_another_content_is_another_edition(root: Path, edition: Look, name: str) -> None:
    before = edition()
    (root / name).write_text("other")
    assert edition() != before


def test_another_name_and_a_new_file_are_another_edition(root: Path, edition: Look) -> None:
    first = edition()
    (root / "plugins/modules/plan.py").rename(root / "plugins/modules/plans.py")
    second = edition()
    (root / "roles/node/empty").touch()
    assert len({first, second, edition()}) == 3


def test_what_changes_no_host_is_omitted(root: Path, edition: Look) -> None:
    before = edition()
    (root / "docs/upgrade.md").write_text("other")
    (root / "plugins/modules/__pycache__").mkdir()
    (root / "plugins/modules/__pycache__/plan.cpython-311.pyc").write_bytes(b"made")
    (root / "plugins/modules/plan.py").chmod(0o600)
    assert edition() == before
