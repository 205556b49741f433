"""One started process of a part: in a session of its own, writing to its log."""

import signal
import subprocess
from collections.abc import Mapping

import psutil

from portal.local import processes
from portal.local.errors import StartFailed
from portal.local.ground import ROOT, Ground
from portal.local.part import Part, identity


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
                **identity(part.owner),
            )
        self.process = psutil.Process(self.popen.pid)
        self._asked: list[psutil.Process] | None = None

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

    def ask_to_end(self) -> None:
        """Send the part's own signal for the end, once."""
        if self._asked is None:
            self._asked = self.family()
            self.popen.send_signal(self.part.stop_signal)

    def stop(self) -> None:
        """Ask it to end and wait; after the part's patience is over, kill whatever is left of it."""
        self.ask_to_end()
        self._wait(self.part.patience_s)
        processes.kill(process for process in self._asked or [] if processes.is_alive(process))
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
