"""/metrics: who may read it, what it says of jobs, syncs, AWS and the trail, and what it costs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries

from hub.models import AccountRegion, AwsAccount, ServiceHealth
from portal import gauges
from portal.jobs import sync_ages
from portal.jobs.models import Job, SyncRun
from portal.lib import clock
from portal.local.ground import ROOT
from portal.local.programs import WEB_FLAGS
from tests.cast import Cast

Read = Callable[..., dict[tuple[str, ...], float]]
TOKEN = "only used here"  # opens nothing
NUMBER = "447100000212"


@pytest.fixture
def read(db: None) -> Read:
    """read() gives each sample of an answer: (name, label values by the labels' names …) → value."""

    def ask(**given: Any) -> dict[tuple[str, ...], float]:
        answer = Client().get("/metrics", **given)
        assert answer.status_code == 200
        families = text_string_to_metric_families(answer.content.decode())
        return {
            (s.name, *(s.labels[label] for label in sorted(s.labels))): s.value for f in families for s in f.samples
        }

    return ask


@pytest.fixture
def account(db: None) -> AwsAccount:
    """An account with one region that logs to a bucket."""
    made = AwsAccount.objects.create(number=NUMBER, name="Retail", regions=["eu-central-1"], external_id="made up")
    AccountRegion.objects.create(account=made, region="eu-central-1", logging_bucket="logs")
    return made


def synced(kind: str, scope: str, *, ago: timedelta, state: str = "done") -> None:
    ended = clock.now() - ago
    SyncRun.objects.create(kind=kind, scope=scope, state=state, started_at=ended, finished_at=ended)


# Who may read it


def test_without_a_token_only_this_machine_may_read(db: None) -> None:
    assert Client().get("/metrics").status_code == 200
    elsewhere = Client().get("/metrics", REMOTE_ADDR="10.0.0.7")
    assert (elsewhere.status_code, b"ATRIUM_METRICS_TOKEN" in elsewhere.content) == (403, True)
    assert b"atrium_jobs" not in elsewhere.content


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
def test_a_proxy_on_this_machine_is_not_this_machine(db: None, header: str) -> None:
    assert Client().get("/metrics", headers={header: "10.0.0.7"}).status_code == 403


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN} "])
def test_with_a_token_nobody_reads_without_it_not_even_this_machine(db: None, settings: Any, shown: str) -> None:
    settings.METRICS_TOKEN = TOKEN
    answer = Client().get("/metrics", headers={"Authorization": shown})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="metrics"')
    assert b"atrium_" not in answer.content


