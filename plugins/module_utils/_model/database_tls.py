# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files by which a client's container verifies the database server, and shows who it is. No I/O."""

from __future__ import annotations

import typing as t

# By the client's variable: the setting that names the file on the host, and where it is mounted. The vendor's templates
# have /opt/certs, but that may be a directory of the site, in which Docker cannot mount a file.
PLACES = {
    "WA_DB_SSL_CA": ("database_tls_ca", "/opt/database-tls/ca.pem"),
    "WA_DB_SSL_CERT": ("database_tls_certificate", "/opt/database-tls/cert.pem"),
    "WA_DB_SSL_KEY": ("database_tls_key", "/opt/database-tls/key.pem"),
}


def own_authority(settings: t.Mapping[str, t.Any]) -> str:
    """Path of the CA certificate that role database made, as each host of a node keeps it."""
    return f"{settings['directory']}/database-ca.pem"


def files(settings: t.Mapping[str, t.Any]) -> dict[str, str]:
    """The host's files by the client's variable; none without TLS, and the role's own CA where no other is given."""
    if not settings.get("database_tls"):
        return {}
    found = {variable: settings.get(key) for variable, (key, _place) in PLACES.items()}
    found["WA_DB_SSL_CA"] = found["WA_DB_SSL_CA"] or own_authority(settings)
    return {variable: str(path) for variable, path in found.items() if path}


def environment(settings: t.Mapping[str, t.Any]) -> dict[str, str]:
    """What the client is told: paths in its container."""
    return {variable: PLACES[variable][1] for variable in files(settings)}


def volumes(settings: t.Mapping[str, t.Any]) -> list[str]:
    """The files as volumes, in the form of docker run."""
    return [f"{path}:{PLACES[variable][1]}:ro" for variable, path in files(settings).items()]
