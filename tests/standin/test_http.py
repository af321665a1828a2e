"""What every endpoint of the webapp does alike: slashes, methods, bodies, and what is no request at all."""

import logging
import socket
from collections.abc import Iterator

import pytest

from standin.web.__main__ import application
from tests.standin.small_cluster import Answer, SmallCluster, small_cluster

HEAD = b"Host: localhost\r\nConnection: close\r\n"
# What is sent, in parts, and the status that comes back.
UNREADABLE = [
    ([b"GET / HTTP/1.1\r\nHost localhost\r\n\r\n"], 400),
    ([b"nonsense\r\n\r\n"], 400),
    ([b"\x00\x01\x02\x03\r\n\r\n"], 400),
    ([b"GET / HTTP\r\n\r\n"], 400),
    ([b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + HEAD + b"\r\n"], 400),
    ([b"GET / HTTP/1.1\r\n" + HEAD + b"X: " + b"a" * 9000 + b"\r\n\r\n"], 400),
    ([b"GET / HTTP/1.1\r\n" + HEAD + b"Content-Length: many\r\n\r\n"], 400),
    ([b"POST /v1/users/login HTTP/1.1\r\n" + HEAD + b"Expect: a miracle\r\n\r\n"], 417),
]
LOGIN = b"Authorization: Basic YWRtaW46U3RhbmQtaW4tNDI=\r\n"
POST = b"POST /v1/users/login HTTP/1.1\r\n" + HEAD + LOGIN
BAD_BODIES = [
    [POST + b"Transfer-Encoding: chunked\r\n\r\n", b"none\r\nxx\r\n"],
    [POST + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\n", b"abc"],
]
WITH_BODY = [
    ("POST", "/v1/users"),
    ("PUT", "/v1/users/admin"),
    ("POST", "/v1/account"),
    ("POST", "/v1/account/verify"),
    ("POST", "/v1/account/shards"),
    ("POST", "/v1/settings/account/two-step"),
    ("PATCH", "/v1/settings/application"),
    ("POST", "/v1/settings/application/media/providers"),
    ("POST", "/v1/settings/backup"),
    ("POST", "/v1/settings/restore"),
    ("POST", "/v1/settings/business/profile"),
    ("POST", "/v1/settings/business/compliance_info"),
    ("PATCH", "/v1/settings/profile/about"),
    ("POST", "/v1/settings/profile/photo"),
    ("POST", "/v1/certificates/external"),
    ("POST", "/v1/certificates/webhooks/ca"),
    ("POST", "/v1/messages"),
    ("PUT", "/v1/messages/12345678"),
    ("POST", "/v1/contacts"),
    ("PUT", "/v1/contacts/491511/identity"),
    ("POST", "/v1/media"),
    ("POST", "/v1/stickerpacks"),
    ("PATCH", "/v1/stickerpacks/12345678"),
    ("POST", "/v1/stickerpacks/12345678/stickers"),
    ("PATCH", "/v1/stickerpacks/12345678/stickers/0"),
]
# These need no body: the login's is optional, the others have none.
WITHOUT_BODY = {("POST", "/v1/users/login"), ("POST", "/v1/users/logout")}
WITHOUT_BODY |= {("PUT", "/v1/services/message/gc"), ("PUT", "/v1/services/media/gc")}
NOT_JSON = {"/v1/settings/profile/photo", "/v1/certificates/external", "/v1/certificates/webhooks/ca", "/v1/media"}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallCluster]:
    """A registered one."""
    with small_cluster(tmp_path_factory.mktemp("standin")) as running:
        running.register()
        yield running


def routes(cluster: SmallCluster) -> list[tuple[str, str]]:
    """Method and path of every endpoint, with something in the place of each variable."""
    found = cluster.inside(lambda: list(application(cluster.backend).router.routes()))
    return [(one.method, one.resource.canonical.replace("{", "").replace("}", "")) for one in found]


def same(answer: Answer) -> tuple[int, int | None]:
    """What of an answer does not depend on when it was given."""
    json = answer.raw and answer.headers.get_content_type() == "application/json"
    return answer.status, answer.code if json else None


