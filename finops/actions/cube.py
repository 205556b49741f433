"""Building the cube: attribution and prices applied to the facts, one UTC day at a time."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection, transaction
from django.db.models import F

from finops.meaning import Known, known
from finops.models import CubeDay
from portal.jobs.apart import each
from portal.jobs.outbox import enqueue
from portal.lib import clock


def mark_days(days: Iterable[date]) -> None:
    """Say, in the running transaction, that these days must be built again. In order, so never a deadlock."""
    for day in sorted(set(days)):
        CubeDay.objects.bulk_create([CubeDay(day=day, version=0)], ignore_conflicts=True)
        CubeDay.objects.filter(day=day).update(version=F("version") + 1)


def mark_from(since: datetime) -> None:
    """Have every day with facts from `since` on built again: a handle or a price changed."""
    with transaction.atomic():
        mark_days(CubeDay.objects.filter(day__gte=since.date()).values_list("day", flat=True))
        enqueue("finops.build_cube")


def build_marked() -> int:
    """Build every marked day, newest first, each in its own transaction. Returns how many; raises NotAll."""
    # The versions are read before anything else: whatever commits later, a fact, handle or price, raises that of its
    # days, so they stay marked and nothing is missed.
    marked = dict(CubeDay.objects.exclude(built=F("version")).order_by("-day").values_list("day", "version"))
    if not marked:
        return 0
    now_known = known()
    return len(each(marked, lambda day: build_day(day, marked[day], now_known)))


def build_day(day: date, version: int, now_known: Known) -> None:
    """Replace the cube of one day, and its sums by owner, by what its facts, handles and prices say.

    version: that of the day before any of these was read. The day's row, which loaders change too, is locked only to
    put the finished rows in place.
    """
    start = datetime.combine(day, time(), UTC)
    end = start + timedelta(days=1)
    with transaction.atomic(), connection.cursor() as cursor:
        rows = list(now_known.meanings(start, end))
        cursor.execute(CREATE_STAGE)
        with cursor.copy("COPY cube_dim FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(SUM_DAY, {"day": day, "start": start, "end": end})
        if CubeDay.objects.select_for_update().get(day=day).built >= version:
            return  # another builder was quicker, and knew as much
        cursor.execute("DELETE FROM finops_spendday WHERE day = %s", [day])
        cursor.execute("DELETE FROM finops_ownerday WHERE day = %s", [day])
        cursor.execute(INSERT_DAY)
        cursor.execute(INSERT_OWNERS)
        CubeDay.objects.filter(day=day).update(built=version, built_at=clock.wall())


CREATE_STAGE = """
    DROP TABLE IF EXISTS pg_temp.cube_dim, pg_temp.cube_day;
    CREATE TEMP TABLE cube_dim (
        dim_id bigint, since timestamptz, until timestamptz, line_of_business_id bigint, tenant_id bigint,
        use_case_id bigint, model_id text, mapped boolean, priced boolean, account text, region text, principal text,
        method text, conflict boolean, input_rate numeric, output_rate numeric, cache_read_rate numeric,
        cache_write_5m_rate numeric, cache_write_1h_rate numeric
    ) ON COMMIT DROP
"""
# Tokens times USD per million tokens times 1,000 is nano-USD; rounded once, per fact row.
SUM_DAY = """
    CREATE TEMP TABLE cube_day ON COMMIT DROP AS
    SELECT %(day)s::date AS day, d.line_of_business_id, d.tenant_id, d.use_case_id, d.model_id, d.mapped, d.priced,
        d.account, d.region, d.principal, d.method, d.conflict, sum(h.requests) AS requests, sum(h.errors) AS errors,
        sum(h.input) AS input, sum(h.output) AS output, sum(h.cache_read) AS cache_read,
        sum(h.cache_write_5m + h.cache_write_1h) AS cache_write,
        sum(round(1000 * (h.input * d.input_rate + h.output * d.output_rate + h.cache_read * d.cache_read_rate
            + h.cache_write_5m * d.cache_write_5m_rate + h.cache_write_1h * d.cache_write_1h_rate))) AS cost_nano
    FROM finops_usagehour h
    JOIN cube_dim d ON d.dim_id = h.dim_id AND h.hour >= d.since AND h.hour < d.until
    WHERE h.hour >= %(start)s AND h.hour < %(end)s
    GROUP BY d.line_of_business_id, d.tenant_id, d.use_case_id, d.model_id, d.mapped, d.priced, d.account, d.region,
        d.principal, d.method, d.conflict
"""
INSERT_DAY = """
    INSERT INTO finops_spendday (
        day, line_of_business_id, tenant_id, use_case_id, model_id, mapped, priced, account, region, principal, method,
        conflict, requests, errors, input, output, cache_read, cache_write, cost_nano
    )
    SELECT * FROM cube_day
"""
INSERT_OWNERS = """
    INSERT INTO finops_ownerday (
        day, line_of_business_id, tenant_id, use_case_id, priced, requests, errors, input, output, cache_read,
        cache_write, cost_nano
    )
    SELECT day, line_of_business_id, tenant_id, use_case_id, priced, sum(requests), sum(errors), sum(input),
        sum(output), sum(cache_read), sum(cache_write), sum(cost_nano)
    FROM cube_day GROUP BY day, line_of_business_id, tenant_id, use_case_id, priced
"""
