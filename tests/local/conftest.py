"""A folder for a stack of its own, and the supervisor as a process of its own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from portal.local import processes

GIVEN = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_ADMIN_URL", "BROKER_URL", "AWS_ENDPOINT_URL", "ATRIUM_URL")


class Supervisor:
    """`python -m portal.local …` on a folder, as somebody would start it in a terminal."""

    def __init__(self, folder: Path, *arguments: str, **environ: str) -> None:
        inherited = {name: value for name, value in os.environ.items() if name not in GIVEN}
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "portal.local", *arguments],
            env={**inherited, "ATRIUM_LOCAL": str(folder), **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def exports(self) -> dict[str, str]:
        """Wait until it runs; the addresses that it prints."""
        assert self.popen.stdout is not None
        found = {}
        for line in self.popen.stdout:
            name, _, value = line.removeprefix("export ").strip().partition("=")
            found[name] = value.strip("'")
            if name == processes.MARK:
                return found
        raise AssertionError(self.popen.communicate()[1])

    def end(self, number: signal.Signals) -> int:
        """Send a signal and wait for the end. Returns the exit code."""
        self.popen.send_signal(number)
        self.popen.communicate()
        return self.popen.returncode

    def words(self) -> str:
        """Wait for its end by itself; what it said on standard error."""
        return self.popen.communicate()[1]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that another user can pass through, for a PostgreSQL that does not run as root."""
    path = Path(tempfile.mkdtemp(prefix="atrium-local-"))
    path.chmod(0o711)
    yield path
    processes.kill(members(path))
    shutil.rmtree(path)


def members(folder: Path) -> list[psutil.Process]:
    """The living processes of the stack in a folder."""
    return processes.of_stack(processes.token_of(folder))
