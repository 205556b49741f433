"""Counting log files in a database, each loader a process of its own that does nothing else."""

import os
import resource
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import psycopg

from bench.log_files import Files
from finops.ingest.keys import LogKey

SUMS = """
    SELECT count(*), sum(requests), sum(errors), sum(input), sum(output), sum(cache_read), sum(cache_write_5m),
        sum(cache_write_1h), sum(latency_ms), sum(latency_n)
    FROM finops_usagehour
"""


@dataclass(frozen=True)
class Run:
    """records counted now; rate: of them a second, all loaders together; per_cpu_s: of them a second of processor that
    the loaders took, without the database's; sums: what the database holds afterwards.
    """

    records: int
    rate: float
    per_cpu_s: float
    memory_mb: float
    sums: tuple[int, ...]

    @property
    def facts(self) -> int:
        """Rows of hourly facts."""
        return self.sums[0]


def run(environ: dict[str, str], files: Files, processes: int) -> Run:
    """Count all files with so many processes, each with hours of its own, as the syncs of two regions have facts of
    their own. Their start is not part of the time.
    """
    context = get_context("spawn")
    os.environ["MALLOC_ARENA_MAX"] = "2"  # as every worker has it; a process reads it before anything else
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(environ,)) as loaders:
        barrier = [loaders.submit(_ready) for _ in range(processes)]
        assert all(one.result() for one in barrier)
        began = time.perf_counter()
        done = [loaders.submit(_load, part) for part in files.parts(processes)]
        results = [one.result() for one in done]
        took = time.perf_counter() - began
    with psycopg.connect(environ["DATABASE_URL"]) as connection:
        found = connection.execute(SUMS).fetchone()
    assert found is not None
    records = sum(counted for counted, _, _ in results)
    memory, processor = max(one[1] for one in results), sum(one[2] for one in results)
    return Run(records, records / took, records / processor, memory, tuple(map(int, found)))


def _begin(environ: dict[str, str]) -> None:
    import django

    os.environ.update(environ)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()


def _ready() -> bool:
    """Wait long enough that each process takes one of these, and none both."""
    time.sleep(0.5)
    return True


def _load(objects: Sequence[tuple[LogKey, Path]]) -> tuple[int, float, float]:
    """Read and count these files. Returns the records counted now, the most memory that this process ever had (MB) and
    the seconds of processor that it took.
    """
    from finops.actions.log_sync import Pending, Source, read
    from portal.jobs.syncs import running

    paths, place = {key.key: path for key, path in objects}, objects[0][0]
    source = Source(place.account, place.region, "bench", "", lambda *_: (), lambda key: paths[key].read_bytes())
    began = time.process_time()
    with running("bench", scope=f"{os.getpid()}") as run:
        read(source, iter([Pending(key, "") for key, _ in objects]), run)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return run.rows, memory, time.process_time() - began