def test_the_token_opens_it_from_anywhere(read: Read, settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    assert read(headers={"Authorization": f"Bearer {TOKEN}"}, REMOTE_ADDR="10.0.0.7")[("atrium_database_up",)] == 1


def test_a_session_opens_nothing_and_nothing_is_written(cast: Cast, client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    client.force_login(cast.auditor)
    assert client.get("/metrics").status_code == 401
    assert client.post("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 405


# What it says


def test_jobs_by_state_their_wait_and_what_was_not_sent(read: Read) -> None:
    now = clock.wall()
    for number, (state, sent) in enumerate([("pending", None), ("pending", now), ("claimed", now), ("dead", now)]):
        Job.objects.create(name="tests.work", key=str(number), state=state, sent_at=sent,
                           not_before=now - timedelta(seconds=90))  # fmt: skip
    Job.objects.create(name="tests.work", key="later", not_before=now + timedelta(hours=1))
    Job.objects.create(name="jobs.canary", key="canary", state="done", finished_at=now - timedelta(seconds=20))
    said = read()
    assert [said["atrium_jobs", state] for state in ("pending", "claimed", "dead")] == [3, 1, 1]
    assert said[("atrium_jobs_unsent",)] == 1
    assert 90 <= said[("atrium_jobs_oldest_due_seconds",)] < 120
    assert 20 <= said[("atrium_canary_age_seconds",)] < 50


def test_a_sync_is_as_old_as_the_oldest_data_of_its_kind(read: Read, account: AwsAccount) -> None:
    AccountRegion.objects.create(account=account, region="eu-west-1")
    synced("catalogue", f"{NUMBER}/eu-central-1", ago=timedelta(minutes=5))
    synced("catalogue", f"{NUMBER}/eu-west-1", ago=timedelta(hours=2), state="partial")
    synced("catalogue", f"{NUMBER}/eu-west-1", ago=timedelta(minutes=1), state="failed")
    synced("catalogue", NUMBER, ago=timedelta(minutes=1), state="failed")
    said = read()
    assert 7200 <= said["atrium_sync_age_seconds", "catalogue"] < 7260
    assert said["atrium_sync_places_without_data", "catalogue"] == 1


def test_a_place_that_was_left_has_no_age(read: Read, account: AwsAccount) -> None:
    synced("catalogue", "999900000000/eu-central-1", ago=timedelta(days=80))
    assert ("atrium_sync_age_seconds", "catalogue") not in read()


def test_the_ingest_lags_until_the_logs_are_read_to_their_end(read: Read, account: AwsAccount) -> None:
    scope = f"{NUMBER}/eu-central-1"
    before = read()
    assert ("atrium_ingest_lag_seconds",) not in before
    assert before[("atrium_ingest_places_unread",)] == 1
    synced("invocation_logs", scope, ago=timedelta(hours=3))
    synced("invocation_logs", scope, ago=timedelta(minutes=1), state="partial")
    after = read()
    assert after[("atrium_ingest_places_unread",)] == 0
    assert 10_800 <= after[("atrium_ingest_lag_seconds",)] < 10_860


def test_calls_to_aws_add_up_over_the_accounts(read: Read) -> None:
    now, minute = clock.wall(), timedelta(minutes=1)
    told = (
        (NUMBER, "eu-central-1", "open", now + minute),
        (NUMBER, "eu-west-1", "open", now + minute),
        ("447100000213", "eu-central-1", "closed", None),
        ("447100000214", "eu-central-1", "open", now - minute),  # its process is gone
    )
    for number, region, state, expires_at in told:
        ServiceHealth.objects.create(
            account_number=number, region=region, service="bedrock", state=state, since=now, expires_at=expires_at,
            called_at=now, calls=40, failures=3, throttled=2,
        )  # fmt: skip
    said = read()
    names = ("calls_total", "errors_total", "throttled_total", "left_alone")
    assert [said[f"atrium_aws_{name}", "bedrock"] for name in names] == [160, 12, 8, 1]


@pytest.mark.django_db
def test_the_trail_waits_from_its_oldest_event_without_an_anchor(read: Read, cast: Cast, settings: Any) -> None:
    settings.AUDIT_BUCKET = ""
    assert read()[("atrium_audit_bucket_set",)] == 0
    settings.AUDIT_BUCKET = "atrium-audit"
    said = read()
    assert said[("atrium_audit_bucket_set",)] == 1
    assert ("atrium_audit_anchor_age_seconds",) not in said
    assert said[("atrium_audit_unanchored_seconds",)] > 0


def test_an_answer_counts_for_its_route_and_never_for_its_address(read: Read) -> None:
    count = "atrium_request_seconds_count"
    before = read()
    Client().get("/healthz")
    Client().get("/nothing/of/the/kind")
    Client().generic("PLANTED", "/healthz")
    after = read()
    assert after[count, "GET", "healthz", "2xx"] == before.get((count, "GET", "healthz", "2xx"), 0) + 1
    assert after[count, "GET", "none", "4xx"] == before.get((count, "GET", "none", "4xx"), 0) + 1
    assert after[count, "other", "healthz", "4xx"] == before.get((count, "other", "healthz", "4xx"), 0) + 1
    assert not [sample for sample in after if "PLANTED" in sample or "/nothing/of/the/kind" in sample]


# What it costs, and when the database is away


def test_it_asks_the_database_as_often_on_a_large_estate(
    read: Read, account: AwsAccount, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(40):
        AccountRegion.objects.create(account=account, region=f"eu-west-{number}", logging_bucket="logs")
        synced("invocation_logs", f"{NUMBER}/eu-west-{number}", ago=timedelta(minutes=number))
    with django_assert_num_queries(10):
        families = gauges.collect()
    lag = next(family for family in families if family.name == "atrium_ingest_lag_seconds")
    assert lag.samples[0].value >= 39 * 60, "the logs of every region were looked at"


def test_a_container_is_one_web_process_so_an_address_is_one_too() -> None:
    """docs/adr/0016: two processes behind one address would answer in turn, each with counters of its own."""
    for said in (" ".join(WEB_FLAGS), (ROOT / "Dockerfile").read_text().replace('"', "").replace(",", "")):
        assert "--workers 1 " in said


def test_the_ages_of_syncs_are_read_without_reading_every_run(account: AwsAccount) -> None:
    scopes = [f"{NUMBER}/{region}" for region in range(5)]
    now = clock.now()
    SyncRun.objects.bulk_create(
        SyncRun(kind="catalogue", scope=scope, state="done", started_at=now - timedelta(minutes=age), finished_at=now)
        for scope in scopes
        for age in range(2_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE jobs_syncrun")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sync_ages.PLACES}")
        plan = str(cursor.fetchone()[0])
    assert "Seq Scan" not in plan
    assert [place.scope for place in sync_ages.places()] == scopes


@pytest.mark.usefixtures("committed_database")
def test_it_answers_without_its_gauges_when_the_database_is_away() -> None:
    connection.close()
    right = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = "nowhere"
    try:
        answer = Client().get("/metrics")
    finally:
        connection.settings_dict["NAME"] = right
    assert answer.status_code == 200
    assert b"\natrium_database_up 0.0\n" in answer.content
    assert b"atrium_request_seconds_count" in answer.content
    assert b"atrium_jobs{" not in answer.content
