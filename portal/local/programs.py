"""The parts that are Atrium's own programs: the sandbox account, the worker, the sweeper and the web server."""

import os
import urllib.error
import urllib.request
from collections.abc import Mapping

from celery import Celery
from kombu.exceptions import OperationalError

from portal.local.ground import Ground
from portal.local.part import Part, program, python
from portal.local.ports import LOOPBACK, free_port, require_free

WEB_THREADS = 8
# As in the Dockerfile. A client that takes more than 10 s or 64 KiB to say what it wants is let go; beyond 64 requests
# at once further ones wait to be accepted; a worker that fell is started again.
WEB_FLAGS = (
    "--interface", "wsgi", "--http", "1", "--no-ws", "--workers", "1", "--blocking-threads", str(WEB_THREADS),
    "--backlog", "256", "--backpressure", "64", "--http1-header-read-timeout", "10000", "--http1-buffer-size", "65536",
    "--respawn-failed-workers", "--workers-kill-timeout", "30",
)  # fmt: skip
WORKER_PROCESSES = 2


class Sandbox(Part):
    """The AWS account on this machine."""

    name = "sandbox"

    def __init__(self, ground: Ground, *, durable: bool) -> None:
        super().__init__(ground, durable=durable)
        self.port = free_port()

    def provides(self) -> dict[str, str]:
        """boto3's own variables: where AWS is, and the key of the control plane's user there."""
        return {
            "AWS_ENDPOINT_URL": f"http://{LOOPBACK}:{self.port}",
            "AWS_ACCESS_KEY_ID": "AKIASANDBOXHOME00001",
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "AWS_REGION": "eu-central-1",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "ATRIUM_AUDIT_BUCKET": "atrium-audit",
        }

    def command(self) -> list[str]:
        """The server; it seeds its accounts when it has no state yet."""
        state = str(self.ground.folder / "sandbox.state")
        return python(
            "-m", "portal.sandbox", "--host", LOOPBACK, "--port", str(self.port), "--state", state, "--seed"
        )  # fmt: skip

    def answers(self, environ: Mapping[str, str]) -> bool:
        """Whether its health page answers."""
        return _answers(f"http://{LOOPBACK}:{self.port}/_sandbox/healthz")


class Worker(Part):
    """One Celery worker with processes of its own."""

    name = "worker"
    patience_s = 5.0  # an interrupted job is taken over at the next start; nobody waits 20 s for Ctrl-C

    def own_environ(self, environ: Mapping[str, str]) -> dict[str, str]:
        """SIGTERM gives running jobs back at once; no pool, which Celery would close around each job; a heap shared by
        the threads that fetch, as one for each of them keeps 15 MB more.
        """
        return {**environ, "REMAP_SIGTERM": "SIGQUIT", "ATRIUM_DB_POOL": "0", "MALLOC_ARENA_MAX": "2"}

    @property
    def node(self) -> str:
        """The name under which the worker answers on the broker."""
        return f"atrium-{self.ground.token}@worker"

    def command(self) -> list[str]:
        """Celery, prefork."""
        flags = ["--pool", "prefork", "--concurrency", str(WORKER_PROCESSES), "--hostname", self.node]
        flags += ["--without-gossip", "--without-mingle", "--loglevel", os.environ.get("ATRIUM_LOG_LEVEL", "INFO")]
        return python("-m", "celery", "-A", "portal.celery", "worker", *flags)

    def answers(self, environ: Mapping[str, str]) -> bool:
        """Whether the worker answers a ping over the broker."""
        with Celery(broker=environ["BROKER_URL"], set_as_current=False) as app:
            try:
                return bool(app.control.inspect(destination=[self.node], timeout=3.0).ping())
            except (OperationalError, OSError):
                return False


class Sweeper(Part):
    """Re-sends what is due and owns the schedule. It says "sweeping" once it begins, and has no port to ask."""

    name = "sweeper"

    def __init__(self, ground: Ground, *, durable: bool) -> None:
        super().__init__(ground, durable=durable)
        self._said_before = 0

    def own_environ(self, environ: Mapping[str, str]) -> dict[str, str]:
        """A long-lived process with a small pool."""
        return {**environ, "ATRIUM_DB_POOL": "2"}

    def prepare(self) -> None:
        """What an earlier process of this run has said does not count."""
        log = self.ground.log(self.name)
        self._said_before = log.stat().st_size if log.exists() else 0

    def command(self) -> list[str]:
        """The management command."""
        return python("manage.py", "sweeper")

    def answers(self, environ: Mapping[str, str]) -> bool:
        """Whether this process has said that it sweeps."""
        return b"sweeping" in self.ground.log(self.name).read_bytes()[self._said_before :]


class Web(Part):
    """granian: one process, blocking threads, a connection for each thread."""

    name = "web"

    def __init__(self, ground: Ground, *, durable: bool, port: int | None = None) -> None:
        super().__init__(ground, durable=durable)
        self.port = port or free_port()

    def provides(self) -> dict[str, str]:
        """Where people reach it."""
        return {"ATRIUM_URL": f"http://{LOOPBACK}:{self.port}", "ATRIUM_HOSTS": f"localhost,{LOOPBACK}"}

    def own_environ(self, environ: Mapping[str, str]) -> dict[str, str]:
        """One connection for each blocking thread."""
        return {**environ, "ATRIUM_DB_POOL": str(WEB_THREADS)}

    def check(self) -> None:
        """The port must be free. By now the processes of an earlier run are gone."""
        require_free(self.port, cure=f"stop it, or choose another one with `ATRIUM_PORT={self.port + 1} make run`.")

    def command(self) -> list[str]:
        """The server on loopback."""
        return [program("granian"), *WEB_FLAGS, "--host", LOOPBACK, "--port", str(self.port), "portal.wsgi:application"]

    def answers(self, environ: Mapping[str, str]) -> bool:
        """Whether its health page answers."""
        return _answers(f"http://{LOOPBACK}:{self.port}/healthz")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310  our own http address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
