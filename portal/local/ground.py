"""The folder of a stack: what is kept between starts, what belongs to one run, and who holds it."""

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from portal.local.errors import StartFailed
from portal.local.processes import token_of

ROOT = Path(__file__).resolve().parent.parent.parent
LAST_LINES = 15


class Ground:
    """The paths below one folder. Made on first use; readable by nobody else, passable where a server must."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.token = token_of(self.folder)
        self.run = self.folder / "run"
        self.logs = self.run / "log"
        self.state_file = self.run / "state.json"

    def prepare(self) -> None:
        """Create the folders. The outer one lets others pass (x), since PostgreSQL may run as another user."""
        for path, mode in ((self.folder, 0o711), (self.run, 0o700), (self.logs, 0o700)):
            path.mkdir(parents=True, exist_ok=True)
            path.chmod(mode)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder for this process; the kernel lets go when the process ends, however it ends.

        Raises StartFailed when another supervisor holds it.
        """
        self.prepare()
        with (self.run / "lock").open("a+") as lock:
            if not _lock(lock):
                raise StartFailed(f"Atrium already runs from this folder{self._whereabouts()}: stop it there first.")
            yield

    def is_held(self) -> bool:
        """Whether a living supervisor holds the folder."""
        path = self.run / "lock"
        if not path.exists():
            return False
        with path.open("a+") as lock:
            return not _lock(lock)

    def log(self, name: str) -> Path:
        """The log file of one part."""
        return self.logs / f"{name}.log"

    def last_lines(self, name: str) -> str:
        """The end of a part's log, for the message that says why it stopped."""
        path = self.log(name)
        if not path.exists():
            return ""
        return "\n".join(path.read_text(errors="replace").splitlines()[-LAST_LINES:])

    def secret(self, name: str) -> str:
        """A random secret that is made once for this folder and stays (passwords, the signing key)."""
        path = self.folder / "secrets.json"
        known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        if name not in known:
            known[name] = secrets.token_urlsafe(32)
            write_private(path, json.dumps(known, indent=1))
        return known[name]

    def write_state(self, environ: dict[str, str]) -> None:
        """Keep who runs here and with which addresses, for `portal.local manage` and for a second start's message."""
        write_private(self.state_file, json.dumps({"pid": os.getpid(), "environ": environ}, indent=1))

    def read_state(self) -> dict[str, str]:
        """The addresses of the stack that runs here. Raises StartFailed when none does."""
        if not self.is_held() or not self.state_file.exists():
            raise StartFailed("Nothing runs from this folder: start it with `make run`.")
        environ: dict[str, str] = json.loads(self.state_file.read_text())["environ"]
        return environ

    def _whereabouts(self) -> str:
        if not self.state_file.exists():
            return ""
        state = json.loads(self.state_file.read_text())
        return f" (process {state['pid']}, {state['environ'].get('ATRIUM_URL', 'no web server')})"


def write_private(path: Path, text: str) -> None:
    """Replace a file as a whole, readable by its owner alone."""
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.chmod(0o600)
    fresh.write_text(text)
    fresh.replace(path)


def _lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
