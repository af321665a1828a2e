"""Sticker packs: the business's own are made, read, changed and removed; WhatsApp's are read and sent."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.standin.small_cluster import SmallCluster, small_cluster

PACKS = "/v1/stickerpacks"
FACTS = {"publisher": "A shop", "name": "Fruit"}
LINKS = {"ios_app_store_link": "https://itunes.apple.com/app/id1", "android_app_store_link": "https://play.test/a"}
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallCluster]:
    """A registered one."""
    with small_cluster(tmp_path_factory.mktemp("standin")) as running:
        running.register()
        yield running


@pytest.fixture
def pack(cluster: SmallCluster) -> str:
    """The path of a fresh pack."""
    (made,) = cluster.call("POST", PACKS, FACTS).body["stickerpacks"]
    return f"{PACKS}/{made['id']}"


@pytest.fixture(scope="module")
def image(cluster: SmallCluster) -> str:
    """The id of an uploaded file."""
    return str(cluster.call("POST", "/v1/media", raw=b"image").body["media"][0]["id"])


def refused(cluster: SmallCluster, method: str, path: str, body: Any = None) -> tuple[int, int | None]:
    """Status and code of a refusal."""
    answer = cluster.call(method, path, body)
    return answer.status, answer.code


def test_packs(cluster: SmallCluster, pack: str) -> None:
    """Listed in the order in which they were made; only the sent fields change; gone when removed."""
    ids = [entry["id"] for entry in cluster.call("GET", PACKS).body["stickerpacks"]]
    assert ids[-1] == pack.rpartition("/")[2]
    assert cluster.call("GET", pack).body["stickerpacks"] == [FACTS]
    answer = cluster.call("PATCH", pack, LINKS | {"name": "Vegetables"})
    assert (answer.status, list(answer.body)) == (200, ["meta"])
    assert cluster.call("GET", pack).body["stickerpacks"] == [FACTS | LINKS | {"name": "Vegetables"}]
    assert cluster.call("DELETE", pack).status == 200
    assert refused(cluster, "GET", pack) == (404, 1006)
    assert [entry["id"] for entry in cluster.call("GET", PACKS).body["stickerpacks"]] == ids[:-1]


def test_stickers(cluster: SmallCluster, pack: str, image: str) -> None:
    """Each has an index of its own, which it keeps when another one goes."""
    stickers = pack + "/stickers"
    assert cluster.call("GET", stickers).body["stickers"] == []
    indexes = []
    for emojis in (["🍎", "😀"], ["🍌"], []):
        (made,) = cluster.call("POST", stickers, {"image_data_id": image, "emojis": emojis}).body["stickers"]
        indexes.append(made["index"])
    assert cluster.call("GET", stickers).body["stickers"] == [{"index": index} for index in indexes]
    first, second, third = (f"{stickers}/{index}" for index in indexes)
    entry = {"id": image, "image_data_id": image, "emojis": ["🍎", "😀"]}
    assert cluster.call("GET", first).body["stickers"] == [entry]
    assert cluster.call("PATCH", first, {"emojis": ["🍏"]}).status == 200
    assert cluster.call("GET", first).body["stickers"] == [entry | {"emojis": ["🍏"]}]
    assert cluster.call("DELETE", second).status == 200
    assert refused(cluster, "GET", second) == (404, 1006)
    assert cluster.call("GET", third).body["stickers"] == [entry | {"emojis": []}]
    (made,) = cluster.call("POST", stickers, {"image_data_id": image}).body["stickers"]
    assert made["index"] not in indexes


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("POST", "", {"name": "Fruit"}, 1008),
        ("POST", "", {"publisher": "A shop"}, 1008),
        ("POST", "", FACTS | {"name": 5}, 1009),
        ("POST", "", FACTS | {"name": ""}, 1009),
        ("POST", "", FACTS | {"ios_app_store_link": None}, 1009),
        ("POST", "", FACTS | {"colour": "red"}, 1010),
        ("PATCH", "/{pack}", {"publisher": None}, 1008),
        ("PATCH", "/{pack}", {"id": "other"}, 1010),
        ("POST", "/{pack}/stickers", {}, 1008),
        ("POST", "/{pack}/stickers", {"image_data_id": UNKNOWN}, 1006),
        ("POST", "/{pack}/stickers", {"image_data_id": "\0"}, 1006),
        ("POST", "/{pack}/stickers", {"image_data_id": "{image}", "emojis": "🍎"}, 1009),
        ("POST", "/{pack}/stickers", {"image_data_id": "{image}", "emojis": [1]}, 1009),
        ("POST", f"/{UNKNOWN}/stickers", {"image_data_id": "{image}"}, 1006),
        ("PATCH", f"/{UNKNOWN}", {}, 1006),
        ("DELETE", f"/{UNKNOWN}", None, 1006),
        ("GET", "/not-an-id", None, 1006),
        ("GET", "/{pack}/stickers/0", None, 1006),
        ("GET", "/{pack}/stickers/-1", None, 1006),
        ("PATCH", "/{pack}/stickers/x", {}, 1006),
        ("DELETE", "/{pack}/stickers/0", None, 1006),
        ("GET", "?namespace=other", None, 1009),
    ],
)
def test_refusals(
    cluster: SmallCluster, pack: str, image: str, method: str, path: str, body: dict[str, Any] | None, code: int
) -> None:
    if body is not None:
        body = {name: image if value == "{image}" else value for name, value in body.items()}
    answer = cluster.call(method, PACKS + path.replace("{pack}", pack.rpartition("/")[2]), body)
    assert (answer.status, answer.code) == (404 if code == 1006 else 400, code)


def test_first_party(cluster: SmallCluster, pack: str) -> None:
    """WhatsApp's packs are apart from the business's; they cannot be changed; their stickers can be sent."""
    whatsapps = "?namespace=whatsapp"
    ids = [entry["id"] for entry in cluster.call("GET", PACKS + whatsapps).body["stickerpacks"]]
    assert ids
    assert refused(cluster, "GET", f"{PACKS}/{ids[0]}") == (404, 1006)
    assert refused(cluster, "GET", pack + whatsapps) == (404, 1006)
    for name in ids:
        path = f"{PACKS}/{name}"
        (facts,) = cluster.call("GET", path + whatsapps).body["stickerpacks"]
        assert facts["publisher"] == "WhatsApp" and facts["name"]
        indexes = [entry["index"] for entry in cluster.call("GET", f"{path}/stickers{whatsapps}").body["stickers"]]
        for index in indexes:
            (sticker,) = cluster.call("GET", f"{path}/stickers/{index}{whatsapps}").body["stickers"]
            assert sticker["emojis"]
            order = {"to": "491700000001", "type": "sticker", "sticker": {"id": sticker["id"]}}
            assert cluster.call("POST", "/v1/messages", order).status == 201
        assert refused(cluster, "GET", f"{path}/stickers/{len(indexes)}{whatsapps}") == (404, 1006)
        for method, end, body in (("PATCH", "", {}), ("DELETE", "", None), ("POST", "/stickers", {})):
            assert refused(cluster, method, path + end + whatsapps, body) == (403, 1005)
    assert refused(cluster, "POST", PACKS + whatsapps, FACTS) == (403, 1005)


def test_they_are_in_the_database(cluster: SmallCluster, pack: str) -> None:
    """Whoever serves the next request finds them there; without credentials no one sees them."""
    name = pack.rpartition("/")[2]

    def stored(connection: Any) -> Any:
        from standin.store.stickerpacks import read_pack

        return read_pack(connection, name)

    found = cluster.inside(lambda: cluster.backend.core.call(stored))
    assert found.facts == FACTS
    assert cluster.call("GET", PACKS, auth="none").status == 401


def test_before_registration(tmp_path: Any) -> None:
    with small_cluster(tmp_path) as fresh:
        assert refused(fresh, "GET", PACKS) == (503, 1011)
