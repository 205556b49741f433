"""What the drill does to a broker itself, past Celery: whether it is within reach, what waits in it, forgetting it."""

import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

import redis
from amqp import Connection
from django.conf import settings

PATIENCE_S = 1.0
# To these words each answers something, and be it that one has to sign in first.
HELLO = {"redis": b"PING\r\n", "amqp": b"AMQP\x00\x00\x09\x01"}


@dataclass(frozen=True)
class Address:
    """A broker's URL, taken apart."""

    url: str

    @property
    def port(self) -> int:
        """Its port on loopback."""
        return int(urlsplit(self.url).port or 0)

    @property
    def scheme(self) -> str:
        """redis or amqp."""
        return urlsplit(self.url).scheme


def listens(port: int) -> bool:
    """Whether a connection to the port is taken."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def reaches(at: Address) -> bool:
    """Whether somebody answers there within a second."""
    try:
        with socket.create_connection(("127.0.0.1", at.port), PATIENCE_S) as probe:
            probe.settimeout(PATIENCE_S)
            probe.sendall(HELLO[at.scheme])
            return bool(probe.recv(16))
    except OSError:
        return False


def forget(at: Address) -> int:
    """Drop every message that waits for a worker; Redis forgets all else too. Returns how many there were.

    Asserts that none of them waits any more.
    """
    return _flush(at) if at.scheme == "redis" else _purge(at)


def _flush(at: Address) -> int:
    queue = settings.CELERY_TASK_DEFAULT_QUEUE
    with redis.Redis.from_url(at.url) as broker:
        before, _, after = broker.pipeline(transaction=True).llen(queue).flushall().llen(queue).execute()
    assert after == 0
    return int(before)


def _purge(at: Address) -> int:
    given = urlsplit(at.url)
    where = f"{given.hostname}:{given.port}"
    with Connection(where, userid=given.username, password=given.password) as connection:
        return int(connection.channel().queue_purge(settings.CELERY_TASK_DEFAULT_QUEUE))
