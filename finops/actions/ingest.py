"""Counting parsed log objects: the ledger row of an object and its numbers commit together, so it counts once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.backends.utils import CursorWrapper

from finops.actions.cube import mark_days
from finops.ingest.objects import Parsed
from finops.ingest.records import PARSER_VERSION
from finops.ingest.rollup import Counters, Dimension, Facts, Rollup, dimension_id
from finops.models import BadLine, LogObject
from portal.jobs.claims import fenced
from portal.lib import clock

BATCH = 25  # objects a transaction: about a second of work, so that row locks and lost work stay small
COUNTED_OTHERWISE = "The object changed after it was counted; its new content is not counted."


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a call stored: objects counted now, records and bad lines in them, objects that could not be read."""

    objects: int = 0
    records: int = 0
    bad: int = 0
    failed: int = 0

    def plus(self, more: "Loaded") -> "Loaded":
        """The sum of two calls."""
        return Loaded(
            self.objects + more.objects, self.records + more.records, self.bad + more.bad, self.failed + more.failed
        )


def load(objects: Sequence[Parsed]) -> Loaded:
    """Count these objects, in one transaction that commits only while the running job is ours.

    Objects that are counted already are passed over, so any repetition, in any order and by any number of loaders,
    gives the same totals. Unreadable ones are kept in the ledger with their error, to be tried again.
    """
    unique = list({(one.bucket, one.key.key, one.etag): one for one in objects}.values())
    unique.sort(key=lambda one: (one.bucket, one.key.key))  # all loaders take row locks in the same order
    _make_partitions(one for one in unique if not one.error)
    with fenced():
        _one_at_a_time(unique)
        changed = _counted_with_other_content(unique)
        claimed: list[tuple[int, Parsed]] = []
        failed = 0
        for one in unique:
            error = one.error or (COUNTED_OTHERWISE if (one.bucket, one.key.key) in changed else "")
            row = _enter(one, error)
            if error:
                failed += 1
            elif row is not None:
                claimed.append((row, one))
        _count(claimed)
    counted = [one for _, one in claimed]
    return Loaded(len(counted), sum(one.records for one in counted), sum(one.bad for one in counted), failed)


def _make_partitions(objects: Iterable[Parsed]) -> None:
    """Months that have no partition yet get one, outside the batch's transaction: attaching one takes a lock."""
    months = {month for one in objects for month in one.usage.months()}
    with connection.cursor() as cursor:
        for month in sorted(months):
            cursor.execute("SELECT finops_usage_partition(%s)", [month])


def _one_at_a_time(objects: Sequence[Parsed]) -> None:
    """Let no other loader enter the same objects before this transaction ends: two unique indexes guard the ledger, and
    an insert can yield to one of them only. The order is that of the objects, so loaders never wait in a circle.
    """
    names = [f"{one.bucket}/{one.key.key}" for one in objects]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(n, 0)) FROM unnest(%s::text[]) AS n", [names])


def _counted_with_other_content(objects: Sequence[Parsed]) -> set[tuple[str, str]]:
    """The objects (bucket, key) that are counted under another etag than they have now."""
    etags = {(one.bucket, one.key.key): one.etag for one in objects}
    counted = LogObject.objects.filter(key__in=[key for _, key in etags], state=LogObject.State.LOADED)
    return {
        (bucket, key)
        for bucket, key, etag in counted.values_list("bucket", "key", "etag")
        if etags.get((bucket, key), etag) != etag
    }


# A failed row becomes a counted one, never the other way round; a failed one that fails again counts its attempts.
ENTER = """
    INSERT INTO finops_logobject AS known (
        bucket, key, etag, parser_version, account, region, hour, state, records, bad, first_at, last_at, loaded_at,
        attempts, error
    ) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 1, %s)
    ON CONFLICT (bucket, key, etag, parser_version) DO UPDATE SET
        state = excluded.state, records = excluded.records, bad = excluded.bad, first_at = excluded.first_at,
        last_at = excluded.last_at, loaded_at = excluded.loaded_at, attempts = known.attempts + 1,
        error = excluded.error
    WHERE known.state = 'failed'
    RETURNING id
"""


