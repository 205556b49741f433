"""What the supervisor knows about each part of the machine."""

import os
import signal
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from portal.local.ground import ROOT, Ground


class Owner(NamedTuple):
    """The user that a process runs as, where it is not the supervisor's own."""

    uid: int
    gid: int


def identity(owner: Owner | None) -> dict[str, Any]:
    """The arguments of subprocess which start a program as that user."""
    return {"user": owner.uid, "group": owner.gid, "extra_groups": []} if owner else {}


class Part(ABC):
    """One long-running process. `name` is its name on the command line, in messages and of its log file."""

    name: ClassVar[str]
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    patience_s: ClassVar[float] = 8.0
    start_limit_s: ClassVar[float] = 60.0
    owner: Owner | None = None

    def __init__(self, ground: Ground, *, durable: bool) -> None:
        self.ground = ground
        self.durable = durable

    def provides(self) -> dict[str, str]:
        """The environment variables by which other parts find this one."""
        return {}

    def own_environ(self, environ: Mapping[str, str]) -> dict[str, str]:
        """The environment of this part's own process, from that of the stack."""
        return dict(environ)

    def check(self) -> None:
        """Raise StartFailed for what is in the way; asked once, before any part starts."""
        return

    def prepare(self) -> None:
        """Make what must be there before the process starts. Safe to repeat."""
        return

    @abstractmethod
    def command(self) -> list[str]:
        """The command line."""

    @abstractmethod
    def answers(self, environ: Mapping[str, str]) -> bool:
        """Whether the part does its work now; asked repeatedly until it is true."""

    def settle(self) -> None:
        """Make what can only be made once the part answers. Safe to repeat."""
        return


def python(*arguments: str) -> list[str]:
    """The command line of a Python program of this environment."""
    return [sys.executable, "-X", "utf8", *arguments]


def program(name: str) -> str:
    """The path of a program that was installed beside this Python."""
    return str(os.path.join(os.path.dirname(sys.executable), name))


def outer_environ() -> dict[str, str]:
    """The environment that the parts inherit: ours, with this checkout importable and output not held back."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    return {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "DJANGO_SETTINGS_MODULE": "portal.settings"}
