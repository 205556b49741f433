"""Processes of this machine: marked by their environment when they start, found by that mark, stopped without a rest.

The mark is the variable ATRIUM_STACK: the tokens of the stacks that a process belongs to, joined by ":". A stack
that is started inside another one (as the tests do) carries both, so stopping the outer one reaches the inner one.
"""

import hashlib
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import psutil

from portal.local.errors import StartFailed

MARK = "ATRIUM_STACK"
KILL_WAIT_S = 10.0
POLL_S = 0.02


def token_of(folder: Path) -> str:
    """The token of the stack that lives in a folder: the same at each start, different for each folder."""
    return hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]


def marked(environ: Mapping[str, str], token: str) -> dict[str, str]:
    """A copy of the environment that carries the token beside those it carried already."""
    outer = [other for other in environ.get(MARK, "").split(":") if other and other != token]
    return {**environ, MARK: ":".join([*outer, token])}


def of_stack(token: str) -> list[psutil.Process]:
    """The living processes that carry the token, and all that they started; this process and its parents aside."""
    mine = psutil.Process()
    spared = {mine.pid, *(parent.pid for parent in mine.parents())}
    roots = [process for process in psutil.process_iter() if token in _tokens(process)]
    return [process for process in families(roots) if process.pid not in spared]


def families(roots: Iterable[psutil.Process]) -> list[psutil.Process]:
    """The processes and their descendants, each once. Workers that rewrote their environment are found this way."""
    started_by: dict[int, list[psutil.Process]] = {}
    for process in psutil.process_iter(["ppid"]):
        started_by.setdefault(process.info["ppid"], []).append(process)
    found: dict[int, psutil.Process] = {}
    waiting = list(roots)
    while waiting:
        process = waiting.pop(0)
        if process.pid not in found:
            found[process.pid] = process
            waiting += started_by.get(process.pid, [])
    return [process for process in found.values() if is_alive(process)]


def is_alive(process: psutil.Process) -> bool:
    """Whether the very process (same number, same start time) still runs; one that only waits to be buried does not."""
    try:
        return bool(process.is_running()) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def stop(processes: Iterable[psutil.Process], *, patience_s: float) -> None:
    """Ask the processes to end, and after `patience_s` make them. Raises StartFailed when one cannot be ended."""
    chosen = list(processes)
    for process in chosen:
        _signal(process, kill=False)
    kill(_left_after(chosen, patience_s))


def kill(processes: Iterable[psutil.Process]) -> None:
    """SIGKILL, and return only when every one of them is gone. Raises StartFailed when one is not."""
    chosen = list(processes)
    for process in chosen:
        _signal(process, kill=True)
    left = _left_after(chosen, KILL_WAIT_S)
    if left:
        numbers = ", ".join(str(process.pid) for process in left)
        raise StartFailed(f"The processes {numbers} cannot be stopped: stop them as the user who owns them.")


def _left_after(chosen: list[psutil.Process], limit_s: float) -> list[psutil.Process]:
    """Those that still run when all have ended or the time is over. Leaves the exit codes to whoever started them."""
    limit = time.monotonic() + limit_s
    while (left := [process for process in chosen if is_alive(process)]) and time.monotonic() < limit:
        time.sleep(POLL_S)
    return left


def _signal(process: psutil.Process, *, kill: bool) -> None:
    try:
        process.kill() if kill else process.terminate()
    except psutil.NoSuchProcess:
        return


def _tokens(process: psutil.Process) -> list[str]:
    """The tokens in a process's environment; none for a process that is gone or belongs to somebody else."""
    if process.pid == os.getpid():
        return []
    try:
        return str(process.environ().get(MARK, "")).split(":")
    except (psutil.NoSuchProcess, psutil.AccessDenied, OSError):
        return []
