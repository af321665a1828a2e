"""Settings, two-step verification, backup and restore, certificates, support on a real cluster."""

import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from standin.web.certificates import new_authority, server_certificate
from tests.standin.cluster import NUMBER, Cluster, docker, running_cluster
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.docker, pytest.mark.drill]
APPLICATION = "/v1/settings/application"
TWO_STEP = "/v1/settings/account/two-step"
WEBHOOK_CA = "/v1/certificates/webhooks/ca"
EXTERNAL = "/v1/certificates/external"
BACKUP_PASSWORD = "Backup-Password-1"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A registered cluster whose primary shows values that need a restart only after it."""
    with running_cluster("MYSQL", scale=10, variables={"STANDIN_SETTINGS_SHOWN": "after_restart"}) as running:
        running.up(masters=2, coreapps=2)
        running.register()
        wait_for("one connected coreapp", lambda: len(running.connected()) == 1, 20)
        yield running


def send(
    cluster: Cluster, method: str, path: str, body: str | bytes = "", kind: str = "text/plain", web: str = "web1"
) -> tuple[int, str]:
    """Status and text of a call with a body that is not JSON."""
    port = docker("port", cluster.container(web), "443").rpartition(":")[2]
    data = body.encode() if isinstance(body, str) else body
    headers = {"Content-Type": kind, "Authorization": cluster.token}
    request = urllib.request.Request(f"https://127.0.0.1:{port}{path}", data or None, headers, method=method)
    context = ssl._create_unverified_context()  # noqa: S323
    try:
        with urllib.request.urlopen(request, timeout=30, context=context) as answer:  # noqa: S310
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def settings(cluster: Cluster) -> dict[str, Any]:
    """The application settings."""
    status, body = cluster.call("GET", APPLICATION, auth=cluster.token)
    assert status == 200, body
    return body["settings"]["application"]


def test_application_settings(cluster: Cluster) -> None:
    """Documented defaults; only sent fields change; bad ones are refused with their codes; DELETE resets."""
    before = settings(cluster)
    assert (before["heartbeat_interval"], before["unhealthy_interval"]) == (5, 30)
    assert before["webhooks"] == {"url": "", "max_concurrent_requests": 6}
    change = {"callback_backoff_delay_ms": "4000", "webhooks": {"url": "https://hook.test/x"}}
    status, body = cluster.call("PATCH", APPLICATION, change, cluster.token)
    assert (status, list(body)) == (200, ["meta"])
    after = settings(cluster)
    assert after["callback_backoff_delay_ms"] == 4000
    assert after["webhooks"] == {"url": "https://hook.test/x", "max_concurrent_requests": 6}
    assert after["callback_persist"] is before["callback_persist"] is True
    for bad, code in (
        ({"webhooks": {"url": "http://plain.test"}}, 1009),
        ({"webhooks": {"max_concurrent_requests": 7}}, 1009),
        ({"heartbeat_interval": "soon"}, 1009),
        ({"pass_through": True}, 1009),
        ({"no_such_setting": 1}, 1010),
    ):
        status, body = cluster.call("PATCH", APPLICATION, bad, cluster.token)
        assert (status, body["errors"][0]["code"]) == (400, code)
    assert cluster.call("DELETE", APPLICATION, auth=cluster.token)[0] == 200
    assert settings(cluster) == before
    assert cluster.call("GET", APPLICATION)[0] == 401


def test_profile_and_providers(cluster: Cluster) -> None:
    """What was set is read back."""
    for path, method, body, keys in (
        ("business/profile", "POST", {"email": "a@b.test", "websites": ["https://b.test"]}, ("business", "profile")),
        ("business/compliance_info", "POST", {"entity_name": "B"}, ("business", "compliance_info")),
        ("profile/about", "PATCH", {"text": "about us"}, ("profile", "about")),
    ):
        assert cluster.call(method, f"/v1/settings/{path}", body, cluster.token)[0] == 200
        found = cluster.call("GET", f"/v1/settings/{path}", auth=cluster.token)[1]["settings"]
        unset = {"address": "", "description": "", "vertical": ""} if path == "business/profile" else {}
        assert found[keys[0]][keys[1]] == unset | body
    providers = APPLICATION + "/media/providers"
    entry = {"name": "cdn", "type": "www", "config": {"bearer": "abc"}}
    assert cluster.call("POST", providers, [entry], cluster.token)[0] == 200
    found = cluster.call("GET", providers, auth=cluster.token)[1]
    assert found["settings"]["application"]["media"]["providers"] == [entry]
    assert cluster.call("DELETE", providers + "/cdn", auth=cluster.token)[0] == 200
    assert cluster.call("DELETE", providers + "/cdn", auth=cluster.token)[0] == 404
    photo = b"\x89PNG\r\n\x1a\n" + bytes(100_000)
    assert send(cluster, "POST", "/v1/settings/profile/photo", photo, "image/png")[0] == 200
    assert send(cluster, "GET", "/v1/settings/profile/photo")[0] == 200
    assert send(cluster, "DELETE", "/v1/settings/profile/photo")[0] == 200
    assert send(cluster, "GET", "/v1/settings/profile/photo")[0] == 404


def test_two_step(cluster: Cluster) -> None:
    """The PIN is six digits; WhatsApp then insists on it; without one again afterwards."""
    assert cluster.call("POST", TWO_STEP, {"pin": "12345"}, cluster.token)[0] == 400
    assert cluster.call("POST", TWO_STEP, {"pin": "123456"}, cluster.token)[0] == 200
    cc, phone = NUMBER
    cert = cluster.standinctl("cert", cc + phone)
    order = {"cc": cc, "phone_number": phone, "shards": 1, "cert": cert, "pin": None}
    status, body = cluster.call("POST", "/v1/account/shards", order, cluster.token)
    assert (status, body["errors"][0]["code"]) == (403, 1005)
    assert cluster.call("DELETE", TWO_STEP, auth=cluster.token)[0] == 200


def test_support(cluster: Cluster) -> None:
    """Every node's entry has the documented fields; the owner has the control shard and shard 0."""
    support = cluster.call("GET", "/v1/support", auth=cluster.token)[1]["support"]
    assert len(support) == 4
    for entry in support.values():
        assert entry["expire_timestamp"] > time.time()
        assert set(entry["schema"]) == {"axolotl", "callback", "cluster", "config", "contact", "jobqueue", "message"}
        assert entry["free_space_data"] > 0
        assert not any("Db-secret" in line for line in entry["env"])
    assert [[-1, -1], [0, 0]] in [entry["shards"] for entry in support.values()]


