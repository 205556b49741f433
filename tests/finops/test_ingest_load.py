"""Loading: any repetition, order or grouping of objects leaves the same totals."""

from datetime import UTC, date, datetime

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.models import Sum

from finops.actions.ingest import COUNTED_OTHERWISE, load
from finops.ingest.latency import BUCKETS
from finops.models import BadLine, CubeDay, LogObject, UsageDim, UsageHour
from tests.finops.log_objects import ACCOUNT, made, record

pytestmark = pytest.mark.django_db


def totals() -> dict[str, int]:
    names = ("requests", "errors", "input", "output", "cache_read", "cache_write_5m", "cache_write_1h", "latency_ms")
    return UsageHour.objects.aggregate(**{name: Sum(name, default=0) for name in names})


def rows() -> list[tuple[object, ...]]:
    return list(UsageHour.objects.order_by("hour", "dim_id").values_list())


def test_objects_add_up_to_hours_and_dimensions():
    loaded = load([made("a", record(0), record(1)), made("b", record(3), record(4, errorCode="ThrottlingException"))])
    assert (loaded.objects, loaded.records, loaded.bad, loaded.failed) == (2, 4, 0, 0)
    assert totals() == {
        "requests": 4, "errors": 1, "input": 8, "output": 40, "cache_read": 8, "cache_write_5m": 12,
        "cache_write_1h": 0, "latency_ms": 800,
    }  # fmt: skip
    first = UsageHour.objects.get(hour=datetime(2026, 10, 5, 0, tzinfo=UTC), dim__principal__endswith="app-0")
    assert (first.requests, first.dim.model_id, first.dim.scope) == (1, "amazon.nova-pro-v1:0", "geo")


def test_a_second_load_changes_nothing():
    objects = [made("a", record(0), record(1)), made("b", record(3))]
    load(objects)
    before = rows()
    again = load(list(reversed(objects)))
    assert (again.objects, again.records) == (0, 0)
    assert rows() == before


def test_an_object_that_is_given_twice_counts_once():
    load([made("a", record(0)), made("a", record(0))])
    assert totals()["requests"] == 1


def test_any_grouping_of_objects_gives_the_same_rows():
    objects = [made(str(number), record(number), record(number + 10)) for number in range(9)]
    load(objects)
    whole = rows()
    with transaction.atomic():
        UsageHour.objects.all().delete()
        LogObject.objects.all().delete()
    for start in (6, 0, 3):
        load(objects[start : start + 3])
    assert rows() == whole


def test_histograms_add_up():
    load([made("a", record(1), record(4, timestamp="2026-10-05T01:00:00Z", identity={"arn": ""}))])
    load([made("b", record(7, identity={"arn": ""}, timestamp="2026-10-05T01:30:00Z"))])
    load([made("c", record(8, identity={"arn": ""}, timestamp="2026-10-05T01:30:00Z", output=None))])
    hour = UsageHour.objects.get(dim__principal="")
    assert (hour.requests, hour.latency_n, hour.latency_ms) == (3, 2, 1100)
    assert (len(hour.latency_histogram), sum(hour.latency_histogram)) == (BUCKETS, 2)


def test_bad_lines_are_kept_by_reference():
    loaded = load([made("a", record(0), {"modelId": "m"}, record(1), [])])
    assert (loaded.records, loaded.bad) == (2, 2)
    (ledger,) = LogObject.objects.all()
    assert (ledger.records, ledger.bad, ledger.state) == (2, 2, "loaded")
    assert [(bad.object_id, bad.number) for bad in BadLine.objects.all()] == [(ledger.pk, 2), (ledger.pk, 4)]


def test_a_truncated_object_fails_alone_and_counts_when_it_is_whole():
    loaded = load([made("a", record(0), cut=-9), made("b", record(1))])
    assert (loaded.objects, loaded.failed) == (1, 1)
    load([made("a", record(0), cut=-9)])
    failed = LogObject.objects.get(state="failed")
    assert (failed.attempts, failed.loaded_at) == (2, None)
    assert "ends before" in failed.error
    load([made("a", record(0))])
    failed.refresh_from_db()
    assert (failed.state, failed.attempts, failed.error) == ("loaded", 3, "")
    assert totals()["requests"] == 2


def test_a_whole_object_in_place_of_a_truncated_one_settles_it():
    load([made("a", record(0), etag="cut", cut=-9)])
    load([made("a", record(0), etag="whole")])
    assert [(row.etag, row.state) for row in LogObject.objects.all()] == [("whole", "loaded")]
    assert totals()["requests"] == 1


def test_an_object_that_changed_after_it_was_counted_is_reported_and_not_added():
    load([made("a", record(0))])
    loaded = load([made("a", record(0), record(1), etag="2")])
    assert (loaded.objects, loaded.failed) == (0, 1)
    assert totals()["requests"] == 1
    assert LogObject.objects.get(etag="2").error == COUNTED_OTHERWISE


def test_a_counted_object_never_becomes_a_failed_one():
    load([made("a", record(0))])
    load([made("a", record(0), cut=-9)])
    assert [row.state for row in LogObject.objects.all()] == ["loaded"]


def test_the_days_of_the_records_are_marked_for_the_cube():
    load([made("a", record(0), record(1, timestamp="2026-09-30T23:59:59Z"))])
    assert list(CubeDay.objects.order_by("day").values_list("day", flat=True)) == [date(2026, 9, 30), date(2026, 10, 5)]
    load([made("a", record(0))])
    assert set(CubeDay.objects.values_list("version", flat=True)) == {1}


def test_an_empty_load_stores_nothing():
    assert load([]).objects == 0
    assert load([made("a")]).records == 0
    assert UsageDim.objects.count() == 0


def partition_of(hour: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM finops_usagehour WHERE hour = %s", [hour])
        return cursor.fetchone()[0]


def test_hours_lie_in_the_partition_of_their_month():
    load([made("a", record(1, timestamp="2026-09-30T23:59:59Z"), record(2, timestamp="2026-12-31T23:00:00Z"))])
    assert partition_of(datetime(2026, 9, 30, 23, tzinfo=UTC)) == "finops_usagehour_2026_09"
    assert partition_of(datetime(2026, 12, 31, 23, tzinfo=UTC)) == "finops_usagehour_2026_12"


def test_a_clock_gone_mad_lands_in_the_default_partition():
    load([made("a", record(1, timestamp="9999-12-31T23:59:59Z"))])
    assert partition_of(datetime(9999, 12, 31, 23, tzinfo=UTC)) == "finops_usagehour_default"


def test_a_partition_that_is_made_late_takes_its_rows_over():
    hour = datetime(2031, 5, 1, tzinfo=UTC)
    dimension = UsageDim.objects.create(id=1, account=ACCOUNT, region="r", scope="s", model_ref="m", tier="t")
    counts = dict.fromkeys(
        [field.name for field in UsageHour._meta.fields if field.name not in {"pk", "hour", "dim"}], 1
    )
    UsageHour.objects.create(hour=hour, dim=dimension, **counts | {"latency_histogram": []})
    assert partition_of(hour) == "finops_usagehour_default"
    with connection.cursor() as cursor:
        cursor.execute("SELECT finops_usage_partition(%s), finops_usage_partition(%s)", [hour, hour])
        assert cursor.fetchone() == (True, False)
    assert partition_of(hour) == "finops_usagehour_2031_05"


@pytest.mark.parametrize("statement", ["TRUNCATE finops_usagehour", "DROP TABLE finops_usagehour_default"])
def test_the_application_owns_no_facts(statement):
    with connection.cursor() as cursor, pytest.raises(ProgrammingError):
        cursor.execute(statement)
