"""How long the server takes for the executive page: `python -m bench.pages`. Prints a table.

A PostgreSQL of its own with 92 days of the cube, once as large as the demo's and once with 8,000 rows a day; the page
through Django's test client, so with all middleware and its template.
"""

import os
import tempfile
import time
from pathlib import Path
from statistics import median

import django

from bench import company
from bench.results import Row, keep, show
from portal.local.stack import Stack

TIMES = 20
LINES, CASES_OF_A_LINE = 6, 10
SIZES = (60, 8_000)
GOAL = "at most 60 ms"
OWN = {"BROKER_URL": "redis://127.0.0.1:1/0", "ATRIUM_HOSTS": "testserver"}


def page_times() -> tuple[list[float], list[float]]:
    """Milliseconds of TIMES calls after a first one: of the clock, and of this process's time on a processor."""
    from django.test import Client

    from governance.models import User

    client = Client()
    client.force_login(User.objects.get())
    client.get("/costs/")
    wall, processor = [], []
    for _ in range(TIMES):
        began, began_processor = time.perf_counter(), time.process_time()
        page = client.get("/costs/")
        wall.append(1000 * (time.perf_counter() - began))
        processor.append(1000 * (time.process_time() - began_processor))
        assert page.status_code == 200
    return wall, processor


def measured(stack: Stack, rows_a_day: int) -> list[Row]:
    """The figures of one size of the cube."""
    from portal.lib import clock

    total = company.fill(rows_a_day, clock.today(), stack.environ["DATABASE_OWNER_URL"])
    wall, processor = page_times()
    name = f"executive page, {company.DAYS} days of {rows_a_day:,} rows ({total:,} in all)"
    return [
        Row(f"{name}: server time, median of {TIMES}", median(wall), "ms", GOAL),
        Row(f"{name}: slowest", max(wall), "ms", ""),
        Row(f"{name}: processor time of the web process, median", median(processor), "ms", ""),
    ]


def main() -> None:
    """Fill, measure, print, for each size."""
    with (
        tempfile.TemporaryDirectory(prefix="atrium-bench-") as folder,
        Stack(Path(folder) / "bench", ("database", "migrate"), environ=OWN) as stack,
    ):
        os.environ.update(stack.environ)
        django.setup()
        from django.db import connections

        company.found(LINES, CASES_OF_A_LINE)
        rows = [row for size in SIZES for row in measured(stack, size)]
        connections.close_all()
    show("Executive page", rows)
    keep("pages", rows)


if __name__ == "__main__":
    main()