def test_webhook_certificates(cluster: Cluster) -> None:
    """404 with JSON while there is none; PEM back as it was sent."""
    status, text = send(cluster, "GET", WEBHOOK_CA)
    assert (status, json.loads(text)["errors"][0]["code"]) == (404, 1006)
    bundle = new_authority().certificate
    assert send(cluster, "POST", WEBHOOK_CA, bundle)[0] == 200
    assert send(cluster, "GET", WEBHOOK_CA) == (200, bundle)
    assert send(cluster, "DELETE", WEBHOOK_CA)[0] == 200
    assert send(cluster, "GET", WEBHOOK_CA)[0] == 404


def served(cluster: Cluster, web: str) -> str:
    """The certificate that a webapp presents."""
    port = docker("port", cluster.container(web), "443").rpartition(":")[2]
    return ssl.get_server_certificate(("127.0.0.1", int(port)), timeout=5)


def test_external_certificate(cluster: Cluster) -> None:
    """It acts after the webapp's restart only; with a bad one the webapp does not come up again."""
    assert "BEGIN CERTIFICATE" in send(cluster, "GET", EXTERNAL + "/ca")[1]
    authority = new_authority()
    good = server_certificate(authority, ("localhost", "127.0.0.1")) + authority.certificate
    before = served(cluster, "web2")
    assert send(cluster, "POST", EXTERNAL, good)[0] == 200
    assert served(cluster, "web2") == before
    docker("restart", "-t", "1", cluster.container("web2"))
    wait_for("web2 again", lambda: cluster.call("GET", "/", web="web2")[0] == 200, 20)
    assert served(cluster, "web2").strip() in good
    assert send(cluster, "GET", EXTERNAL + "/ca", web="web2") == (200, authority.certificate)
    broken = good.replace("\n", "\nno\n", 1)
    assert send(cluster, "POST", EXTERNAL, broken)[0] == 200
    docker("restart", "-t", "1", cluster.container("web2"))
    wait_for("its crash", lambda: int(docker("inspect", "-f", "{{.RestartCount}}", cluster.container("web2"))) > 0, 20)
    assert cluster.call("GET", "/", web="web2")[0] == 0
    assert send(cluster, "DELETE", EXTERNAL)[0] == 200
    wait_for("web2 again", lambda: cluster.call("GET", "/", web="web2")[0] == 200, 40)


