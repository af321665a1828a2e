"""Small parts of the stand-in: environment, fence, signatures, passwords, schema levels, nodes."""

from dataclasses import replace
from pathlib import Path

import pytest

from standin.common.environment import EnvironmentProblem, container_id, node_settings, web_settings
from standin.common.passwords import acceptable, hashed, matches
from standin.common.peers import sign, verify
from standin.common.timing import Scale
from standin.node.shard.fence import Fence
from standin.store.config import Account, read_account, write_account
from standin.store.migrations import is_current, migrate, read_levels, required_levels
from standin.store.nodes import Node, forget_nodes, read_nodes, register_node, touch_node
from tests.standin.database import engine_with_clock

DATABASE = {"WA_DB_ENGINE": "MYSQL", "WA_DB_HOSTNAME": "db", "WA_DB_USERNAME": "u", "WA_DB_PASSWORD": "p"}
NODE = Node("core1:aa", "core1", (6250, 6251, 6252, 6253), "coreapp", "2.57.2", "inc1")


def test_node_settings() -> None:
    """Ports and defaults of the documented variables."""
    settings = node_settings(DATABASE | {"COREAPP_HOSTNAME": "h", "COREAPP_EXTERNAL_PORTS": "6258,6259,6260,6261"})
    assert (settings.hostname, settings.ports) == ("h", (6258, 6259, 6260, 6261))
    assert (settings.database.port, settings.database.idle_timeout_ms) == (3306, 180000)
    assert node_settings(DATABASE).ports == (6250, 6251, 6252, 6253)


@pytest.mark.parametrize(
    "wrong", [{"WA_DB_ENGINE": "ORACLE"}, {"WA_DB_HOSTNAME": ""}, {"COREAPP_EXTERNAL_PORTS": "6250,6251"}]
)
def test_unusable_environment(wrong: dict[str, str]) -> None:
    """What cannot be used is refused at the start."""
    with pytest.raises(EnvironmentProblem):
        node_settings(DATABASE | wrong)


def test_web_settings() -> None:
    """Names of the server certificate; the API key's documented length."""
    settings = web_settings(DATABASE | {"WA_WEB_SERVERNAME": "api.example.net", "WEBAPP_HOSTNAME": "10.0.0.1"})
    assert settings.names[:4] == ("api.example.net", "10.0.0.1", "localhost", "127.0.0.1")
    with pytest.raises(EnvironmentProblem):
        web_settings(DATABASE | {"WA_API_KEY": "short"})


def test_container_id(tmp_path: Path) -> None:
    """The first twelve digits of the id in the mount table."""
    table = tmp_path / "mountinfo"
    table.write_text("1 2 0:1 /var/lib/docker/containers/" + "0123456789abcdef" * 4 + "/hostname /etc/hostname rw\n")
    assert container_id(table) == "0123456789ab"


def test_fence_ends_before_the_lease() -> None:
    """It counts from before the renewal was sent, less a margin; a late older answer does not shorten it."""
    now = 100.0
    fence = Fence(10, lambda: now)
    assert not fence.held
    fence.renewed(100)
    fence.renewed(99)
    assert fence.remaining == pytest.approx(9)
    now = 109
    assert not fence.held
    fence.renewed(109)
    fence.lost()
    assert not fence.held


def test_a_fence_with_a_shorter_lease_ends_early_even_if_its_renewal_is_never_answered() -> None:
    now = 100.0
    fence = Fence(20, lambda: now)
    fence.renewed(100)
    fence.limit(5)
    assert fence.remaining == pytest.approx(4.5)
    fence.renewed(100)
    assert fence.remaining == pytest.approx(4.5)
    fence.limit(20)
    assert fence.remaining == pytest.approx(4.5)
    fence.renewed(100)
    assert fence.remaining == pytest.approx(18)


def test_scale() -> None:
    """The factor divides and must be positive."""
    assert Scale(5).seconds(30) == 6
    with pytest.raises(ValueError, match="positive"):
        Scale(0)


def test_signatures() -> None:
    """Bound to secret, path and body, for ten seconds."""
    mark = sign("s", "GET", "/x", b"body", 1000)
    assert verify("s", "GET", "/x", b"body", mark, 1010)
    assert not verify("s", "GET", "/x", b"body", mark, 1011.5)
    assert not verify("other", "GET", "/x", b"body", mark, 1000)
    assert not verify("s", "GET", "/y", b"body", mark, 1000)
    assert not verify("s", "GET", "/x", b"", mark, 1000)
    assert not verify("s", "GET", "/x", b"body", "", 1000)


@pytest.mark.parametrize(
    ("password", "good"), [("Aa1!aaaa", True), ("secret", False), ("aa1!aaaa", False), ("Aa1!" * 17, False)]
)
def test_password_rule(password: str, good: bool) -> None:
    """8 to 64 characters of four kinds."""
    assert acceptable(password) is good


def test_password_hash() -> None:
    """Salted, and only the right password matches."""
    stored = hashed("Aa1!aaaa")
    assert matches("Aa1!aaaa", stored)
    assert not matches("Aa1!aaab", stored)
    assert hashed("Aa1!aaaa") != stored


def test_migration_is_idempotent() -> None:
    """All levels of a version are reached once."""
    engine = engine_with_clock(lambda: 0.0)
    steps = migrate(engine, "2.57.2")
    assert {step.store for step in steps} == set(required_levels("2.57.2"))
    assert migrate(engine, "2.57.2") == []
    with engine.begin() as connection:
        assert is_current(read_levels(connection), "2.57.2")
        assert not is_current({}, "2.53.3")


def test_nodes() -> None:
    """A node that takes over an address replaces the one before; silent ones are forgotten."""
    now = 1000.0
    engine = engine_with_clock(lambda: now)
    with engine.begin() as connection:
        register_node(connection, NODE)
        register_node(connection, replace(NODE, name="core1:bb", incarnation="inc2"))
        assert [node.name for node in read_nodes(connection)] == ["core1:bb"]
        assert not touch_node(connection, NODE)
        now += 100
        register_node(connection, replace(NODE, name="core2:cc", hostname="core2"))
        assert [node.age for node in read_nodes(connection)] == [100_000, 0]
        assert forget_nodes(connection, 60_000) == 1


def test_account() -> None:
    """Stored and read back; the number is country code and phone number."""
    engine = engine_with_clock(lambda: 0.0)
    with engine.begin() as connection:
        assert read_account(connection) is None
        write_account(connection, Account("49", "1511", "Shop", "reg", 7))
        account = read_account(connection)
        assert account is not None
        assert (account.number, account.shards) == ("491511", 1)
