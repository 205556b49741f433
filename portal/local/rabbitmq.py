"""RabbitMQ on this machine, in place of Redis: Debian's package, a node and data of our own, on free loopback ports."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from amqp import Connection
from amqp.exceptions import AMQPError

from portal.local.errors import StartFailed
from portal.local.ground import Ground, write_private
from portal.local.part import Part
from portal.local.ports import LOOPBACK, free_port

# The program itself: the one on the path changes to a user of its own, who cannot write into our folder.
PROGRAM = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
USER = "atrium"


def missing() -> str:
    """Why RabbitMQ cannot be started here, or ""."""
    if PROGRAM.exists() and shutil.which("erl"):
        return ""
    return "RabbitMQ is not installed: run `apt-get install --no-install-recommends rabbitmq-server` as root"


class RabbitMQ(Part):
    """The message broker, with quorum queues. Its data stays between starts, as that of every quorum queue does."""

    name = "rabbitmq"
    start_limit_s = 120.0

    def __init__(self, ground: Ground, *, durable: bool) -> None:
        super().__init__(ground, durable=durable)
        self.port, self._between_nodes, self._names = free_port(), free_port(), free_port()
        self.data = ground.folder / "rabbitmq"

    def provides(self) -> dict[str, str]:
        """BROKER_URL."""
        return {"BROKER_URL": f"amqp://{USER}:{self.ground.secret(self.name)}@{LOOPBACK}:{self.port}//"}

    def own_environ(self, environ: Mapping[str, str]) -> dict[str, str]:
        """Nothing of the machine's own RabbitMQ, if it has one: node, folders, plugins and ports are ours."""
        return {
            **environ,
            "HOME": str(self.data),
            "RABBITMQ_NODENAME": f"atrium-{self.ground.token}@localhost",
            "RABBITMQ_CONFIG_FILE": str(self.data / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(self.data / "none"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.data / "none.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.data / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.data / "mnesia"),
            "RABBITMQ_PID_FILE": str(self.data / "pid"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_DIST_PORT": str(self._between_nodes),
            "ERL_EPMD_PORT": str(self._names),
            "ERL_EPMD_ADDRESS": LOOPBACK,
        }

    def check(self) -> None:
        """Raises StartFailed with the cure where it is not installed."""
        if reason := missing():
            raise StartFailed(f"{reason}.")

    def prepare(self) -> None:
        """Write the configuration."""
        self.data.mkdir(mode=0o700, exist_ok=True)
        lines = [
            f"listeners.tcp.default = {LOOPBACK}:{self.port}",
            f"default_user = {USER}",
            f"default_pass = {self.ground.secret(self.name)}",
            "disk_free_limit.absolute = 50MB",
            "log.console = true",
            "log.console.level = warning",
        ]
        write_private(self.data / "rabbitmq.conf", "\n".join(lines) + "\n")
        write_private(self.data / "plugins", "[].\n")

    def command(self) -> list[str]:
        """The server in the foreground."""
        return [str(PROGRAM)]

    def answers(self, environ: Mapping[str, str]) -> bool:
        """Whether somebody with our password is let in."""
        password = self.ground.secret(self.name)
        try:
            with Connection(f"{LOOPBACK}:{self.port}", userid=USER, password=password, connect_timeout=2):
                return True
        except (OSError, AMQPError):
            return False
