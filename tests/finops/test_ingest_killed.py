"""A loader that is killed at any moment and started again ends with the numbers of one that never was."""

import random
import subprocess
import sys
import time

from finops.ingest.rollup import Rollup, dimension_id
from finops.models import LogObject, UsageHour
from tests.finops.loading import LINES, OBJECTS
from tests.finops.log_objects import made, record

KILLS = 10


def start(environ: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.finops.loading"]
    environ = environ | {"DJANGO_SETTINGS_MODULE": "portal.settings"}
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)


def kill_within(loader: subprocess.Popen[str], objects: int, pause: float) -> None:
    """SIGKILL after the loader went through so many objects and a moment, somewhere in its next transactions."""
    assert loader.stdout is not None
    for line in loader.stdout:
        if int(line) >= objects:
            break
    time.sleep(pause)
    assert loader.poll() is None, "the loader ended before it was killed"
    loader.kill()
    assert loader.wait() == -9
    loader.stdout.close()


def undisturbed() -> dict[tuple[object, int], tuple[int, ...]]:
    usage = Rollup()
    for number in range(OBJECTS):
        lines = (record(LINES * number + line) for line in range(LINES))
        usage.add(made(f"{number:04}", *lines).usage)
    return {
        (hour, dimension_id(dimension)): (c.requests, c.input, c.output, c.latency_ms, *c.latency_histogram)
        for (hour, dimension), c in usage.facts().items()
    }


def test_a_loader_killed_ten_times_counts_everything_once(committed_database):
    moments = random.Random(11)
    for kill in range(1, KILLS + 1):
        kill_within(start(committed_database.environ), kill * OBJECTS // (KILLS + 4), moments.uniform(0, 0.03))
        assert 0 < LogObject.objects.count() < OBJECTS
    last = start(committed_database.environ)
    output, _ = last.communicate()
    assert (last.returncode, output.split()[-1]) == (0, str(OBJECTS))
    found = {
        (row.hour, row.dim_id): (row.requests, row.input, row.output, row.latency_ms, *row.latency_histogram)
        for row in UsageHour.objects.all()
    }
    assert found == undisturbed()
    assert LogObject.objects.filter(state="loaded").count() == OBJECTS
