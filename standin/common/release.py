"""Which release of the client an image is: written into it by the build."""

import json
import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from standin.common.faults import wall_time

# Overrides the image's own expiry, to try an expired client.
EXPIRES_ON = "STANDIN_EXPIRES_ON"
RELEASE_FILE = Path("/opt/whatsapp/etc/release.json")


@dataclass(frozen=True)
class Release:
    """The component (web or coreapp), its version without `v`, and its expiry date (YYYY-MM-DD)."""

    component: str
    version: str
    expires_on: str

    @property
    def expire_timestamp(self) -> int:
        """The expiry as Unix seconds."""
        return int(datetime.strptime(self.expires_on, "%Y-%m-%d").replace(tzinfo=UTC).timestamp())

    @property
    def expired(self) -> bool:
        """The day has come; WhatsApp's servers do not talk to this version any more."""
        return wall_time() >= self.expire_timestamp


def load_release() -> Release:
    """The release of this image; raises OSError or ValueError when the file is missing or bad."""
    path = Path(os.environ.get("STANDIN_RELEASE_FILE") or RELEASE_FILE)
    release = Release(**json.loads(path.read_text(encoding="utf-8")))
    expires_on = os.environ.get(EXPIRES_ON)
    return replace(release, expires_on=expires_on) if expires_on else release
