"""Images are judged before a container is started, and a login that a killed run has left does not stay."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.hosts import on, shell
from tests.lab.operation import holder
from tests.lab.play import play
from tests.support.variables import LAB_VARIABLES

pytestmark = pytest.mark.usefixtures("cluster_at_first")

CORE = f"registry.lab.test:5000/coreapp:v{LAB_VARIABLES['wabiz_version']}"
OTHER = f"sha256:{'0' * 64}"
LOGIN = "/run/wabiz-wabiz-login"


@pytest.mark.parametrize(
    "verb", ["site", *(pytest.param(verb, marks=pytest.mark.drill) for verb in ("preflight", "multiconnect"))]
)
def test_an_image_that_is_not_the_pinned_one_is_refused(verb: str) -> None:
    done = play(verb, extra_vars={"wabiz_image_ids": {"coreapp": OTHER}}).failed()
    reason = "\n".join(row["msg"] for row in done.failures)
    assert f"image {CORE} is another one than is pinned" in reason and "000000000000 is pinned" in reason
    assert done.changed == set()
    assert holder() == ""


@pytest.mark.drill
def test_the_image_of_the_databases_server_is_judged_too() -> None:
    done = play("preflight", extra_vars={"wabiz_image_ids": {"database": OTHER}}).failed()
    assert "db1: image " in "\n".join(row["msg"] for row in done.failures)


@pytest.mark.proves("wabiz_image_ids")
def test_the_pinned_image_is_accepted() -> None:
    identity = on("core1", "docker", "image", "inspect", "--format={{.Id}}", CORE)
    done = play("preflight", extra_vars={"wabiz_image_ids": {"coreapp": identity}}).succeeded()
    assert "than is pinned" not in done.output


@pytest.fixture
def left() -> Iterator[None]:
    """What a run leaves that is killed while it pulls on a host."""
    shell("core1", f"mkdir -m 0700 {LOGIN} && echo '{{}}' > {LOGIN}/config.json")
    yield
    shell("core1", f"rm -rf {LOGIN}")


@pytest.mark.drill
def test_the_next_run_removes_a_login_that_was_left(left: None) -> None:
    done = play("site").succeeded()
    assert "a run that ended early left the login of the registry" in done.stdout
    assert shell("core1", f"test ! -e {LOGIN} && echo gone") == "gone"
    assert "ended early" not in play("site").succeeded().stdout
