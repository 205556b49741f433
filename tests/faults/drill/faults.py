"""What can go wrong with the machine. Each fault asserts that it took place, and returns the proof as a sentence."""

import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil
import psycopg
from django.db import connection

from portal.aws import sandbox
from portal.jobs.models import Job
from portal.local import processes
from tests.faults.drill import brokers
from tests.faults.drill.site import Site
from tests.faults.drill.tcp_proxy import Mode
from tests.faults.drill.visitor import Visitor
from tests.faults.drill.workload import Workload

LIMIT_S = 60.0
STORM_HITS, STORM_S, STORM_RATE = 5, 2.0, 0.6
ACCEPTED = 2  # requests while the broker is away


@dataclass(frozen=True)
class Scene:
    """Where faults strike. pick: the seed's own choices."""

    site: Site
    work: Workload
    visitor: Visitor
    pick: random.Random


@dataclass(frozen=True)
class Struck:
    """A fault that took place. began, ended: seconds of the monotonic clock."""

    fault: str
    proof: str
    began: float
    ended: float


Fault = Callable[[Scene], str]


def kill_worker(scene: Scene) -> str:
    """SIGKILL to the worker with all its processes, while it has jobs in hand."""
    site = scene.site
    while True:
        _wait_for_work(site)
        family = site.product.processes("worker")
        site.product.kill("worker")
        assert not [one for one in family if processes.is_alive(one)], "the worker survived its kill"
        left = _claims_of({one.pid for one in family})
        site.product.start("worker")
        if left:
            return f"{len(family)} processes gone, {left} jobs left unfinished"


def kill_child(scene: Scene) -> str:
    """SIGKILL to the one process of the worker that has a job in hand; the others live on."""
    site = scene.site
    while True:
        victim = _wait_for_work(site)
        victim.kill()
        site.until(lambda victim=victim: not processes.is_alive(victim), "the child is gone", LIMIT_S)
        if _claims_of({victim.pid}):
            return f"process {victim.pid} gone, its job left unfinished"


def kill_sweeper(scene: Scene) -> str:
    """SIGKILL to one of the two sweepers."""
    stack = scene.pick.choice([scene.site.product, scene.site.spare])
    scene.site.supervise()
    before = stack.processes("sweeper")[0].pid
    stack.kill("sweeper")  # asserts that it ran, and that the kill ended it
    stack.start("sweeper")
    return f"process {before} gone"


def kill_broker(scene: Scene) -> str:
    """SIGKILL to the broker, which stays away for a moment."""
    stack, name, port = scene.site.backing, scene.site.broker, scene.site.broker_address.port
    before = stack.processes(name)[0].pid
    assert brokers.listens(port)
    stack.kill(name)
    # Its port closes when the last of its threads is gone.
    scene.site.until(lambda: not brokers.listens(port), "the broker's port closes", LIMIT_S)
    time.sleep(scene.pick.uniform(0.3, 1.5))
    stack.start(name)
    stack.wait_ready(name)
    assert stack.processes(name)[0].pid != before
    return f"process {before} gone, port closed"


def flush_broker(scene: Scene) -> str:
    """Let the broker forget everything, with messages waiting in it."""
    gone = 0

    def it_had_messages() -> bool:
        nonlocal gone
        scene.work.rows(4)
        gone = brokers.forget(scene.site.broker_address)
        return gone > 0

    scene.site.until(it_had_messages, "the broker has messages to forget", LIMIT_S)
    return f"{gone} messages gone"


def restart_database(scene: Scene) -> str:
    """PostgreSQL's immediate shutdown: every session cut, nothing written out; then its recovery from the log."""
    stack = scene.site.backing
    server, sessions = stack.processes("database")[0], _sessions(scene.site)
    os.kill(server.pid, signal.SIGQUIT)
    scene.site.until(lambda: not stack.is_running("database"), "PostgreSQL is down", LIMIT_S)
    assert stack.fallen() == ["database"]
    stack.start("database")
    stack.wait_ready("database")
    connection.close()
    assert stack.processes("database")[0].pid != server.pid
    assert sessions > 0
    return f"process {server.pid} gone with {sessions} sessions"


