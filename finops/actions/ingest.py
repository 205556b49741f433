"""Counting parsed log objects: the ledger row of an object and its numbers commit together, so it counts once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db import connection
from django.db.backends.utils import CursorWrapper

from finops.actions.cube import mark_days
from finops.ingest.objects import Parsed, uncollected
from finops.ingest.records import PARSER_VERSION
from finops.ingest.rollup import Counters, Dimension, Facts, Rollup, dimension_id
from finops.models import BadLine, LogObject
from portal.jobs.claims import fenced
from portal.lib import clock

BATCH = 16  # objects a transaction: half a second of work, so that row locks, lost work and memory stay small
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
    unique = list({_identity(one): one for one in objects}.values())
    unique.sort(key=_place)  # all loaders take row locks in the same order
    _make_partitions(one for one in unique if not one.error)
    with uncollected(), fenced():
        _one_at_a_time(unique)
        changed = _counted_with_other_content(unique)
        errors = [one.error or (COUNTED_OTHERWISE if _place(one) in changed else "") for one in unique]
        rows = _enter(unique, errors)
        claimed = [
            (rows[_identity(one)], one)
            for one, error in zip(unique, errors, strict=True)
            if not error and _identity(one) in rows
        ]
        _count(claimed)
    counted = [one for _, one in claimed]
    failed = len(errors) - errors.count("")
    return Loaded(len(counted), sum(one.records for one in counted), sum(one.bad for one in counted), failed)


def _place(one: Parsed) -> tuple[str, str]:
    return one.bucket, one.key.key


def _identity(one: Parsed) -> tuple[str, str, str]:
    """What tells an object from all others, and from its other contents."""
    return one.bucket, one.key.key, one.etag


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
        error, attempts
    )
    SELECT *, 1 FROM unnest(
        %s::text[], %s::text[], %s::text[], %s::int[], %s::text[], %s::text[], %s::timestamptz[], %s::text[],
        %s::bigint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::text[]
    )
    ON CONFLICT (bucket, key, etag, parser_version) DO UPDATE SET
        state = excluded.state, records = excluded.records, bad = excluded.bad, first_at = excluded.first_at,
        last_at = excluded.last_at, loaded_at = excluded.loaded_at, attempts = known.attempts + 1,
        error = excluded.error
    WHERE known.state = 'failed'
    RETURNING bucket, key, etag, id
"""


def _enter(objects: Sequence[Parsed], errors: Sequence[str]) -> dict[tuple[str, str, str], int]:
    """Write the ledger rows of objects, with their errors. Returns the ids of those that are not counted already."""
    if not objects:
        return {}
    now = clock.now()
    rows = [
        (
            *_identity(one), PARSER_VERSION, one.key.account, one.key.region, one.key.hour,
            (LogObject.State.FAILED if error else LogObject.State.LOADED).value,
            one.records, one.bad, one.first_at, one.last_at, None if error else now, error,
        )
        for one, error in zip(objects, errors, strict=True)
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(ENTER, [list(column) for column in zip(*rows, strict=True)])
        return {(bucket, key, etag): row for bucket, key, etag, row in cursor.fetchall()}


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
    _forget_failed({_place(one) for _, one in claimed})
    with connection.cursor() as cursor:
        _stage_and_add(cursor, facts)
    mark_days(hour.date() for hour, _ in facts)


def _forget_failed(places: set[tuple[str, str]]) -> None:
    """What an earlier, unreadable content of the same objects left behind is settled now."""
    failed = LogObject.objects.filter(key__in=[key for _, key in places], state=LogObject.State.FAILED)
    settled = [pk for pk, *place in failed.values_list("pk", "bucket", "key") if tuple(place) in places]
    if settled:
        LogObject.objects.filter(pk__in=settled).delete()


STAGE = """
    CREATE TEMP TABLE IF NOT EXISTS stage_hour (LIKE finops_usagehour) ON COMMIT DROP;
    TRUNCATE stage_hour
"""
COPY_HOURS = """
    COPY stage_hour (
        hour, dim_id, requests, errors, input, output, cache_read, cache_write_5m, cache_write_1h, latency_ms,
        latency_n, latency_histogram
    ) FROM STDIN
"""
# The stage has the columns of its table in the same order.
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


def _stage_and_add(cursor: CursorWrapper, facts: Facts) -> None:
    """COPY to a temporary table, then add in the order of the keys: two loaders never wait for each other in a ring."""
    ids = {dimension: dimension_id(dimension) for dimension in {dimension for _, dimension in facts}}
    cursor.execute(STAGE)
    with cursor.copy(COPY_HOURS) as copy:
        copy.write("".join(_line(hour, ids[dimension], counters) for (hour, dimension), counters in facts.items()))
    _add_dimensions(cursor, {key: dimension for dimension, key in ids.items()})
    cursor.execute(ADD_HOURS)


UNKNOWN = """
    SELECT DISTINCT dim_id FROM stage_hour AS staged
    WHERE NOT EXISTS (SELECT FROM finops_usagedim AS known WHERE known.id = staged.dim_id)
"""
# In the order of Dimension's fields.
ADD_DIMENSIONS = """
    INSERT INTO finops_usagedim (
        id, account, region, scope, model_ref, model_id, profile_arn, principal, session, use_case, tenant, app, env,
        prompt, prompt_version, tier, context_band, operation, status
    )
    SELECT * FROM unnest(
        %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
        %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
        %s::text[]
    )
    ORDER BY 1 ON CONFLICT (id) DO NOTHING
"""


def _add_dimensions(cursor: CursorWrapper, dimensions: dict[int, Dimension]) -> None:
    """Store those of the stage that nobody stored before, which are few once a day's callers were seen."""
    cursor.execute(UNKNOWN)
    unknown = [key for (key,) in cursor.fetchall()]
    if unknown:
        columns = zip(*((key, *dimensions[key]) for key in unknown), strict=True)
        cursor.execute(ADD_DIMENSIONS, [list(column) for column in columns])


def _line(hour: datetime, dim_id: int, counters: Counters) -> str:
    """A row in the order of COPY_HOURS, in COPY's text format: numbers and a time have nothing to escape."""
    return (
        f"{_as_text(hour)}\t{dim_id}\t{counters.requests}\t{counters.errors}\t{counters.input}\t{counters.output}\t"
        f"{counters.cache_read}\t{counters.cache_write_5m}\t{counters.cache_write_1h}\t{counters.latency_ms}\t"
        f"{counters.latency_n}\t{{{str(counters.latency_histogram)[1:-1]}}}\n"
    )


_as_text = lru_cache(maxsize=4096)(datetime.isoformat)
