"""A whole stand-in cluster as containers of the local engine, for tests."""

import base64
import json
import secrets
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.support.waiting import wait_for

LABEL = "wabiz.standin.test"
NUMBER = ("49", "15112345678")
PASSWORD = "Stand-in-42"
API_KEY = "standin-test-api-key"
JWT_KEY = "0" * 64
DB_PASSWORD = "Db-secret-1"
DATABASES = {
    "MYSQL": ("mysql:8.0.33", 3306, "root", {"MYSQL_ROOT_PASSWORD": DB_PASSWORD}, "wait_on_mysql.sh"),
    "PGSQL": ("postgres:13.8", 5432, "postgres", {"POSTGRES_PASSWORD": DB_PASSWORD}, "wait_on_postgres.sh"),
}
BIN = "/opt/whatsapp/bin/"

Health = dict[str, Any]


def basic(username: str, password: str) -> str:
    """Basic credentials."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def docker(*arguments: str, check: bool = True) -> str:
    """Output of a docker command."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise AssertionError(f"docker {' '.join(arguments)}: {done.stderr}")
    return done.stdout.strip()


@dataclass
class Cluster:
    """Names of containers are `<run>-<name>`; everything carries the run's label.

    With a domain the nodes are called `<name>.<domain>` in health and certificates, and reached under that name too.
    """

    engine: str
    scale: float = 5.0
    version: str = "2.57.2"
    run: str = field(default_factory=lambda: "standin-" + secrets.token_hex(3))
    domain: str = ""
    token: str = ""
    webs: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)

    def container(self, name: str) -> str:
        """A container's full name."""
        return f"{self.run}-{name}"

    def hostname(self, name: str) -> str:
        """What a node calls itself."""
        return f"{name}.{self.domain}" if self.domain else name

    def start(self, name: str, image: str, *command: str, env: dict[str, str], options: tuple[str, ...] = ()) -> None:
        """Starts one container on the cluster's network; other containers reach it under its short name."""
        variables = [part for key, value in env.items() for part in ("-e", f"{key}={value}")]
        place = ["--name", self.container(name), "--label", f"{LABEL}={self.run}", "--network", self.run]
        aliases = [f"--network-alias={alias}" for alias in sorted({name, self.hostname(name)})]
        docker("run", "-d", *place, *aliases, *variables, *options, image, *command)

    def client(self, name: str, component: str, env: dict[str, str], *options: str) -> None:
        """Starts a container of the client's images; env overrides what all have in common."""
        _, port, user, _, wait = DATABASES[self.engine]
        common = {
            "WA_DB_ENGINE": self.engine,
            "WA_DB_HOSTNAME": "db",
            "WA_DB_PORT": str(port),
            "WA_DB_USERNAME": user,
            "WA_DB_PASSWORD": DB_PASSWORD,
            "WA_DB_NAME_PREFIX": "test_",
            "WA_APP_MULTICONNECT": "1",
            "WA_SECRET": "between-web-and-core",
            "STANDIN_TIME_SCALE": str(self.scale),
        } | self.variables
        media = f"{self.container('media')}:/usr/local/wamedia"
        image = f"docker.whatsapp.biz/{component}:v{self.version}"
        command = (BIN + wait, BIN + "launch_within_docker.sh")
        self.start(
            name,
            image,
            *command,
            env=common | env,
            options=("--restart=unless-stopped", "--cap-drop=MKNOD", "-v", media, *options),
        )

    def add_web(self, name: str, jwt_key: str = JWT_KEY, env: dict[str, str] | None = None) -> None:
        """Starts a webapp; all have the same key for tokens, or with '' this one has none."""
        self.webs.append(name)
        keys = {"WA_API_KEY": API_KEY, **({"WA_WEB_JWT_CRYPTO_KEY": jwt_key} if jwt_key else {})}
        own = {**keys, "WEBAPP_HOSTNAME": self.hostname(name), **(env or {})}
        self.client(name, "web", own, "-p", "127.0.0.1::443")

    def add_master(self, name: str) -> None:
        """Starts a master."""
        self.client(name, "coreapp", {"WA_MASTER_NODE": "1", "COREAPP_HOSTNAME": self.hostname(name)})

    def add_coreapp(self, name: str) -> None:
        """Starts a coreapp."""
        self.client(name, "coreapp", {"COREAPP_HOSTNAME": self.hostname(name)})

    def add_upgrade(self, name: str, env: dict[str, str]) -> None:
        """Starts the schema upgrade."""
        self.client(name, "coreapp", {"WA_DB_UPGRADE": "1"} | env, "--restart=on-failure")

    def up(self, masters: int = 2, coreapps: int = 3) -> None:
        """Database, gateway, two webapps, masters and coreapps; returns when the first webapp serves health."""
        docker("network", "create", "--label", f"{LABEL}={self.run}", self.run)
        image, _, _, env, _ = DATABASES[self.engine]
        self.start("db", image, env=env)
        scale = {"STANDIN_TIME_SCALE": str(self.scale)}
        self.start("gateway", "standin/gateway:latest", env=scale, options=("--network-alias", "g.whatsapp.net"))
        self.add_web("web1")
        wait_for("the first webapp", lambda: self.call("GET", "/", web="web1")[0] == 200, 90)
        self.add_web("web2")
        for number in range(masters):
            self.add_master(f"master{number + 1}")
        for number in range(coreapps):
            self.add_coreapp(f"core{number + 1}")
        wait_for("all nodes", lambda: len(self.health()) == masters + coreapps, 60)

    def down(self) -> None:
        """Removes everything with the run's label."""
        for name in docker("ps", "-aq", "--filter", f"label={LABEL}={self.run}").split():
            docker("rm", "-fv", name, check=False)
        docker("network", "rm", self.run, check=False)
        docker("volume", "rm", self.container("media"), check=False)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        auth: str = "",
        web: str = "web1",
        verify: bool = False,
        raw: str | None = None,
        plain: bool = False,
    ) -> tuple[int, Any]:
        """Status and decoded body of an API call, sent as JSON or raw; status 0 when the webapp does not answer.

        A plain one has no content type.
        """
        port = docker("port", self.container(web), "443", check=False).rpartition(":")[2]
        if not port:
            return 0, None
        context = ssl._create_unverified_context()  # noqa: S323 - one test verifies, see ca()
        if verify:
            context = ssl.create_default_context(cadata=self.ca(web))
        data = None if body is None else json.dumps(body).encode()
        data = data if raw is None else raw.encode()
        headers = ({} if plain else {"Content-Type": "application/json"}) | ({"Authorization": auth} if auth else {})
        address = f"https://127.0.0.1:{port}{path}"
        request = urllib.request.Request(address, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30, context=context) as answer:  # noqa: S310
                return answer.status, _decoded(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, _decoded(error.read())
        except OSError:
            return 0, None

    def ca(self, web: str) -> str:
        """The webapp's authority."""
        return docker("exec", self.container(web), "cat", "/var/lib/whatsapp/ca.pem")

    def health(self, web: str = "web1") -> Health:
        """The health map, {} while there is none."""
        status, body = self.call("GET", "/v1/health", auth=f"Apikey {API_KEY}", web=web)
        return body["health"] if status == 200 and body else {}

    def states(self) -> dict[str, str]:
        """Short node name to role and status, `error` for nodes that carry errors."""
        return {
            name.partition(":")[0]: f"{entry['role']} {entry['gateway_status']}" if "role" in entry else "error"
            for name, entry in self.health().items()
        }

    def connected(self) -> list[str]:
        """The coreapps that say they are connected."""
        return [name for name, state in self.states().items() if state == "coreapp connected"]

    def standinctl(self, *arguments: str) -> str:
        """Output of the gateway's admin tool."""
        return docker("exec", self.container("gateway"), "standinctl", *arguments)

    def sessions(self) -> list[dict[str, Any]]:
        """Open sessions as the gateway sees them."""
        return json.loads(self.standinctl("sessions", "--json"))

    def events(self, *kinds: str) -> list[dict[str, Any]]:
        """The gateway's journal, of these kinds only when some are given."""
        entries = json.loads(self.standinctl("events", "--json"))
        return [entry for entry in entries if not kinds or entry["event"] in kinds]

    def login(self) -> None:
        """First login with the forced change of the password."""
        first = basic("admin", "secret")
        status, body = self.call("POST", "/v1/users/login", auth=first)
        assert (status, body["errors"][0]["code"]) == (401, 1024)
        status, body = self.call("POST", "/v1/users/login", {"new_password": PASSWORD}, first)
        assert status == 200, body
        self.token = "Bearer " + body["users"][0]["token"]

    def register(self) -> None:
        """Registers the number as a person with a phone would."""
        self.login()
        cc, phone = NUMBER
        order = {"cc": cc, "phone_number": phone, "method": "sms", "cert": self.standinctl("cert", cc + phone)}
        status, body = self.call("POST", "/v1/account", order | {"pin": None}, self.token)
        assert (status, body["account"]) == (202, [{"vname": "Standin Business"}])
        code = self.standinctl("code", cc + phone)
        status, body = self.call("POST", "/v1/account/verify", {"code": f"{code[:3]}-{code[3:]}"}, self.token)
        assert status == 201, body

    def process(self, name: str) -> str:
        """The host's process id of a container's process 1."""
        return docker("inspect", "-f", "{{.State.Pid}}", self.container(name))


def _decoded(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw.decode(errors="replace")


@contextmanager
def running_cluster(engine: str, **settings: Any) -> Iterator[Cluster]:
    """A cluster that is removed afterwards; its containers' last words are printed on failure."""
    cluster = Cluster(engine, **settings)
    try:
        yield cluster
    except BaseException:
        for name in docker("ps", "-a", "--format", "{{.Names}}", "--filter", f"label={LABEL}={cluster.run}").split():
            print(f"--- {name}\n" + docker("logs", "--tail", "25", name, check=False))
        raise
    finally:
        cluster.down()
