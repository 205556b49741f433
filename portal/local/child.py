"""One started process of a part: in a session of its own, writing to its log."""

import os
import signal
import subprocess
from collections.abc import Mapping
from typing import Any

import psutil

from portal.local import processes
from portal.local.errors import StartFailed
from portal.local.ground import ROOT, Ground
from portal.local.part import Owner, Part


class Child:
    """A running part. Its own session keeps Ctrl-C in the terminal from reaching it before the supervisor decides."""

    def __init__(self, part: Part, environ: Mapping[str, str], ground: Ground) -> None:
        self.part = part
        log = ground.log(part.name)
        with log.open("ab") as output:
            self.popen = subprocess.Popen(
                part.command(),
                cwd=ROOT if part.owner is None else "/",
                env=processes.marked(part.own_environ(environ), ground.token),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **_identity(part.owner),
            )
        self.process = psutil.Process(self.popen.pid)

    @property
    def pid(self) -> int:
        """The process number of the part's first process."""
        return self.popen.pid

    def is_running(self) -> bool:
        """Whether the first process still runs."""
        return self.popen.poll() is None

    def exit_code(self) -> int | None:
        """What it ended with; negative for a signal, None while it runs."""
        return self.popen.poll()

    def family(self) -> list[psutil.Process]:
        """The first process and all that it started."""
        return processes.families([self.process])

    def stop(self) -> None:
        """Ask it to end in its own way, then make whatever is left."""
        family = self.family()
        if self.is_running():
            self.popen.send_signal(self.part.stop_signal)
        self._wait(self.part.patience_s)
        processes.kill(process for process in family if processes.is_alive(process))
        self._wait(processes.KILL_WAIT_S)

    def kill(self) -> None:
        """SIGKILL to all its processes at once. Raises StartFailed unless they ran before and are gone after."""
        family = self.family()
        if not self.is_running() or not family:
            raise StartFailed(f"{self.part.name} cannot be killed: it did not run.")
        processes.kill(family)
        self._wait(processes.KILL_WAIT_S)
        if self.exit_code() != -signal.SIGKILL:
            raise StartFailed(f"{self.part.name} ended with {self.exit_code()} and not by the kill.")

    def _wait(self, limit_s: float) -> None:
        """Wait for the end, up to the limit; the caller then looks whether it came."""
        try:
            self.popen.wait(limit_s)
        except subprocess.TimeoutExpired:
            return


def _identity(owner: Owner | None) -> dict[str, Any]:
    """The arguments of Popen that change the user, for a supervisor that is root."""
    if owner is None or os.geteuid() != 0:
        return {}
    return {"user": owner.uid, "group": owner.gid, "extra_groups": []}
