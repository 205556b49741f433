"""Building the cube: attribution and prices applied to the facts, one UTC day at a time."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection, transaction
from django.db.models import F

from finops.meaning import meanings
from finops.models import CubeDay
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
    """Build every marked day, newest first, each in its own transaction. Returns how many."""
    days = list(CubeDay.objects.exclude(built=F("version")).order_by("-day").values_list("day", flat=True))
    for day in days:
        build_day(day)
    return len(days)


def build_day(day: date) -> None:
    """Replace the cube of one day by what its facts, handles and prices say now.

    The day's row is locked first: usage that commits later raises its version again, so nothing is missed.
    """
    with transaction.atomic():
        marked = CubeDay.objects.select_for_update().get(day=day)
        start = datetime.combine(day, time(), UTC)
        rows = list(meanings(start, start + timedelta(days=1)))
        with connection.cursor() as cursor:
            cursor.execute(CREATE_STAGE)
            with cursor.copy("COPY cube_dim FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            cursor.execute("DELETE FROM finops_spendday WHERE day = %s", [day])
            cursor.execute(INSERT_DAY, {"day": day, "start": start, "end": start + timedelta(days=1)})
        CubeDay.objects.filter(day=day).update(built=marked.version, built_at=clock.wall())


CREATE_STAGE = """
    CREATE TEMP TABLE IF NOT EXISTS cube_dim (
        dim_id bigint, since timestamptz, until timestamptz, line_of_business_id bigint, tenant_id bigint,
        use_case_id bigint, model_id text, mapped boolean, priced boolean, account text, region text, principal text,
        method text, conflict boolean, input_rate numeric, output_rate numeric, cache_read_rate numeric,
        cache_write_5m_rate numeric, cache_write_1h_rate numeric
    ) ON COMMIT DELETE ROWS;
    TRUNCATE cube_dim
"""
# Tokens times USD per million tokens times 1,000 is nano-USD; rounded once, per fact row.
INSERT_DAY = """
    INSERT INTO finops_spendday (
        day, line_of_business_id, tenant_id, use_case_id, model_id, mapped, priced, account, region, principal, method,
        conflict, requests, errors, input, output, cache_read, cache_write, cost_nano
    )
    SELECT %(day)s, d.line_of_business_id, d.tenant_id, d.use_case_id, d.model_id, d.mapped, d.priced, d.account,
        d.region, d.principal, d.method, d.conflict, sum(h.requests), sum(h.errors), sum(h.input), sum(h.output),
        sum(h.cache_read), sum(h.cache_write_5m + h.cache_write_1h),
        sum(round(1000 * (h.input * d.input_rate + h.output * d.output_rate + h.cache_read * d.cache_read_rate
            + h.cache_write_5m * d.cache_write_5m_rate + h.cache_write_1h * d.cache_write_1h_rate)))
    FROM finops_usagehour h
    JOIN cube_dim d ON d.dim_id = h.dim_id AND h.hour >= d.since AND h.hour < d.until
    WHERE h.hour >= %(start)s AND h.hour < %(end)s
    GROUP BY d.line_of_business_id, d.tenant_id, d.use_case_id, d.model_id, d.mapped, d.priced, d.account, d.region,
        d.principal, d.method, d.conflict
"""
