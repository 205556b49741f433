"""`python -m portal.local test`: the tests with a database, a broker and a folder of their own."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

from portal.local import browser, processes
from portal.local.clones import rename
from portal.local.database import NAME
from portal.local.errors import StartFailed
from portal.local.ground import ROOT, Ground
from portal.local.part import python
from portal.local.stack import Stack

PREFIX = "atrium-test-"
PROCESSES = "2"
# Tests of what the whole suite did. They run last, and only when all others ran and passed.
AFTERWARDS = "tests/afterwards"


def run_tests(arguments: Sequence[str]) -> int:
    """Start what the tests need, run pytest with the arguments, stop everything. Returns pytest's exit code."""
    clear_abandoned(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    parts = ["database", "migrate"] if os.environ.get("BROKER_URL") else ["database", "broker", "migrate"]
    given = {"ATRIUM_ENV": "test", "ATRIUM_TEST_FOLDER": str(folder), **browser.environ(arguments)}
    given["ATRIUM_AWS_CALL_LOG"] = os.environ.get("ATRIUM_AWS_CALL_LOG") or str(folder / "aws-calls.jsonl")
    failed = False
    try:
        with Stack(folder, parts, durable=False, environ=given) as stack:
            environ = _environ(stack.environ)
            ended = _pytest([*arguments, f"--ignore={AFTERWARDS}"], environ)
            whole = not arguments
            return _pytest(["-n", "0", "-q", AFTERWARDS], environ) if whole and not ended else ended
    except StartFailed:
        failed = True  # the folder stays, with the log that the message names, until the next run
        raise
    finally:
        if not failed:
            shutil.rmtree(folder, ignore_errors=True)  # PostgreSQL's last files may go at this very moment


def _environ(environ: Mapping[str, str]) -> dict[str, str]:
    """What tests/conftest.py works with. The migrated database is only a template: nothing may connect to it, so
    DATABASE_URL and AWS_ENDPOINT_URL lead nowhere until a fixture has made the real ones."""
    return {
        **environ,
        "DATABASE_URL": rename(environ["DATABASE_URL"], "asked_for_without_a_fixture"),
        "DATABASE_ADMIN_URL": rename(environ["DATABASE_ADMIN_URL"], "postgres"),
        "ATRIUM_TEST_TEMPLATE": NAME,
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_REGION": "eu-central-1",
    }


def _pytest(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """pytest in the foreground: Ctrl-C reaches it by the terminal, and we wait for it to clean up."""
    spread = [] if {"-n", "--pdb", "--co"} & set(arguments) else ["-n", PROCESSES, "--dist", "loadgroup"]
    runner = subprocess.Popen(python("-m", "pytest", *spread, *arguments), cwd=ROOT, env=dict(environ))
    before = signal.signal(signal.SIGINT, _leave_it_to_pytest)
    try:
        return runner.wait()
    finally:
        signal.signal(signal.SIGINT, before)
        if runner.poll() is None:
            runner.terminate()
            runner.wait()


def _leave_it_to_pytest(number: int, frame: FrameType | None) -> None:
    """Ctrl-C: pytest has it too."""


def clear_abandoned(parent: Path) -> None:
    """Stop and remove what test runs left behind whose supervisor was killed; living runs hold their folders."""
    for folder in parent.glob(PREFIX + "*"):
        with suppress(FileNotFoundError):  # another run is clearing the same one
            _clear(folder)


def _clear(folder: Path) -> None:
    ground = Ground(folder)
    if folder.stat().st_uid == os.geteuid() and (ground.run / "lock").exists() and not ground.is_held():
        processes.stop(processes.of_stack(ground.token), patience_s=2.0)
        shutil.rmtree(folder, ignore_errors=True)
