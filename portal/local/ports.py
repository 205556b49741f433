"""Ports on the loopback address."""

import random
import socket

import psutil

from portal.local.errors import StartFailed

LOOPBACK = "127.0.0.1"


# Below the numbers that the kernel gives to outgoing connections: one of those could take the port of a part between
# its end and its next start.
RANGE = range(20_000, 32_000)
_given: set[int] = set()


def free_port() -> int:
    """A port that nobody listens on at this moment, and that this process was not given before."""
    for port in random.sample(RANGE, len(RANGE)):
        if port not in _given and _is_free(port):
            _given.add(port)
            return port
    raise StartFailed(f"No port between {RANGE.start} and {RANGE.stop} is free: stop some of the programs there.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def require_free(port: int, *, cure: str) -> int:
    """The port itself. Raises StartFailed with the cure, and with the program that holds it where we may know."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except PermissionError as error:
            raise StartFailed(f"Port {port} may not be opened by this user: {cure}") from error
        except OSError as error:
            raise StartFailed(f"Port {port} is in use{_holder(port)}: {cure}") from error
    return port


def _holder(port: int) -> str:
    try:
        listening = [c for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
        number = next((c.pid for c in listening if c.laddr.port == port), None)
        return f" by {psutil.Process(number).name()} (process {number})" if number else " by another program"
    except (psutil.AccessDenied, psutil.NoSuchProcess):
        return " by another program"
