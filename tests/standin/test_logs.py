"""Log files: rotation by size into compressed archives, full disks, and cleanup.sh in the image."""

import gzip
import logging
import subprocess
from pathlib import Path

import pytest

from standin.common.logs import Archiver
from tests.standin.cluster import docker
from tests.support.waiting import wait_for

IMAGE = "docker.whatsapp.biz/coreapp:v2.57.2"
ARCHIVES = "/var/log/whatsapp/archive"


def logger_to(handler: logging.Handler) -> logging.Logger:
    """A logger of its own with this handler only."""
    logger = logging.Logger("test")
    logger.addHandler(handler)
    return logger


@pytest.mark.parametrize(("keep", "left"), [(3, 3), (None, 9)])
def test_rotation(tmp_path: Path, keep: int | None, left: int) -> None:
    """Full files become archives, nothing is lost unless only so many are kept."""
    handler = Archiver(tmp_path / "web.log", 1000, keep, tmp_path / "archive")
    logger = logger_to(handler)
    lines = [f"{number:099d}" for number in range(90)]
    for line in lines:
        logger.info(line)
    handler.close()
    archives = sorted((tmp_path / "archive").iterdir())
    assert len(archives) == left
    found = "".join(gzip.decompress(path.read_bytes()).decode() for path in archives)
    found += (tmp_path / "web.log").read_text()
    assert found.split() == (lines if keep is None else lines[-len(found.split()) :])


def test_archive_cannot_be_written(tmp_path: Path) -> None:
    """The lines go on into the full file."""
    (tmp_path / "archive").touch()
    handler = Archiver(tmp_path / "web.log", 500, None, tmp_path / "archive")
    logger = logger_to(handler)
    for number in range(20):
        logger.info("%099d", number)
    handler.close()
    assert len((tmp_path / "web.log").read_text().splitlines()) == 20


def test_full_disk(capfd: pytest.CaptureFixture[str]) -> None:
    """Lines are lost, the process goes on and says nothing about each of them."""
    handler = Archiver(Path("/dev/full"), 0, None)
    logger_to(handler).info("lost")
    handler.flush = lambda: None  # type: ignore[method-assign]
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.docker
def test_full_disk_in_the_image() -> None:
    """A node with a full log disk and a media directory of another owner runs on and says what is wrong."""
    logs = "/usr/local/waent/logs"
    script = f"head -c 64k /dev/zero > {logs}/fill; exec /opt/whatsapp/bin/launch_within_docker.sh"
    env = {"WA_DB_ENGINE": "MYSQL", "WA_DB_HOSTNAME": "127.0.0.1", "WA_DB_USERNAME": "u", "STANDIN_TIME_SCALE": "50"}
    variables = [part for name, value in env.items() for part in ("-e", f"{name}={value}")]
    places = ["--tmpfs", f"{logs}:size=16k", "--tmpfs", "/usr/local/wamedia:uid=1234"]
    container = docker("run", "-d", *places, *variables, IMAGE, "/bin/sh", "-c", script)
    try:
        wait_for("some tries", lambda: docker("logs", container).count("Failed to initialize") > 3, 20)
        assert docker("inspect", "-f", "{{.State.Running}}", container) == "true"
        output = docker("logs", container)
        assert "/usr/local/wamedia does not belong to root" in output
        assert "Traceback" not in output
    finally:
        docker("rm", "-f", container)


@pytest.mark.docker
def test_cleanup_in_the_image() -> None:
    """cleanup.sh keeps the newest thirty of each file and leaves a line in a log and in the container's output."""
    script = f"""
        for n in $(seq 10 45); do touch -d "2026-01-01 00:$n" {ARCHIVES}/wa-service.INFO.20260101-00$n-1.gz; done
        touch {ARCHIVES}/web.log.20260101-0000-1.gz
        /opt/whatsapp/bin/cleanup.sh
        ls {ARCHIVES} | wc -l; ls {ARCHIVES} | head -1; cat /var/log/whatsapp/cleanup.log
    """
    done = subprocess.run(
        ["docker", "run", "--rm", IMAGE, "/bin/sh", "-c", script], capture_output=True, text=True, check=True
    )
    output = done.stdout
    assert output.count("old archives removed: 6") == 2
    assert "\n31\nwa-service.INFO.20260101-0016-1.gz\n" in output
