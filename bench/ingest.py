"""How fast log objects become hourly facts: `python -m bench.ingest [--records N]`. Prints two tables.

First reading and summing alone, then everything: reading, and counting in a PostgreSQL of its own that ends with the
run, 25 objects a transaction, then the same objects again. One process; fetching from S3 is not part of it.
"""

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path
from statistics import median

import django

from bench.log_objects import objects
from bench.results import keep
from finops.ingest.keys import LogKey
from finops.ingest.objects import parse
from finops.ingest.rollup import Facts, merge
from portal.local.stack import Stack

Made = list[tuple[LogKey, bytes, int]]
HEAD = "| run | records | facts | wall s | cpu s | records/s | records/cpu s |\n|---|---|---|---|---|---|---|"
NO_BROKER = {"BROKER_URL": "redis://127.0.0.1:1/0"}


class Timer:
    """Wall and processor seconds of this process since it was made."""

    def __init__(self) -> None:
        self._wall, self._processor = time.perf_counter(), time.process_time()

    def row(self, run: str, records: int, facts: int) -> int:
        """Print the measured line of a table. Returns records a second."""
        wall, processor = time.perf_counter() - self._wall, time.process_time() - self._processor
        speeds = f"{records / wall:,.0f} | {records / processor:,.0f}"
        print(f"| {run} | {records:,} | {facts:,} | {wall:.2f} | {processor:.2f} | {speeds} |")
        return round(records / wall)


def read_and_sum(made: Made) -> tuple[int, Facts]:
    """Records and facts of all objects."""
    facts: Facts = {}
    records = 0
    for key, data, _ in made:
        parsed = parse(data, bucket="bench", key=key, etag="")
        assert (parsed.error, parsed.bad) == ("", 0)
        records += parsed.records
        merge(facts, parsed.facts)
    return records, facts


def read_and_load(made: Made) -> int:
    """Read all objects and count them in the database. Returns the records that were counted now."""
    from finops.actions.ingest import BATCH, load

    records = 0
    for start in range(0, len(made), BATCH):
        batch = made[start : start + BATCH]
        records += load([parse(data, bucket="bench", key=key, etag="") for key, data, _ in batch]).records
    return records


def with_database(made: Made) -> int:
    """Measure the first load and the second one, which must count nothing. Returns records a second of the first."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Stack(Path(folder) / "bench", ("database", "migrate"), environ=NO_BROKER) as stack,
    ):
        os.environ.update(stack.environ)
        django.setup()
        from finops.models import UsageHour

        speeds = []
        for run in ("first", "again"):
            timer = Timer()
            records = read_and_load(made)
            speeds.append(timer.row(run, records, UsageHour.objects.count()))
        django.db.connections.close_all()
        return speeds[0]


def main() -> None:
    """Make the objects, measure, print."""
    options = argparse.ArgumentParser()
    options.add_argument("--records", type=int, default=200_000)
    options.add_argument("--per-object", type=int, default=2_000)
    chosen = options.parse_args()
    made = list(objects(chosen.records, chosen.per_object, seed=7))
    raw = sum(size for _, _, size in made)
    print(f"{len(made)} objects, {raw / 1e6:.0f} MB raw, {sum(len(data) for _, data, _ in made) / 1e6:.0f} MB gzip")
    print(f"\nReading and summing\n{HEAD}")
    speeds = []
    for run in range(1, 6):
        timer = Timer()
        records, facts = read_and_sum(made)
        speeds.append(timer.row(str(run), records, len(facts)))
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB, the objects included")
    print(f"\nReading and counting in PostgreSQL\n{HEAD}")
    counted = with_database(made)
    keep("ingest", {"read_records_per_second": round(median(speeds)), "counted_records_per_second": counted})


if __name__ == "__main__":
    main()
