"""Which declared variables have a test that reads their effect back: the marks `proves`, as pytest collects them.

This file is also the plugin by which a collecting pytest process writes them down.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.paths import ROOT

MARK = "proves"
_FILE = "WABIZ_PROOFS"
# Tests with one of these markers run something real; all others compute.
_REAL = ("docker", "lab")


class Proof(NamedTuple):
    """A test, a variable that it says to prove, and whether it runs on an engine or on the lab."""

    test: str
    variable: str
    real: bool


def collected(directory: Path = ROOT, *arguments: str) -> list[Proof]:
    """Return what the tests and the drills say to prove. CalledProcessError if they cannot be collected."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "proofs.json"
        subprocess.run(
            [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", __name__, *arguments],
            cwd=directory,
            env={**os.environ, _FILE: str(file), "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "collections")])},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        return [Proof(*row) for row in json.loads(file.read_text(encoding="utf-8"))]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Write the marks of the selected tests into the file that the environment names."""
    if _FILE not in os.environ:
        return
    rows = [
        Proof(item.nodeid, variable, any(item.get_closest_marker(name) for name in _REAL))
        for item in session.items
        for mark in item.iter_markers(MARK)
        for variable in mark.args
    ]
    Path(os.environ[_FILE]).write_text(json.dumps(rows), encoding="utf-8")


def unproved(variables: Iterable[str], proofs: Iterable[Proof]) -> list[str]:
    """Return the variables that no test proves on something real."""
    return sorted(set(variables) - {proof.variable for proof in proofs if proof.real})


def mistaken(variables: Iterable[str], proofs: Iterable[Proof]) -> Mapping[str, str]:
    """Return by test what is wrong with its mark."""
    known = set(variables)
    return {
        proof.test: f"{proof.variable} is no declared variable" if proof.variable not in known else "runs nothing real"
        for proof in proofs
        if proof.variable not in known or not proof.real
    }
