"""Ports on the loopback address."""

import socket

import psutil

from portal.local.errors import StartFailed

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


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