def test_a_slash_at_the_end_makes_no_difference(cluster: SmallCluster) -> None:
    for method, path in routes(cluster):
        if path == "/" or "logout" in path:
            continue
        with_slash, without = (cluster.call(method, path + end, raw=b"{}") for end in ("/", ""))
        assert same(with_slash) == same(without), (method, path)
        assert cluster.call(method, path + "/", auth="none").status == 401 or method == "HEAD", (method, path)
    assert cluster.call("GET", "/v1/stats/app/?format=prometheus").headers.get_content_type() == "text/plain"
    assert cluster.call("GET", "/v1/nothing/").code == 1006


def test_a_message_with_a_slash(cluster: SmallCluster) -> None:
    order = {"to": "491700000001", "type": "text", "text": {"body": "hello"}}
    assert cluster.call("POST", "/v1/messages/", order).status == 201


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/messages", "POST"),
        ("PUT", "/v1/account/shards/", "GET,HEAD,POST"),
        ("POST", "/v1/media/12345678", "DELETE,GET"),
        ("TRACE", "/v1/health", "GET,HEAD"),
        ("OPTIONS", "/v1/settings/application", "DELETE,GET,HEAD,PATCH"),
    ],
)
def test_another_method(cluster: SmallCluster, method: str, path: str, allowed: str) -> None:
    answer = cluster.call(method, path)
    assert (answer.status, answer.code) == (405, 1025)
    allows = [name.strip() for name in answer.headers["Allow"].split(",")]
    assert ",".join(name for name in allows if name != "HEAD") == allowed.replace("HEAD,", "").replace(",HEAD", "")


def test_a_head_is_answered_as_its_get(cluster: SmallCluster) -> None:
    for path in ("/", "/v1/health", "/v1/account/shards", "/v1/settings/application", "/v1/support"):
        head, get = cluster.call("HEAD", path), cluster.call("GET", path)
        assert (head.status, head.raw) in {(get.status, b""), (405, b"")}, path


def test_bodies_are_asked_for(cluster: SmallCluster) -> None:
    """Every endpoint that takes one is known here, and none does anything without it, or with null or no JSON."""
    writing = {pair for pair in routes(cluster) if pair[0] in {"POST", "PUT", "PATCH"}} - WITHOUT_BODY
    assert len(writing) == len(WITH_BODY)
    for method, path in WITH_BODY:
        answer = cluster.call(method, path)
        assert (answer.status, answer.code) == (400, 1008), (method, path)
        if path in NOT_JSON:
            continue
        answer = cluster.call(method, path, raw=b"null")
        assert (answer.status, answer.code) == (400, 1008), (method, path)
        for wrong in (b"{", b'"text"', b"[" * 100_000, b"\xff"):
            answer = cluster.call(method, path, raw=wrong)
            assert (answer.status, answer.code) in {(400, 1025), (400, 1009)}, (method, path, wrong[:9])


def test_an_empty_object_changes_nothing(cluster: SmallCluster) -> None:
    """It is a body."""
    before = cluster.call("GET", "/v1/settings/application").body
    assert cluster.call("PATCH", "/v1/settings/application", {}).status == 200
    assert cluster.call("GET", "/v1/settings/application").body == before


def parts_of(raw: bytes) -> tuple[int, str, bytes]:
    """Status, head and body of an answer."""
    head, _, body = raw.partition(b"\r\n\r\n")
    return int(head.split()[1]), head.decode(), body


@pytest.mark.parametrize(("sent", "status"), UNREADABLE)
def test_what_is_no_request(
    cluster: SmallCluster, caplog: pytest.LogCaptureFixture, sent: list[bytes], status: int
) -> None:
    """The error's envelope with the headers of every answer; at most one line in the log, and no traceback."""
    with caplog.at_level(logging.INFO):
        found, head, body = parts_of(cluster.send(*sent))
    assert found == status
    assert b'"code": 1025' in body and b'"meta"' in body
    assert "Content-Type: application/json" in head and "X-Request-ID: " in head
    quiet(caplog)


def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """At most one line, and no traceback."""
    assert [record for record in caplog.records if record.exc_info or "\n" in record.getMessage()] == []
    assert len([record for record in caplog.records if record.name != "access"]) <= 1


