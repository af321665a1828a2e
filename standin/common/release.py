"""Which release of the client an image is: written into it by the build."""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

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


def load_release() -> Release:
    """The release of this image; raises OSError or ValueError when the file is missing or bad."""
    path = Path(os.environ.get("STANDIN_RELEASE_FILE") or RELEASE_FILE)
    return Release(**json.loads(path.read_text(encoding="utf-8")))
