"""One run: a cluster of its own, load, faults, and the report."""

import contextlib
import os
import random
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.standin.chaos.disturbance import Disturbance
from tests.standin.chaos.load import Ledger, Load
from tests.standin.chaos.provocation import Provocation
from tests.standin.chaos.report import Report, judge, settled
from tests.standin.cluster import LABEL, NUMBER, Cluster, docker, running_cluster
from tests.standin.receiver import running_receiver, tell_receiver, use_receiver
from tests.support.waiting import NotInTime, wait_for

SETTLE = 90.0
LOGS = Path("build/chaos")


@dataclass(frozen=True)
class Plan:
    """Database (MYSQL or PGSQL), seconds of load and faults, messages a second, and the random seed."""

    engine: str
    seconds: float
    seed: int
    rate: float = 20.0
    scale: float = 4.0
    shards: int = 1
    fencing: bool = True


def run(plan: Plan) -> Report:
    """Raises AssertionError when the cluster does not come up."""
    variables = {} if plan.fencing else {"STANDIN_FAULTS": "fencing-off"}
    with contextlib.ExitStack() as stack:
        cluster = stack.enter_context(running_cluster(plan.engine, scale=plan.scale, variables=variables))
        coreapps = plan.shards + 2
        cluster.up(coreapps=coreapps)
        cluster.register()
        wait_for("a connected coreapp", lambda: len(cluster.connected()) == 1, 60)
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        receiver = stack.enter_context(running_receiver(cluster, directory))
        if plan.shards > 1:
            tell_receiver(cluster, receiver)
            set_shards(cluster, plan.shards)  # restarts the coreapps
        else:
            use_receiver(cluster, receiver)
        ledger = Ledger(plan.shards)
        load = Load(cluster, plan.rate, ledger)
        owners = [f"core{number + 1}" for number in range(coreapps)]
        numbers = random.Random(plan.seed)  # noqa: S311 - reproducible
        faults: Disturbance | Provocation
        if plan.fencing:
            faults = Disturbance(cluster, [cluster.webs, ["master1", "master2"], owners], numbers)
        else:
            faults = Provocation(cluster, plan.shards, numbers)
        began = time.monotonic()
        load.start()
        faults.start()
        faults.over.wait(plan.seconds)
        faults.stop()
        load.stop()
        ended = time.monotonic()
        if not cluster.events("banned"):  # nothing is delivered after a ban
            with contextlib.suppress(NotInTime):  # the report says what is missing
                wait_for("everything to be delivered", lambda: settled(cluster, ledger, receiver), SETTLE, 1.0)
        notes = {
            "database": plan.engine,
            "seed": plan.seed,
            "seconds": round(ended - began),
            "time scale": plan.scale,
            "shards": plan.shards,
            "fencing": "on" if plan.fencing else "OFF",
            "faults": dict(faults.done),
            "load average": round(os.getloadavg()[1], 1),
        }
        report = judge(cluster, ledger, receiver, ledger.longest_gap(began, ended), notes)
        if not report.good:
            keep_logs(cluster, LOGS / f"{plan.engine.lower()}-{plan.seed}")
        return report


def keep_logs(cluster: Cluster, directory: Path) -> None:
    """Writes every container's log to a file, before the containers are removed."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in docker("ps", "-a", "--format", "{{.Names}}", "--filter", f"label={LABEL}={cluster.run}").split():
        with (directory / f"{name}.log").open("w") as target:
            subprocess.run(["docker", "logs", "-t", name], stdout=target, stderr=subprocess.STDOUT, check=False)


def set_shards(cluster: Cluster, shards: int) -> None:
    """Changes the number of shards and waits until as many coreapps are connected."""
    cc, phone = NUMBER
    order = {"cc": cc, "phone_number": phone, "shards": shards, "cert": cluster.standinctl("cert", cc + phone)}
    status, body = cluster.call("POST", "/v1/account/shards", order, cluster.token)
    assert status == 201, body
    wait_for("all shards", lambda: len(cluster.connected()) == shards, 60 / cluster.scale * 3 + 30)
