"""Who imports whom in the stand-in: no circle, neither of files nor of rooms."""

import ast
from collections.abc import Callable, Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLACE = ROOT / "standin"
Graph = dict[str, set[str]]


def name_of(path: Path) -> str:
    """A file as imports name it."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


FILES = {name_of(path): path for path in PLACE.rglob("*.py")}


def imports(path: Path) -> Iterator[str]:
    """What a file imports, also within functions and for types only."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module and not node.level, f"{path}: a relative import"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in FILES else node.module


def by_file(name: str) -> str:
    """The file itself."""
    return name


def by_room(name: str) -> str:
    """The directory that a file of the node is sorted into; elsewhere, and at the node's top, the file itself."""
    parts = name.split(".")
    return ".".join(parts[:3]) if parts[:2] == ["standin", "node"] else name


def by_image(name: str) -> str:
    """The part of the stand-in: common, store, node, web, gateway."""
    return ".".join(name.split(".")[:2])


def graph(group: Callable[[str], str]) -> Graph:
    """Each group with the others that it imports from."""
    found: Graph = {}
    for name, path in FILES.items():
        used = {group(other) for other in imports(path) if other in FILES and other != name}
        found.setdefault(group(name), set()).update(used - {group(name)})
    return found


@pytest.mark.parametrize("group", [by_file, by_room, by_image])
def test_no_circle(group: Callable[[str], str]) -> None:
    TopologicalSorter(graph(group)).prepare()  # raises CycleError, which names it


def test_the_graph_is_not_empty() -> None:
    """What is looked at is what is there."""
    files, rooms = graph(by_file), graph(by_room)
    assert "standin.store.leases" in files["standin.node.shard.owner"]
    assert "standin.store.seed" in files["standin.gateway.standinctl"], "within a function"
    assert {f"standin.node.{room}" for room in ("api", "account", "base", "master", "settings", "shard")} <= set(rooms)
    assert "standin.node.base" in rooms["standin.node.shard"]
