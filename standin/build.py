"""Builds the stand-in's images into the local engine: `python3 -m standin.build`, from the repository's root.

An image carries a digest of what it was made from and is left alone while that, and its remaining time, are good.
"""

import hashlib
import json
import shutil
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from lab import base_image, proc
from lab.docker import build, docker, image_id, inspect
from lab.errors import LabError
from lab.progress import Report, say

HERE = Path(__file__).resolve().parent
PARTS = ("common", "store", "node", "web", "gateway")
VERSIONS = ("2.53.3", "2.55.1", "2.57.2")
COMPONENTS = ("web", "coreapp")
RUNTIME, CLIENT, GATEWAY = "standin/runtime:latest", "standin/client:latest", "standin/gateway:latest"
DIGEST = "standin.digest"
RELEASES = [(component, version) for version in VERSIONS for component in COMPONENTS]
PUBLIC_DAYS, BETA_DAYS = 180, 45
RENEW_DAYS = 30


def name(component: str, version: str) -> str:
    """The vendor's name of an image."""
    return f"docker.whatsapp.biz/{component}:v{version}"


NAMES = [RUNTIME, CLIENT, GATEWAY, *(name(component, version) for component, version in RELEASES)]


def existing(images: list[str]) -> dict[str, tuple[str, str]]:
    """Digest and expiry of those images that are there."""
    found: dict[str, tuple[str, str]] = {}
    for image in inspect("image", images):
        labels = image["Config"]["Labels"] or {}
        found |= {tag: (labels.get(DIGEST, ""), labels.get("EXPIRES_ON", "")) for tag in image["RepoTags"]}
    return found


def sources() -> list[Path]:
    """Every file that goes into the client's root file system."""
    inside = [path for part in PARTS for path in (HERE / part).rglob("*") if "__pycache__" not in path.parts]
    top = [HERE / "__init__.py", HERE / "errors.json", HERE / "images/client.Dockerfile"]
    return sorted(path for path in [*inside, *top, *(HERE / "images/bin").iterdir()] if path.is_file())


def digest(*parts: str | Path) -> str:
    """A digest over texts and files."""
    total = hashlib.sha256()
    for part in parts:
        name = str(part.relative_to(HERE)) if isinstance(part, Path) else ""
        data = part.read_bytes() if isinstance(part, Path) else part.encode()
        total.update(hashlib.sha256(name.encode() + b"\0" + data).digest())
    return total.hexdigest()


def expiry(version: str, today: datetime) -> str:
    """The vendor's policy: odd minor versions live 180 days, even ones (betas) 45."""
    days = PUBLIC_DAYS if int(version.split(".")[1]) % 2 else BETA_DAYS
    return (today + timedelta(days=days)).strftime("%Y-%m-%d")


class Builder:
    """Builds what is not up to date."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._found = existing(NAMES)
        self._today = datetime.now(UTC)
        self.built = False

    def _good(self, image: str, mark: str) -> bool:
        has, until = self._found.get(image, ("", ""))
        fresh = not until or until >= (self._today + timedelta(days=RENEW_DAYS)).strftime("%Y-%m-%d")
        return has == mark and fresh

    def build(self, image: str, mark: str, dockerfile: str, context: list[Path], **arguments: str) -> None:
        """Builds one image unless it is there with this digest; raises LabError."""
        if self._good(image, mark):
            self._report(f"{image}: up to date")
            return
        with tempfile.TemporaryDirectory() as place:
            shutil.copy(HERE / "images" / dockerfile, Path(place) / "Dockerfile")
            for path in context:
                inside = path.is_relative_to(HERE)
                target = Path(place) / (path.relative_to(HERE) if inside else path.name)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target)
            options = [f"--build-arg={name}={value}" for name, value in arguments.items()]
            build(image, Path(place), f"--label={DIGEST}={mark}", *options)
        self.built = True
        self._report(f"{image}: built")

    def release(self, component: str, version: str, client_mark: str) -> None:
        """One version of one component; raises LabError."""
        mark = digest(client_mark, HERE / "images/release.Dockerfile", component, version)
        until = expiry(version, self._today)
        with tempfile.TemporaryDirectory() as place:
            release = Path(place) / "release.json"
            release.write_text(json.dumps({"component": component, "version": version, "expires_on": until}))
            self.build(
                name(component, version), mark, "release.Dockerfile", [release], CLIENT=CLIENT, EXPIRES_ON=until
            )  # fmt: skip


def ensure(report: Report) -> None:
    """Builds all, what does not depend on each other at the same time; raises LabError."""
    base_image.ensure()
    builder = Builder(report)
    runtime_mark = digest(image_id(base_image.NAMES[base_image.SUITE]) or "", HERE / "images/runtime.Dockerfile")
    builder.build(RUNTIME, runtime_mark, "runtime.Dockerfile", [])
    client_mark = digest(runtime_mark, *sources())
    builder.build(CLIENT, client_mark, "client.Dockerfile", sources(), RUNTIME=RUNTIME)
    gateway_mark = digest(client_mark, HERE / "images/gateway.Dockerfile")
    proc.together(
        [
            partial(builder.build, GATEWAY, gateway_mark, "gateway.Dockerfile", [], CLIENT=CLIENT),
            *(partial(builder.release, component, version, client_mark) for component, version in RELEASES),
        ]
    )
    if builder.built:  # what the new images replaced
        docker("image", "prune", "-f", "--filter", f"label={DIGEST}")


def main() -> int:
    """Builds all; 1 with the reason when that fails."""
    try:
        ensure(say)
    except LabError as problem:
        print(f"standin.build: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
