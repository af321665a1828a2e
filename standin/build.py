"""Builds the stand-in's images into the local engine: `python3 -m standin.build`, from the repository's root.

An image carries a digest of what it was made from and is left alone while that, and its remaining time, are good.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
PARTS = ("common", "store", "node", "web", "gateway")
VERSIONS = ("2.53.3", "2.55.1", "2.57.2")
COMPONENTS = ("web", "coreapp")
BASE = "debian:12-slim"
RUNTIME, CLIENT, GATEWAY = "standin/runtime:latest", "standin/client:latest", "standin/gateway:latest"
DIGEST = "standin.digest"
PUBLIC_DAYS, BETA_DAYS = 180, 45
RENEW_DAYS = 30


class BuildProblem(Exception):
    """An image cannot be built; the text says why."""


def docker(*arguments: str) -> str:
    """Output of a docker command; raises BuildProblem."""
    environment = os.environ | {"DOCKER_BUILDKIT": "0"}
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise BuildProblem(f"docker {arguments[0]}: {(done.stdout + done.stderr)[-2000:]}")
    return done.stdout


def existing(images: list[str]) -> dict[str, tuple[str, str]]:
    """Digest and expiry of those images that are there."""
    listed = docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").split()
    found = {}
    for image in sorted(set(images) & set(listed)):
        labels = json.loads(docker("image", "inspect", "--format", "{{json .Config.Labels}}", image)) or {}
        found[image] = (labels.get(DIGEST, ""), labels.get("EXPIRES_ON", ""))
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

    def __init__(self, wanted: list[str]) -> None:
        self._found = existing(wanted)
        self._today = datetime.now(UTC)
        self.built = False

    def _good(self, image: str, mark: str) -> bool:
        has, until = self._found.get(image, ("", ""))
        fresh = not until or until >= (self._today + timedelta(days=RENEW_DAYS)).strftime("%Y-%m-%d")
        return has == mark and fresh

    def build(self, image: str, mark: str, dockerfile: str, context: list[Path], **arguments: str) -> None:
        """Builds one image unless it is there with this digest; raises BuildProblem."""
        if self._good(image, mark):
            print(f"{image}: up to date")
            return
        with tempfile.TemporaryDirectory() as place:
            shutil.copy(HERE / "images" / dockerfile, Path(place) / "Dockerfile")
            for path in context:
                inside = path.is_relative_to(HERE)
                target = Path(place) / (path.relative_to(HERE) if inside else path.name)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target)
            options = [f"--build-arg={name}={value}" for name, value in arguments.items()]
            docker("build", "-q", "-t", image, f"--label={DIGEST}={mark}", *options, place)
        self.built = True
        print(f"{image}: built")

    def release(self, component: str, version: str, client_mark: str) -> None:
        """One version of one component; raises BuildProblem."""
        image = f"docker.whatsapp.biz/{component}:v{version}"
        mark = digest(client_mark, HERE / "images/release.Dockerfile", component, version)
        until = expiry(version, self._today)
        with tempfile.TemporaryDirectory() as place:
            release = Path(place) / "release.json"
            release.write_text(json.dumps({"component": component, "version": version, "expires_on": until}))
            self.build(image, mark, "release.Dockerfile", [release], CLIENT=CLIENT, EXPIRES_ON=until)


def main() -> int:
    """Builds all; 1 with the reason when that fails."""
    releases = [(component, version) for version in VERSIONS for component in COMPONENTS]
    try:
        base = docker("image", "inspect", "--format", "{{.Id}}", BASE)
        names = [f"docker.whatsapp.biz/{component}:v{version}" for component, version in releases]
        builder = Builder([RUNTIME, CLIENT, GATEWAY, *names])
        runtime_mark = digest(base, HERE / "images/runtime.Dockerfile")
        builder.build(RUNTIME, runtime_mark, "runtime.Dockerfile", [])
        client_mark = digest(runtime_mark, *sources())
        builder.build(CLIENT, client_mark, "client.Dockerfile", sources(), RUNTIME=RUNTIME)
        gateway_mark = digest(client_mark, HERE / "images/gateway.Dockerfile")
        builder.build(GATEWAY, gateway_mark, "gateway.Dockerfile", [], CLIENT=CLIENT)
        for component, version in releases:
            builder.release(component, version, client_mark)
        if builder.built:  # what the new images replaced
            docker("image", "prune", "-f", "--filter", f"label={DIGEST}")
    except BuildProblem as problem:
        print(f"standin.build: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
