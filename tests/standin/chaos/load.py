"""Messages at a steady rate, each with a text of its own, and what became of each request."""

import itertools
import json
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass, field

from standin.common.sharding import shard_of, slot_of
from tests.standin.cluster import Cluster, docker

WORKERS = 32
TIMEOUT = 8.0
AVOID = 1.0
RECIPIENTS = 500


@dataclass
class Ledger:
    """What was accepted: message id to text, when (monotonic) for which shard; and how the rest was refused."""

    shards: int
    accepted: dict[str, str] = field(default_factory=dict)
    times: dict[int, list[float]] = field(default_factory=dict)
    doubled_ids: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def accept(self, name: str, text: str, recipient: str) -> None:
        """An answer 201."""
        with self.lock:
            self.doubled_ids += name in self.accepted
            self.accepted[name] = text
            self.times.setdefault(shard_of(slot_of(recipient), self.shards), []).append(time.monotonic())

    def refuse(self, why: str) -> None:
        """Any other answer, or none."""
        with self.lock:
            self.refused[why] += 1

    def longest_gap(self, began: float, ended: float) -> float:
        """The longest time (s) in which no message for some shard was accepted."""
        gaps = [0.0]
        for shard in range(self.shards):
            moments = [began, *sorted(self.times.get(shard, [])), ended]
            gaps += [later - earlier for earlier, later in itertools.pairwise(moments)]
        return max(gaps)


class Load:
    """Sends so many messages a second until stopped; requests that hang do not slow the others down much."""

    def __init__(self, cluster: Cluster, rate: float, ledger: Ledger) -> None:
        self._cluster = cluster
        self._rate = rate
        self._ledger = ledger
        self._numbers = itertools.count()
        self._began = time.monotonic()
        self._stop = threading.Event()
        self._ports: dict[str, str] = {}
        self._context = ssl._create_unverified_context()  # noqa: S323 - certificates have a test of their own
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(WORKERS)]
        self._turn = threading.Lock()
        self._avoid: dict[str, float] = {}

    def start(self) -> None:
        """Begins."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ends when the last request has been answered."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while not self._stop.is_set():
            with self._turn:
                number = next(self._numbers)
            late = self._began + number / self._rate - time.monotonic()
            if late > 0 and self._stop.wait(late):
                return
            self._send(number)

    def _send(self, number: int) -> None:
        web = self._web(number)
        recipient, text = f"49160{number % RECIPIENTS:07d}", f"chaos {number}"
        body = {"to": recipient, "type": "text", "text": {"body": text}}
        try:
            answer = self._post(web, json.dumps(body).encode())
        except urllib.error.HTTPError as error:
            self._ledger.refuse(_code(error))
        except OSError as error:
            self._ports.pop(web, None)  # a restarted webapp is published elsewhere
            self._avoid[web] = time.monotonic() + AVOID
            self._ledger.refuse(f"{web} {type(error).__name__}")
        else:
            self._ledger.accept(answer, text, recipient)

    def _web(self, number: int) -> str:
        """In turn, as a load balancer would: those that failed lately only when there is no other."""
        webs, now = self._cluster.webs, time.monotonic()
        good = [web for web in webs if self._avoid.get(web, 0) < now]
        return (good or webs)[number % len(good or webs)]

    def _post(self, web: str, body: bytes) -> str:
        if web not in self._ports:
            published = docker("port", self._cluster.container(web), "443", check=False)
            self._ports[web] = published.rpartition(":")[2]
        port = self._ports[web]
        if not port:
            raise ConnectionError(f"{web} is not published")
        headers = {"Authorization": self._cluster.token, "Content-Type": "application/json"}
        request = urllib.request.Request(f"https://127.0.0.1:{port}/v1/messages", body, headers, method="POST")
        with urllib.request.urlopen(request, timeout=TIMEOUT, context=self._context) as answer:  # noqa: S310
            return str(json.load(answer)["messages"][0]["id"])


def _code(error: urllib.error.HTTPError) -> str:
    try:
        return f"{error.code}/{json.load(error)['errors'][0]['code']}"
    except (ValueError, LookupError, TypeError, OSError):
        return str(error.code)
