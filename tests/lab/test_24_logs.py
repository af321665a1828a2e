"""The logs of the cluster in one archive: what is in it, what is not, and that a failed run takes one by itself."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.lab.hosts import HOSTS, UNUSED_ADDRESS, containers, everywhere, on, shell
from tests.lab.inventories import Groups, variant
from tests.lab.play import play
from tests.support.canary import Canaries
from tests.support.playbook import PlaybookRun
from tests.support.runner import run_with_runner


def collected(directory: Path) -> Path:
    """The only archive that is there, unpacked; the directory in it."""
    (archive,) = directory.glob("wabiz-logs-*.tar.gz")
    assert archive.stat().st_mode & 0o777 == 0o600
    # Debian 12's Python has no filters for archives yet.
    subprocess.run(["tar", "--extract", "--file", archive, "--directory", directory], check=True)
    return directory / archive.name.removesuffix(".tar.gz")


@dataclass(frozen=True)
class Collected:
    """The logs of the whole cluster, one container of which has written a secret into its log."""

    run: PlaybookRun
    directory: Path
    before: dict[str, str]
    after: dict[str, str]


@pytest.fixture(scope="module")
def whole(cluster_at_first: None, tmp_path_factory: pytest.TempPathFactory) -> Collected:
    directory = tmp_path_factory.mktemp("whole")
    shell("core1", "docker exec wabiz-coreapp-1 sh -c 'echo login with $WA_DB_PASSWORD failed > /proc/1/fd/1'")
    before = everywhere("ls /var/lib")
    run = play("collect_logs", extra_vars={"wabiz_logs_directory": str(directory)}).succeeded()
    return Collected(run, collected(directory), before, everywhere("ls /var/lib"))


@pytest.mark.proves("wabiz_logs_directory")
def test_the_whole_cluster(whole: Collected) -> None:
    assert "before compression, at most 50 MB of each host" in whole.run.output
    found = whole.directory
    index = (found / "index.html").read_text(encoding="utf-8")
    for host in HOSTS:
        for name in containers(host, "label=org.wabiz.cluster=wabiz"):
            service = name.removeprefix("wabiz-").rpartition("-")[0] or "database"
            assert f"==> {name} <==" in (found / host / "debug_output.txt").read_text(encoding="utf-8"), name
            assert (found / host / service / f"{name}.json").exists(), name
        assert f"{host}/system.txt" in index
    assert '"gateway_status": "connected"' in (found / "cluster/api.json").read_text(encoding="utf-8")
    assert list((found / "core1/coreapp").glob("*/usr/local/waent/logs/*"))
    # Nothing is left on the hosts.
    assert whole.after == whole.before


def test_no_secret_is_in_it(whole: Collected) -> None:
    """Those of the running cluster, which play() knows; and what a container writes into its log."""
    secret = on("core1", "docker", "exec", "wabiz-coreapp-1", "printenv", "WA_DB_PASSWORD")
    text = (whole.directory / "core1/debug_output.txt").read_text(encoding="utf-8")
    assert "login with ******** failed" in text
    files = [path for path in whole.directory.rglob("*") if path.is_file()]
    everything = "".join(path.read_text(encoding="utf-8", errors="replace") for path in files)
    assert secret not in everything
    assert Canaries([]).leaks_below(whole.directory) == []


@pytest.mark.drill
@pytest.mark.proves("wabiz_logs_services", "wabiz_logs_since", "wabiz_logs_limit_mb")
def test_less_of_it(cluster: None, tmp_path: Path) -> None:
    """As an AWX survey sends it: one service, of one host, of the last moments, and not much of that."""
    shell("core1", "docker exec wabiz-coreapp-1 sh -c 'yes a long line of a log | head -c 3000000 > /proc/1/fd/1'")
    given = {"wabiz_logs_directory": str(tmp_path), "wabiz_logs_services": "coreapp", "wabiz_logs_limit_mb": "1"}
    play("collect_logs", "--limit=core1", extra_vars=given).succeeded()
    found = collected(tmp_path)
    assert {path.name for path in found.iterdir()} == {"core1", "cluster", "index.html"}
    assert {path.name for path in (found / "core1").iterdir() if path.is_dir()} <= {"coreapp", "files"}
    assert sum(path.stat().st_size for path in (found / "core1/coreapp").rglob("*.txt")) < 1_100_000
    assert "Only the end, or nothing, of: coreapp/wabiz-coreapp-1.log" in (found / "index.html").read_text("utf-8")
    later = tmp_path / "later"
    moment = on("core1", "date", "--utc", "+%Y-%m-%dT%H:%M:%SZ")
    given |= {"wabiz_logs_directory": str(later), "wabiz_logs_since": moment}
    play("collect_logs", "--limit=core1", extra_vars=given).succeeded()
    assert not [path for path in collected(later).rglob("*.txt") if "a long line" in path.read_text(encoding="utf-8")]


def test_check_mode_only_tells_the_size(cluster: None, tmp_path: Path) -> None:
    run = play("collect_logs", "--check", extra_vars={"wabiz_logs_directory": str(tmp_path / "new")}).succeeded()
    assert "before compression" in run.output
    assert not (tmp_path / "new").exists()
    assert run.changed == set()


@pytest.mark.drill
@pytest.mark.proves("wabiz_logs_host", "wabiz_logs_keep")
def test_from_an_execution_environment(cluster: None) -> None:
    """Whose files are gone with it: a host keeps the archives, the newest two of them."""
    place = "/var/tmp/kept-logs"
    given: dict[str, Any] = {"wabiz_logs_directory": place, "wabiz_logs_host": "db1", "wabiz_logs_keep": "2"}
    names = []
    try:
        for number in range(3):
            run_with_runner("playbooks/collect_logs.yml", f"logs-{number}", {**given, "wabiz_logs_services": "webapp"})
            names.append(shell("db1", f"ls {place}").split()[-1])
        assert shell("db1", f"ls {place}").split() == names[1:]
        assert on("db1", "stat", "--format=%a", f"{place}/{names[-1]}") == "600"
    finally:
        shell("db1", f"rm -rf {place}")


@pytest.mark.drill
def test_a_host_that_is_down_is_told(cluster: None, tmp_path: Path) -> None:
    def change(groups: Groups) -> None:
        groups["coreapp"]["hosts"]["core3"] = {"ansible_host": UNUSED_ADDRESS}

    play("collect_logs", inventory=variant("down", change), extra_vars={"wabiz_logs_directory": str(tmp_path)})
    found = collected(tmp_path)
    assert not (found / "core3").exists()
    assert "nothing is collected" in (found / "index.html").read_text(encoding="utf-8")


@pytest.mark.drill
@pytest.mark.proves("wabiz_logs_on_failure")
@pytest.mark.parametrize("wanted", [True, False])
def test_a_failed_run_takes_them_by_itself(cluster: None, tmp_path: Path, wanted: bool) -> None:
    """A coreapp that never answers, because of its command."""
    broken = {"wabiz_coreapp_container_options": {"command": ["sleep", "600"]}, "wabiz_ready_timeout": 20}
    given = {"wabiz_logs_directory": str(tmp_path), "wabiz_logs_on_failure": wanted}
    try:
        run = play("site", extra_vars={**broken, **given}).failed()
        assert ("The logs are in " in run.output) is wanted
        if wanted:
            found = collected(tmp_path)
            assert "site.yml failed: " in (found / "index.html").read_text(encoding="utf-8")
            assert (found / "cluster/plan.json").stat().st_size > 3
    finally:
        play("site").succeeded()
