"""The processes of one folder, started in order, watched, and stopped in reverse.

    with Stack(folder, parts=("database", "broker", "migrate")) as stack:
        subprocess.run([...], env=stack.environ)

Parts that are not listed must be given by their variables in `environ` (DATABASE_URL, BROKER_URL, AWS_ENDPOINT_URL).
"""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from portal.local import processes, steps
from portal.local.broker import Broker
from portal.local.child import Child
from portal.local.database import Database
from portal.local.errors import StartFailed
from portal.local.ground import Ground
from portal.local.part import Part, outer_environ
from portal.local.programs import Sandbox, Sweeper, Web, Worker
from portal.local.rabbitmq import RabbitMQ

PARTS: dict[str, type[Part]] = {part.name: part for part in (Database, Broker, RabbitMQ, Sandbox, Worker, Sweeper, Web)}
STEPS: dict[str, steps.Step] = {"migrate": steps.migrate, "demo": steps.demo}
# Those of one stage start together; the next stage waits until all of them answer.
STAGES = (("database", "broker", "rabbitmq", "sandbox"), ("migrate",), ("demo",), ("worker", "sweeper", "web"))
KNOWN = tuple(name for stage in STAGES for name in stage)
EVERYTHING = tuple(name for name in KNOWN if name != RabbitMQ.name)  # the other broker
POLL_S = 0.05
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stack:
    """A context manager: on entry everything runs and answers, on exit nothing of it is left.

    folder: keeps the data between starts; one stack at a time may use it.
    durable: False gives up crash safety of the database and broker for speed.
    environ: further variables for all parts; they win over those that the parts provide.
    web_port: the web server's port; None takes a free one.
    tell, tell_end: called with the name of each part that answers, and of each that the end waits for.
    """

    def __init__(
        self,
        folder: Path,
        parts: Iterable[str] = EVERYTHING,
        *,
        durable: bool = True,
        environ: Mapping[str, str] | None = None,
        web_port: int | None = None,
        tell: Callable[[str], None] | None = None,
        tell_end: Callable[[str], None] | None = None,
    ) -> None:
        self.ground = Ground(folder)
        self.names = _known(parts)
        self.durable = durable
        self.web_port = web_port
        self.tell = tell or _silently
        self.tell_end = tell_end or _silently
        self._given = dict(environ or {})
        self._parts: dict[str, Part] = {}
        self._children: dict[str, Child] = {}
        self._held = contextlib.ExitStack()

    @property
    def environ(self) -> dict[str, str]:
        """The environment in which a program of Atrium works with this stack."""
        found = {**outer_environ(), "ATRIUM_ENV": "local", "ATRIUM_SECRET_KEY": self.ground.secret("signing")}
        for part in self._parts.values():
            found.update(part.provides())
        return processes.marked({**found, **self._given}, self.ground.token)

    def __enter__(self) -> Self:
        self._held.enter_context(self.ground.held())
        try:
            processes.stop(processes.of_stack(self.ground.token), patience_s=5.0)
            self._parts = {name: self._make(name) for name in self.names if name in PARTS}
            for part in self._parts.values():
                part.check()
            for stage in STAGES:
                self._start_stage([name for name in stage if name in self.names])
            self.ground.write_state(self.addresses())
        except BaseException:
            self.stop_all()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_all()

    def part(self, name: str) -> Part:
        """One part of this stack."""
        return self._parts[name]

    def processes(self, name: str) -> list[psutil.Process]:
        """The living processes of a part, its first one at the head."""
        return self._children[name].family() if name in self._children else []

    def is_running(self, name: str) -> bool:
        """Whether a part was started and its first process runs."""
        return name in self._children and self._children[name].is_running()

    def start(self, name: str) -> None:
        """Start a part that does not run. Does not wait: see `wait_ready`."""
        if self.is_running(name):
            raise StartFailed(f"{name} runs already.")
        part = self._parts[name]
        part.prepare()
        self._children[name] = Child(part, self.environ, self.ground)

    def wait_ready(self, name: str) -> None:
        """Return when a started part answers. Raises StartFailed with its last lines if it stops or takes too long."""
        part, child = self._parts[name], self._children[name]
        limit = time.monotonic() + part.start_limit_s
        while not part.answers(self.environ):
            if not child.is_running():
                raise self._failure(name, f"stopped while it started (exit code {child.exit_code()})")
            if time.monotonic() > limit:
                raise self._failure(name, f"did not answer within {part.start_limit_s:.0f} seconds")
            time.sleep(POLL_S)
        part.settle()

    def stop(self, name: str) -> None:
        """Stop a part in its own way and wait for its end."""
        self._children.pop(name).stop()

    def kill(self, name: str) -> None:
        """SIGKILL a part with all its processes. Raises StartFailed unless it ran before and is gone after."""
        self._children[name].kill()

    def fallen(self) -> list[str]:
        """The parts that were started and have ended by themselves."""
        return [name for name, child in self._children.items() if not child.is_running()]

    def stop_all(self) -> None:
        """Stop every part in reverse order, then whatever else carries this stack's mark; let go of the folder."""
        with _undisturbed():
            self._stop_all()

    def _stop_all(self) -> None:
        for stage in reversed(STAGES):
            for name in stage:
                if name in self._children:
                    self._children[name].ask_to_end()
            for name in stage:
                if name in self._children:
                    self._tell_wait(name)
                    self.stop(name)
        processes.stop(processes.of_stack(self.ground.token), patience_s=1.0)
        self.ground.state_file.unlink(missing_ok=True)
        self._held.close()

    def _tell_wait(self, name: str) -> None:
        """Say what the end waits for; where the terminal was closed nobody listens, and the end comes all the same."""
        if self.is_running(name):
            with contextlib.suppress(OSError):
                self.tell_end(name)

    def _start_stage(self, names: list[str]) -> None:
        for name in names:
            if name in STEPS:
                self.tell(name)
                STEPS[name](self.ground, self.environ)
            else:
                self.ground.log(name).write_bytes(b"")
                self.start(name)
        for name in names:
            if name in PARTS:
                self.wait_ready(name)
                self.tell(name)

    def _make(self, name: str) -> Part:
        if name == Web.name:
            return Web(self.ground, durable=self.durable, port=self.web_port)
        return PARTS[name](self.ground, durable=self.durable)

    def addresses(self) -> dict[str, str]:
        """What this stack adds to the environment of the machine."""
        return {name: value for name, value in self.environ.items() if os.environ.get(name) != value}

    def _failure(self, name: str, what: str) -> StartFailed:
        sentence = f"The {name} {what}: its log is {self.ground.log(name)}."
        return StartFailed(sentence, details=self.ground.last_lines(name))


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Let no signal interrupt: a second Ctrl-C while the parts are being stopped would leave some behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in ENDINGS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _silently(sentence: str) -> None:
    """For stacks of which nobody needs to hear."""


def _known(names: Iterable[str]) -> tuple[str, ...]:
    chosen = tuple(names)
    unknown = [name for name in chosen if name not in KNOWN]
    if unknown:
        raise StartFailed(f"There is no part {unknown[0]}: choose from {', '.join(KNOWN)}.")
    return chosen