def test_restart_is_awaited(cluster: Cluster) -> None:
    """With that switch a value that needs a restart is shown once every coreapp has been restarted; others at once."""
    change = {"callback_persist": False, "sent_status": True}
    assert cluster.call("PATCH", APPLICATION, change, cluster.token)[0] == 200
    docker("restart", "-t", "1", cluster.container("core1"))
    wait_for("its return", lambda: cluster.states().get("core1", "error") != "error", 30)
    assert (settings(cluster)["callback_persist"], settings(cluster)["sent_status"]) == (True, True)
    docker("restart", "-t", "1", cluster.container("core2"))
    wait_for("the new value", lambda: settings(cluster)["callback_persist"] is False, 30)
    assert cluster.call("DELETE", APPLICATION, auth=cluster.token)[0] == 200


def restore(cluster: Cluster, password: str, data: str) -> tuple[int, int]:
    """Status and error code of a restore; 0 for no error."""
    order = {"password": password, "data": data}
    status, body = cluster.call("POST", "/v1/settings/restore", order, cluster.token)
    return status, body["errors"][0]["code"] if "errors" in body else 0


def test_backup_and_restore(cluster: Cluster) -> None:
    """Onto an unregistered cluster only, with the right password; what had an application before ends first."""
    assert cluster.call("PATCH", APPLICATION, {"unhealthy_interval": 20}, cluster.token)[0] == 200
    status, body = cluster.call("POST", "/v1/settings/backup", {"password": BACKUP_PASSWORD}, cluster.token)
    assert status == 200, body
    data = body["settings"]["data"]
    assert restore(cluster, BACKUP_PASSWORD, data) == (400, 1025)
    with running_cluster("PGSQL", scale=10) as other:
        other.up(masters=1, coreapps=1)
        other.login()
        wait_for("a primary", lambda: "primary_master unregistered" in other.states().values(), 20)
        assert restore(other, "wrong", data) == (403, 1005)
        assert restore(other, BACKUP_PASSWORD, data[:-8]) == (403, 1005)
        assert restore(other, BACKUP_PASSWORD, data) == (200, 0)
        wait_for("its connection", lambda: len(other.connected()) == 1, 30)
        assert settings(other)["unhealthy_interval"] == 20
        assert restarts(other) == [0, 0]
        psql = ("psql", "-U", "postgres", "test_waent", "-c", "DELETE FROM config WHERE name = 'account'")
        docker("exec", other.container("db"), *psql)
        wait_for("no number", lambda: "primary_master unregistered" in other.states().values(), 30)
        assert restore(other, BACKUP_PASSWORD, data) == (200, 0)
        wait_for("their restart", lambda: restarts(other) == [1, 1], 30)
        wait_for("its connection", lambda: len(other.connected()) == 1, 40)
        beside(cluster, other)
    cluster.standinctl("unban", "".join(NUMBER))
    wait_for("the connection", lambda: len(cluster.connected()) == 1, 30)


def beside(cluster: Cluster, other: Cluster) -> None:
    """The other cluster comes to the same WhatsApp while the first one is connected: the number is banned."""
    gateway = cluster.container("gateway")
    docker("rm", "-f", other.container("gateway"))
    docker("network", "connect", "--alias", "g.whatsapp.net", other.run, gateway)
    try:
        ban = wait_for("the ban", lambda: cluster.events("banned"), 40)[0]
    finally:
        docker("network", "disconnect", other.run, gateway)
    assert "beside" in ban["why"]


def restarts(cluster: Cluster) -> list[int]:
    """How often master and coreapp were started again by their restart policy."""
    names = [cluster.container(name) for name in ("master1", "core1")]
    return [int(count) for count in docker("inspect", "-f", "{{.RestartCount}}", *names).split()]


def test_expired_client(cluster: Cluster) -> None:
    """It says so on its root page and with error 1005; login and health still answer."""
    cluster.add_web("web3", env={"STANDIN_EXPIRES_ON": "2024-01-01"})
    wait_for("web3", lambda: cluster.call("GET", "/", web="web3")[0] == 200, 30)
    assert "clock wrong" in send(cluster, "GET", "/", web="web3")[1]
    status, body = cluster.call("GET", APPLICATION, auth=cluster.token, web="web3")
    assert (status, body["errors"][0]["code"]) == (403, 1005)
    assert body["errors"][0]["details"] == "app expired, upgrade required"
    assert cluster.call("GET", "/v1/health", auth=cluster.token, web="web3")[0] == 200
