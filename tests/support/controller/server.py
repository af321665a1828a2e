"""The stand-in's HTTP: on the loopback interface, without TLS."""

from __future__ import annotations

import base64
import itertools
import json
import re
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.support.controller.kinds import COLLECTIONS, UNIFIED
from tests.support.controller.refused import Refused
from tests.support.controller.store import NOT_FOUND, ROOT, Object, Store

VERSION = "24.6.1"
USER, PASSWORD = "admin", "Canary-controller-1"
_PATH = re.compile(rf"{ROOT}(?P<collection>[a-z_]+)/(?:(?P<one>[^/]+)/(?:(?P<part>[a-z_]+)/)?)?")
# What AWX's list takes besides fields.
_PAGES = {"page", "page_size", "order_by"}
Answer = tuple[int, Any]


@dataclass(frozen=True)
class Request:
    """A request as it came, and the status of its answer."""

    method: str
    path: str
    data: Any
    status: int


class Controller:
    """Listens as long as it is entered. ``playbooks``, if given, are the only ones that a project has."""

    def __init__(self, playbooks: Collection[str] | None = None) -> None:
        self.store = Store(playbooks)
        self.requests: list[Request] = []
        self._tokens = itertools.count(1)
        self._valid: dict[str, int] = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def environment(self) -> dict[str, str]:
        """The environment with which the modules of awx.awx reach it."""
        return {
            "CONTROLLER_HOST": f"http://127.0.0.1:{self._server.server_port}",
            "CONTROLLER_USERNAME": USER,
            "CONTROLLER_PASSWORD": PASSWORD,
            "NO_PROXY": "127.0.0.1",
        }

    @property
    def changes(self) -> list[Request]:
        """The requests that were to change an object, in order."""
        return [one for one in self.requests if one.method != "GET" and not one.path.startswith(f"{ROOT}tokens/")]

    @property
    def open_tokens(self) -> int:
        """How many tokens were given out and not returned."""
        return len(self._valid)

    def objects(self, collection: str) -> dict[str, Object]:
        """All objects of a type as they are shown, by name or identifier."""
        return {str(one.get("name") or one.get("identifier")): one for one in self.store.find(collection, {})}

    def answer(self, method: str, target: str, data: Any, authorization: str) -> Answer:
        """Answer one request, and note it."""
        url = urlsplit(target)
        with self._lock:
            try:
                status, body = self._answer(method, url.path, dict(parse_qsl(url.query)), data, authorization)
            except Refused as refused:
                status, body = refused.status, refused.body
            self.requests.append(Request(method, url.path, data, status))
        return status, body

    def _answer(self, method: str, path: str, query: Mapping[str, str], data: Any, authorization: str) -> Answer:
        if path == "/api/":
            return 200, {"current_version": ROOT, "available_versions": {"v2": ROOT}}
        match = _PATH.fullmatch(path)
        if match is None:
            raise NOT_FOUND
        collection, one, part = match["collection"], unquote(match["one"] or ""), match["part"]
        if collection == "ping":
            return 200, {"ha": False, "version": VERSION, "active_node": "stand-in"}
        if collection == "tokens":
            return self._token(method, one, authorization)
        self._refuse_stranger(authorization)
        if collection == "config":
            return 200, {"version": VERSION, "license_info": {"license_type": "open"}}
        if collection not in COLLECTIONS and collection != UNIFIED:
            raise NOT_FOUND
        if not one:
            return self._collection(method, collection, query, data)
        number = self.store.named(collection, one)["id"]
        return (
            self._part(method, collection, number, part, data) if part else self._one(method, collection, number, data)
        )

    def _collection(self, method: str, collection: str, query: Mapping[str, str], data: Any) -> Answer:
        if method == "GET":
            wanted = {key: value for key, value in query.items() if key not in _PAGES}
            return 200, _listed(self.store.find(collection, wanted))
        if method != "POST" or collection in (UNIFIED, "workflow_approval_templates", "project_updates"):
            raise _not_allowed(method)
        made = self.store.create(collection, data)
        if collection == "projects" and made["scm_type"]:
            update = self.store.update_project(made["id"])
            return 201, self.store.shown(collection, made) | {
                "summary_fields": {"current_update": {"id": update["id"]}}
            }
        return 201, self.store.shown(collection, made)

    def _one(self, method: str, collection: str, number: int, data: Any) -> Answer:
        if method == "GET":
            return 200, self.store.shown(collection, self.store.get(collection, number))
        if method == "PATCH":
            return 200, self.store.shown(collection, self.store.change(collection, number, data))
        if method == "DELETE":
            self.store.remove(collection, number)
            return 204, None
        raise _not_allowed(method)

    def _part(self, method: str, collection: str, number: int, part: str, data: Any) -> Answer:
        if part == "survey_spec" and COLLECTIONS[collection].surveyed:
            return self._survey(method, collection, number, data)
        if (method, collection, part) == ("POST", "workflow_job_template_nodes", "create_approval_template"):
            made = self.store.approve_at(number, data)
            return 201, self.store.shown("workflow_approval_templates", made)
        if (method, collection, part) == ("POST", "projects", "update"):
            return 202, self.store.shown("project_updates", self.store.update_project(number))
        if method == "GET":
            return 200, _listed(self.store.part(collection, number, part))
        if method != "POST":
            raise _not_allowed(method)
        act = self.store.dissociate if data.get("disassociate") else self.store.associate
        act(collection, number, part, data["id"])
        return 204, None

    def _survey(self, method: str, collection: str, number: int, data: Any) -> Answer:
        if method == "POST":
            self.store.set_survey(collection, number, data)
        elif method == "DELETE":
            self.store.remove_survey(collection, number)
        return 200, self.store.survey(collection, number)

    def _token(self, method: str, one: str, authorization: str) -> Answer:
        expected = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if authorization != f"Basic {expected}":
            raise _unauthorized()
        if method == "DELETE":
            self._valid = {token: number for token, number in self._valid.items() if str(number) != one}
            return 204, None
        number = next(self._tokens)
        token = f"Canary-token-{number:06}"
        self._valid[token] = number
        return 201, {"id": number, "token": token}

    def _refuse_stranger(self, authorization: str) -> None:
        if authorization.removeprefix("Bearer ") not in self._valid:
            raise _unauthorized()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        controller = self

        class Handler(BaseHTTPRequestHandler):
            """Hands each request on."""

            protocol_version = "HTTP/1.1"

            def _do(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                data = json.loads(self.rfile.read(length)) if length else {}
                status, body = controller.answer(self.command, self.path, data, self.headers.get("Authorization", ""))
                content = b"" if body is None else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.send_header("X-API-Product-Name", "AWX")
                self.send_header("X-API-Product-Version", VERSION)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PATCH = do_DELETE = _do

            def log_message(self, *_: Any) -> None:
                """Stay silent."""

        return Handler


def _listed(found: list[Object]) -> dict[str, Any]:
    """A list on one page."""
    return {"count": len(found), "next": None, "previous": None, "results": found}


def _not_allowed(method: str) -> Refused:
    return Refused({"detail": f'Method "{method}" not allowed.'}, 405)


def _unauthorized() -> Refused:
    return Refused({"detail": "Authentication credentials were not provided."}, 401)
