# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each webapp by itself: whether it serves requests that need its database, and until when its certificate is valid.

C(GET /) is answered with 200 by a webapp that has lost its database, so it says little.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

from ansible_collections.wabiz.onprem.plugins.module_utils._api.api_module import ApiModule
from ansible_collections.wabiz.onprem.plugins.module_utils._api.client import Request
from ansible_collections.wabiz.onprem.plugins.module_utils._api.connection import presented_certificate
from ansible_collections.wabiz.onprem.plugins.module_utils._api.errors import ApiError, ClientError
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.der import not_after

INTERNAL_ERROR = 1014
# A webapp that needs longer for one small request counts as not serving.
LONGEST_SECONDS = 10.0
_AT_ONCE = 8

Question = tuple[Request, "str | None"]


def each_webapp(module: ApiModule, login: bool) -> list[dict[str, Any]]:
    """What each endpoint answers, in their order; C(login) says whether an account may be used. Raises ClientError
    for options that cannot be used."""
    question = _question(module, login)
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        return list(pool.map(lambda endpoint: _webapp(module, endpoint, question), module.params["endpoints"]))


def _question(module: ApiModule, login: bool) -> Question:
    """A request that the webapp answers from its database: the caller's own account, or with the API key the health.

    Where neither is given only C(GET /) is left.
    """
    given = module.params
    # Nodes that do not answer make the health slow, so the account is asked for where that is possible.
    request = Request("GET", f"/v1/users/{quote(given['username'] or 'admin', safe='')}")
    try:
        if login and (given["token"] or given["password"]):
            return request, module.session.authorization(request.path)
    except ClientError:
        # Why it failed is said by the other parts; each webapp is judged all the same.
        pass
    if given["api_key"]:
        return Request("GET", "/v1/health"), f"Apikey {given['api_key']}"
    return Request("GET", "/", json_expected=False), None


def _webapp(module: ApiModule, endpoint: str, question: Question) -> dict[str, Any]:
    timeout = min(LONGEST_SECONDS, module.params["timeout"])
    client = module.alone(endpoint)
    try:
        client.ask(*question, patient=False, timeout=timeout)
        error = ""
    except ClientError as failure:
        error = str(failure) if webapp_fails(failure) else ""
    finally:
        client.close()
    der = presented_certificate(endpoint, module.params["server_hostname"], timeout)
    return {"endpoint": endpoint, "ok": not error, "error": error, "certificate_until": not_after(der or b"")}


def webapp_fails(error: ClientError) -> bool:
    """Whether an error is the webapp's own trouble; what it says of the cluster or of the caller is an answer."""
    if isinstance(error, ApiError):
        return error.status >= 500 or INTERNAL_ERROR in error.codes
    return True