def _enter(one: Parsed, error: str) -> int | None:
    """Write an object's ledger row. Returns its id, None if the object is counted already."""
    state = LogObject.State.FAILED if error else LogObject.State.LOADED
    with connection.cursor() as cursor:
        cursor.execute(
            ENTER,
            [
                one.bucket, one.key.key, one.etag, PARSER_VERSION, one.key.account, one.key.region, one.key.hour, state,
                one.records, one.bad, one.first_at, one.last_at, None if error else clock.now(), error,
            ],
        )  # fmt: skip
        row = cursor.fetchone()
    return None if row is None else int(row[0])


def _count(claimed: Sequence[tuple[int, Parsed]]) -> None:
    """Add up what the objects of these ledger rows hold, and mark their days for the cube."""
    if not claimed:
        return
    usage = Rollup()
    for _, one in claimed:
        usage.add(one.usage)
    facts = usage.facts()
    lines = [
        BadLine(object_id=row, number=bad.number, reason=bad.reason) for row, one in claimed for bad in one.bad_lines
    ]
    BadLine.objects.bulk_create(lines)
    # What an earlier, unreadable content of the same object left behind is settled now.
    for _, one in claimed:
        LogObject.objects.filter(bucket=one.bucket, key=one.key.key, state=LogObject.State.FAILED).delete()
    with connection.cursor() as cursor:
        _stage_and_add(cursor, facts)
    mark_days(hour.date() for hour, _ in facts)


# The stages have the columns of their tables in the same order.
STAGE = """
    CREATE TEMP TABLE IF NOT EXISTS stage_dim (LIKE finops_usagedim) ON COMMIT DROP;
    CREATE TEMP TABLE IF NOT EXISTS stage_hour (LIKE finops_usagehour) ON COMMIT DROP;
    TRUNCATE stage_dim, stage_hour
"""
ADD_DIMENSIONS = "INSERT INTO finops_usagedim SELECT * FROM stage_dim ORDER BY id ON CONFLICT (id) DO NOTHING"
ADD_HOURS = """
    INSERT INTO finops_usagehour AS known SELECT * FROM stage_hour ORDER BY hour, dim_id
    ON CONFLICT (hour, dim_id) DO UPDATE SET
        requests = known.requests + excluded.requests,
        errors = known.errors + excluded.errors,
        input = known.input + excluded.input,
        output = known.output + excluded.output,
        cache_read = known.cache_read + excluded.cache_read,
        cache_write_5m = known.cache_write_5m + excluded.cache_write_5m,
        cache_write_1h = known.cache_write_1h + excluded.cache_write_1h,
        latency_ms = known.latency_ms + excluded.latency_ms,
        latency_n = known.latency_n + excluded.latency_n,
        latency_histogram = finops_histogram_sum(known.latency_histogram, excluded.latency_histogram)
"""
COPY_DIMENSIONS = f"COPY stage_dim (id, {', '.join(Dimension._fields)}) FROM STDIN"
COPY_HOURS = """
    COPY stage_hour (
        hour, dim_id, requests, errors, input, output, cache_read, cache_write_5m, cache_write_1h, latency_ms,
        latency_n, latency_histogram
    ) FROM STDIN
"""


def _stage_and_add(cursor: CursorWrapper, facts: Facts) -> None:
    """COPY to temporary tables, then add in the order of the keys: two loaders never wait for each other in a ring."""
    ids = {dimension: dimension_id(dimension) for dimension in {dimension for _, dimension in facts}}
    cursor.execute(STAGE)
    with cursor.copy(COPY_DIMENSIONS) as copy:
        for dimension, key in ids.items():
            copy.write_row((key, *dimension))
    with cursor.copy(COPY_HOURS) as copy:
        for (hour, dimension), counters in facts.items():
            copy.write_row((hour, ids[dimension], *_columns(counters)))
    cursor.execute(ADD_DIMENSIONS)
    cursor.execute(ADD_HOURS)


def _columns(counters: Counters) -> tuple[int | str, ...]:
    """The counters in the order of COPY_HOURS, the histogram as an array literal (a list would be slow to adapt)."""
    return (
        counters.requests, counters.errors, counters.input, counters.output, counters.cache_read,
        counters.cache_write_5m, counters.cache_write_1h, counters.latency_ms, counters.latency_n,
        "{" + ",".join(map(str, counters.latency_histogram)) + "}",
    )  # fmt: skip
