"""`make run`: everything on this machine, watched, until Ctrl-C."""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from portal.local import roles, steps
from portal.local.errors import StartFailed
from portal.local.ground import ROOT
from portal.local.stack import ENDINGS, EVERYTHING, Stack

DEFAULT_PORT = "8000"
WATCH_S = 0.5
BACK_OFF_S = (0.5, 1, 2, 4, 8, 16, 30)
STEADY_S = 60.0

WORDS = {
    "database": "PostgreSQL answers",
    "broker": "Redis answers",
    "sandbox": "The sandbox account answers (it is not AWS)",
    "migrate": "Bringing the tables up to date",
    "demo": "Loading the demo company",
    "worker": "The worker answers",
    "sweeper": "The sweeper sweeps",
    "web": "The web server answers",
}

ENDS = {
    "worker": "the worker to give back what it was doing",
    "sweeper": "the sweeper",
    "web": "the web server to finish its answers",
    "database": "PostgreSQL to write everything to disk",
    "broker": "Redis",
    "rabbitmq": "RabbitMQ",
    "sandbox": "the sandbox account to keep its state",
}


def run(tell: Callable[[str], None]) -> int:
    """Start everything, say where it is, and keep it running. Ends with Ctrl-C or SIGTERM, leaving nothing behind."""
    port = web_port()
    began = time.monotonic()
    stack = Stack(
        folder(),
        chosen_parts(),
        web_port=port,
        tell=lambda part: tell(f"  {WORDS[part]}."),
        tell_end=lambda part: tell(f"Stopping; it waits for {ENDS[part]} …"),
    )
    with stack:
        tell(f"\nAtrium runs at {stack.environ['ATRIUM_URL']} (after {time.monotonic() - began:.0f} s).")
        tell(f"{_who(stack)}\nLogs: {stack.ground.logs}. Stop it with Ctrl-C.\n")
        if "demo" in stack.names:
            steps.history(stack.ground, stack.environ)
        Watch(stack, tell).keep()
    with contextlib.suppress(OSError):  # a terminal that was closed
        tell("Stopped.")
    return 0


def folder() -> Path:
    """Where the data of `make run` is kept: ATRIUM_LOCAL, or .local in the checkout."""
    return Path(os.environ.get("ATRIUM_LOCAL") or ROOT / ".local")


def chosen_parts() -> tuple[str, ...]:
    """Everything, less what the environment gives: DATABASE_URL, BROKER_URL, or real AWS by ATRIUM_SANDBOX=off.

    Raises StartFailed when a given database cannot be used.
    """
    left_out: set[str] = set()
    if os.environ.get("DATABASE_URL"):
        _check_database()
        left_out.add("database")
    if os.environ.get("BROKER_URL"):
        left_out.add("broker")
    if os.environ.get("ATRIUM_SANDBOX", "on") == "off":
        left_out |= {"sandbox", "demo"}
    return tuple(name for name in EVERYTHING if name not in left_out)


def web_port() -> int:
    """ATRIUM_PORT, or 8000. Raises StartFailed when it is no port or in use."""
    given = os.environ.get("ATRIUM_PORT", DEFAULT_PORT)
    if not given.isdecimal() or not 0 < int(given) < 65536:
        raise StartFailed(f"ATRIUM_PORT is {given!r}: set it to a number between 1 and 65535.")
    return int(given)


def _check_database() -> None:
    if not os.environ.get("DATABASE_OWNER_URL"):
        raise StartFailed(
            "DATABASE_URL is set and DATABASE_OWNER_URL is not: set it to the role that owns the tables (it migrates), "
            "or unset DATABASE_URL to use the built-in PostgreSQL."
        )
    roles.check(os.environ["DATABASE_URL"], os.environ["DATABASE_OWNER_URL"])


def _who(stack: Stack) -> str:
    """The last lines of the demo's own output say whom to sign in as."""
    return stack.ground.last_lines("demo") if "demo" in stack.names else ""


class Watch:
    """Starts a part again whenever it ends, each time a little later; the wait forgets a part that ran steadily."""

    def __init__(self, stack: Stack, tell: Callable[[str], None]) -> None:
        self.stack = stack
        self.tell = tell
        self.ending = False
        self._falls: dict[str, list[float]] = {}
        self._due: dict[str, float] = {}

    def keep(self) -> None:
        """Watch until a signal asks for the end."""
        for number in ENDINGS:
            signal.signal(number, self._end)
        while not self.ending:
            self.look(time.monotonic())
            time.sleep(WATCH_S)

    def look(self, now: float) -> None:
        """One round. now: seconds of a monotonic clock."""
        for name in self.stack.fallen():
            if name not in self._due:
                self._due[name] = now + self._wait(name, now)
                self.tell(f"The {name} ended; it starts again in {self._due[name] - now:.1f} s.")
            elif now >= self._due[name]:
                del self._due[name]
                self._start(name)

    def _start(self, name: str) -> None:
        try:
            self.stack.start(name)
        except StartFailed as failure:
            self.tell(str(failure))

    def _wait(self, name: str, now: float) -> float:
        falls = [moment for moment in self._falls.get(name, []) if now - moment < STEADY_S]
        self._falls[name] = [*falls, now]
        return BACK_OFF_S[min(len(falls), len(BACK_OFF_S) - 1)]

    def _end(self, number: int, frame: FrameType | None) -> None:
        self.ending = True
