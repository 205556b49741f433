"""How long a newcomer waits: `python -m bench.start`. Starts everything in a folder of its own, twice. Prints a table.

The dependencies are there already. First start: a new database, migrations, the demo company. Second: what was kept.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from bench.results import Row, keep, show
from portal.local.ports import LOOPBACK, free_port

LIMIT_S = 300.0
GIVEN = ("DATABASE_URL", "DATABASE_OWNER_URL", "BROKER_URL", "AWS_ENDPOINT_URL", "ATRIUM_SANDBOX")


def seconds_to_first_answer(folder: str) -> float:
    """Seconds from the command to the sign-in page; then everything is stopped as Ctrl-C does it."""
    port = free_port()
    environ = {name: value for name, value in os.environ.items() if name not in GIVEN}
    environ |= {"ATRIUM_LOCAL": folder, "ATRIUM_PORT": str(port)}
    began = time.perf_counter()
    command = [sys.executable, "-m", "portal.local", "run"]
    run = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        while not _answers(f"http://{LOOPBACK}:{port}/account/login/"):
            if run.poll() is not None or time.perf_counter() - began > LIMIT_S:
                raise SystemExit("It did not start; `make run` says why.")
            time.sleep(0.05)
        return time.perf_counter() - began
    finally:
        run.send_signal(signal.SIGINT)
        run.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def main() -> None:
    """Start twice, print, keep."""
    with tempfile.TemporaryDirectory() as folder:
        first, second = seconds_to_first_answer(folder), seconds_to_first_answer(folder)
    rows = [
        Row("`make run`, first start, to the first answer", first, "s", "with the demo company to be made"),
        Row("`make run`, second start, to the first answer", second, "s", "with what was kept"),
    ]
    show("Start", rows)
    keep("start", rows)


if __name__ == "__main__":
    main()
