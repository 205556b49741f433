"""Counting log files in a database, each loader a process of its own that does nothing else."""

import os
import resource
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from bench.log_files import Files
from finops.ingest.keys import LogKey

# Rows that this and later transactions wrote; of what was removed, the digest tells.
WRITTEN = """
    SELECT (SELECT count(*) FROM finops_usagehour WHERE xmin::text::bigint >= %(since)s)
        + (SELECT count(*) FROM finops_usagedim WHERE xmin::text::bigint >= %(since)s)
        + (SELECT count(*) FROM finops_logobject WHERE xmin::text::bigint >= %(since)s)
        + (SELECT count(*) FROM finops_badline WHERE xmin::text::bigint >= %(since)s)
"""
FACTS = """
    SELECT count(*), sum(requests), coalesce(sum(hashtextextended(fact::text, 0)::numeric), 0)::text
    FROM finops_usagehour AS fact
"""


@dataclass(frozen=True)
class Run:
    """records counted now; rate: of them a second, all loaders together; per_cpu_s: of them a second of processor that
    the loaders took, without the database's; written: rows of usage and of the ledger that were inserted or updated;
    facts, requests, digest: of all hourly facts that the database holds afterwards.
    """

    records: int
    rate: float
    per_cpu_s: float
    memory_mb: float
    written: int
    facts: int
    requests: int
    digest: str


def run(environ: dict[str, str], files: Files, processes: int) -> Run:
    """Count all files with so many processes, each with hours of its own, as the syncs of two regions have facts of
    their own. Their start is not part of the time.
    """
    context = get_context("spawn")
    os.environ["MALLOC_ARENA_MAX"] = "2"  # as every worker has it; a process reads it before anything else
    since = _asked(environ, "SELECT pg_current_xact_id()::text::bigint")[0]
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(environ,)) as loaders:
        barrier = [loaders.submit(_ready) for _ in range(processes)]
        assert all(one.result() for one in barrier)
        began = time.perf_counter()
        done = [loaders.submit(_load, part) for part in files.parts(processes)]
        results = [one.result() for one in done]
        took = time.perf_counter() - began
    written = _asked(environ, WRITTEN, since=since)[0]
    records = sum(counted for counted, _, _ in results)
    memory, processor = max(one[1] for one in results), sum(one[2] for one in results)
    return Run(records, records / took, records / processor, memory, written, *_asked(environ, FACTS))


def _asked(environ: dict[str, str], statement: LiteralString, **given: int) -> tuple[Any, ...]:
    with psycopg.connect(environ["DATABASE_URL"]) as connection:
        found = connection.execute(statement, given).fetchone()
    assert found is not None
    return found


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