def broker_away(scene: Scene) -> str:
    """The broker runs and nobody reaches it; what people ask for is accepted all the same."""
    site, proxy = scene.site, scene.site.around.proxy
    mode: Mode = scene.pick.choice(["silent", "refusing"])
    before = proxy.withheld + proxy.turned_away
    site.around.do(proxy.cut(mode))
    began = time.monotonic()
    try:
        assert not brokers.reaches(brokers.Address(site.product.environ["BROKER_URL"])), (
            "the broker is still within reach"
        )
        assert brokers.reaches(site.broker_address), "the broker itself is down"
        scene.work.rows(4)
        site.until(
            lambda: time.monotonic() > began + site.size.away_s and scene.visitor.answered_since(began) >= ACCEPTED,
            "requests are accepted without the broker", LIMIT_S,
        )  # fmt: skip
    finally:
        site.around.do(proxy.mend())
    stopped = proxy.withheld + proxy.turned_away - before
    assert stopped > 0
    return f"{mode}: {stopped} {'bytes held back' if mode == 'silent' else 'connections cut'}"


def throttling(scene: Scene) -> str:
    """AWS refuses most calls as too many."""
    return _storm(scene, "throttling")


def server_errors(scene: Scene) -> str:
    """AWS answers most calls with HTTP 500."""
    return _storm(scene, "server-error")


FORGETTING = "the broker forgets every message (FLUSHALL, purge)"
FAULTS: dict[str, Fault] = {
    "SIGKILL of the worker and all its processes": kill_worker,
    "SIGKILL of one process of the worker": kill_child,
    "SIGKILL of a sweeper": kill_sweeper,
    "SIGKILL of the broker": kill_broker,
    FORGETTING: flush_broker,
    "immediate restart of PostgreSQL": restart_database,
    "broker out of reach": broker_away,
    "AWS throttles": throttling,
    "AWS answers 500": server_errors,
}
OF_DATABASE, OF_REACH = "immediate restart of PostgreSQL", "broker out of reach"


def strike(name: str, scene: Scene) -> Struck:
    """Let one fault happen."""
    began = time.monotonic()
    proof = FAULTS[name](scene)
    return Struck(name, proof, began, time.monotonic())


def _storm(scene: Scene, kind: str) -> str:
    """Until it hit several calls of a provisioning and of an ingest, and for two seconds at least."""
    fault = sandbox.set_fault(
        account="*", operation="*", kind=kind, rate=STORM_RATE, seed=scene.pick.randrange(1_000_000)
    )
    began = time.monotonic()
    try:
        scene.work.grant()
        scene.work.read_again()
        scene.site.until(
            lambda: _hits(fault.number) >= STORM_HITS and time.monotonic() > began + STORM_S, f"{kind} hits", LIMIT_S
        )
        hits = _hits(fault.number)
    finally:
        sandbox.clear_fault(fault.number)
    return f"{hits} calls refused"


def _hits(number: int) -> int:
    return next(one.hits for one in sandbox.faults().faults if one.number == number)


def _wait_for_work(site: Site) -> psutil.Process:
    """A living process of the worker that has a job in hand."""
    found: list[psutil.Process] = []

    def somebody_works() -> bool:
        living = site.working()
        claimed = Job.objects.filter(state=Job.State.CLAIMED).values_list("claimed_by", flat=True)
        numbers = {int(by.rpartition("/")[2]) for by in claimed}
        found[:] = [process for number, process in living.items() if number in numbers]
        return bool(found)

    site.until(somebody_works, "a job runs", LIMIT_S)
    return found[0]


def _claims_of(numbers: set[int]) -> int:
    """Unfinished jobs of processes that are gone."""
    claimed = Job.objects.filter(state=Job.State.CLAIMED).values_list("claimed_by", flat=True)
    return sum(int(by.rpartition("/")[2]) in numbers for by in claimed)


def _sessions(site: Site) -> int:
    with psycopg.connect(site.backing.environ["DATABASE_ADMIN_URL"]) as admin:
        row = admin.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = 'atrium'").fetchone()
    return int(row[0]) if row else 0