@pytest.mark.parametrize("sent", BAD_BODIES, ids=["chunks", "gzip"])
def test_a_body_that_cannot_be_read(cluster: SmallCluster, caplog: pytest.LogCaptureFixture, sent: list[bytes]) -> None:
    with caplog.at_level(logging.INFO):
        found, _, body = parts_of(cluster.send(*sent))
    assert found == 400
    assert body.count(b'"code": 1025') == 1
    quiet(caplog)


def test_a_bad_body_that_is_not_read(cluster: SmallCluster, caplog: pytest.LogCaptureFixture) -> None:
    """As where the credentials are wrong."""
    head, body = BAD_BODIES[1]
    with caplog.at_level(logging.INFO):
        found, _, _ = parts_of(cluster.send(head.replace(LOGIN, b""), body))
    assert found in {400, 401}
    quiet(caplog)


def test_a_client_that_leaves(cluster: SmallCluster, caplog: pytest.LogCaptureFixture) -> None:
    """In the middle of its body: no one is told, and the log has no traceback."""
    with caplog.at_level(logging.INFO):
        cluster.leave(POST + b"Content-Length: 10\r\n\r\n", b"abc")
        assert cluster.call("GET", "/").status == 200
    quiet(caplog)


@pytest.mark.parametrize("kind", ["Bearer", "Basic", "Apikey", "Bea\u00e9rer"])
def test_unknown_credentials(cluster: SmallCluster, kind: str) -> None:
    """Characters that are in no credentials are wrong ones."""
    for path in ("/v1/health", "/v1/users/admin"):
        assert cluster.call("GET", path, auth=f"{kind} \u00fc\u00e4").status == 401
    assert cluster.call("POST", "/v1/users/login", auth=f"{kind} \u00fc\u00e4").status == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/v1/messages/%00"),
        ("PUT", "/v1/messages/a%7Eb"),
        ("PUT", "/v1/messages/.."),
        ("PUT", "/v1/messages/%2E%2e"),
        ("GET", "/v1/contacts/%2E/identity"),
        ("GET", "/v1/media/%00"),
        ("GET", "/v1/contacts/%F0%9F%98%80/identity"),
        ("GET", "/v1/users/%00%00%00%00"),
        ("GET", "/v1/stickerpacks/%00"),
    ],
)
def test_ids_that_nothing_has(cluster: SmallCluster, method: str, path: str) -> None:
    answer = cluster.call(method, path, {"status": "read"} if method == "PUT" else None)
    assert (answer.status, answer.code) == (404, 1006)


@pytest.mark.parametrize(
    "order",
    [
        {"to": "491700000001", "type": "image", "image": {"id": "\0"}},
        {"to": "491700000001", "type": "image", "image": {"id": "no-such-file"}},
    ],
)
def test_unknown_media(cluster: SmallCluster, order: dict[str, object]) -> None:
    assert cluster.call("POST", "/v1/messages", order).code == 1006


@pytest.mark.parametrize("code", ["\u00e4\u00f6\u00fc", "1" * 100_000])
def test_codes_that_were_not_sent(cluster: SmallCluster, code: str) -> None:
    answer = cluster.call("POST", "/v1/account/verify", {"code": code})
    assert (answer.status, answer.code) == (400, 1009)


def test_a_certificate_of_a_megabyte(cluster: SmallCluster) -> None:
    order = {"cc": "49", "phone_number": "1", "method": "sms", "cert": "A" * (2 << 20)}
    assert cluster.call("POST", "/v1/account", order).code == 1009


def test_the_ports_of_a_node(cluster: SmallCluster, caplog: pytest.LogCaptureFixture) -> None:
    """A look whether they are open is nothing; what is no request gets an error there, too."""
    for port in cluster.parts.runtime.node.ports:
        caplog.clear()
        with caplog.at_level(logging.INFO), socket.create_connection(("127.0.0.1", port), 10) as connection:
            socket.create_connection(("127.0.0.1", port), 10).close()
            connection.sendall(b"nonsense\r\n\r\n")
            found, _, body = parts_of(b"".join(iter(lambda: connection.recv(65536), b"")))
        assert found == 400
        assert b'"errors"' in body and b'"meta"' in body
        quiet(caplog)
