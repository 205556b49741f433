"""Reading a bucket of logs: what is listed, what is fetched, and what a failure on the way leaves behind."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import boto3
import pytest

from finops.actions import log_sync
from finops.actions.ingest import BATCH
from finops.actions.log_sync import KIND, MOST_ATTEMPTS, Source, read, sync_days, sync_logs
from finops.ingest.keys import hour_prefix, region_prefix
from finops.models import LogObject, UsageHour
from hub.models import AccountRegion, AwsAccount
from portal.aws import s3
from portal.aws.errors import NotFound, Unavailable
from portal.aws.s3 import ObjectHead
from portal.aws.session import AccountRef, for_account
from portal.jobs.models import Job, SyncRun
from portal.jobs.registry import TASKS
from portal.jobs.syncs import running
from portal.lib import clock
from tests.hub.conftest import install_stack

pytestmark = pytest.mark.django_db

ACCOUNT, REGION = "447100000212", "eu-central-1"
ROOT = region_prefix("", ACCOUNT, REGION)
HOUR = datetime(2026, 10, 5, 7, tzinfo=UTC)


def content(*requests: str) -> bytes:
    common = {"accountId": ACCOUNT, "modelId": "amazon.nova-pro-v1:0", "timestamp": f"{HOUR:%Y-%m-%dT%H:%M:%SZ}"}
    lines = (json.dumps({**common, "requestId": request, "input": {"inputTokenCount": 5}}) for request in requests)
    return gzip.compress("\n".join(lines).encode(), mtime=0)


def key(name: str, hour: datetime = HOUR) -> str:
    return f"{hour_prefix(ROOT, hour)}{hour:%Y%m%dT%H%M%S}000Z_{name}.json.gz"


class Store:
    """A bucket in memory that answers as S3 does: keys in order, after a key, gone or away when told so."""

    def __init__(self, **objects: bytes) -> None:
        self.objects = {key(name): data for name, data in objects.items()}
        self.listed: list[str] = []
        self.fetched: list[str] = []
        self.gone: set[str] = set()
        self.away_at: str | None = None

    def heads(self, prefix: str, start_after: str) -> Iterator[ObjectHead]:
        for name in sorted(name for name in self.objects if name.startswith(prefix) and name > start_after):
            self.listed.append(name)
            data = self.objects[name]
            yield ObjectHead(name, hashlib.md5(data).hexdigest(), len(data))

    def get(self, name: str) -> bytes:
        self.fetched.append(name)
        if name == self.away_at:
            raise Unavailable("AWS is away.")
        if name in self.gone:
            raise NotFound("It is gone.")
        return self.objects[name]

    def sync(self) -> SyncRun:
        source = Source(ACCOUNT, REGION, "logs", ROOT, self.heads, self.get)
        with running("test", scope="here") as run:
            found = log_sync._batches(source, ROOT, "")
            read(source, (one for many in (log_sync._failed_before(source), found) for one in many), run)
        return SyncRun.objects.latest("pk")


def requests() -> int:
    return sum(UsageHour.objects.values_list("requests", flat=True))


def test_a_second_sync_fetches_only_what_is_new():
    store = Store(a=content("1", "2"), b=content("3"))
    assert store.sync().rows == 3
    store.objects[key("c")] = content("4")
    store.fetched.clear()
    assert (store.sync().rows, store.fetched, requests()) == (1, [key("c")], 4)


def test_bodies_and_permission_checks_are_neither_fetched_nor_all_listed():
    store = Store(a=content("1"))
    bodies = [f"{hour_prefix(ROOT, HOUR)}data/{number:04}_input.json.gz" for number in range(50)]
    next_hour = key("b", HOUR + timedelta(hours=1))
    store.objects |= dict.fromkeys(bodies, b"{}")
    store.objects |= {next_hour: content("2"), f"{ROOT}amazon-bedrock-logs-permission-check": b""}
    store.sync()
    assert store.fetched == [key("a"), next_hour]
    assert len(set(store.listed) & set(bodies)) == 1


def test_many_objects_are_all_counted_once():
    store = Store(**{f"{number:04}": content(f"request-{number}") for number in range(137)})
    run = store.sync()
    assert (run.rows, run.done, run.total, run.state) == (137, 137, 137, "done")
    assert (requests(), LogObject.objects.count()) == (137, 137)


def test_an_object_that_is_gone_fails_alone():
    store = Store(a=content("1"), b=content("2"), c=content("3"))
    store.gone = {key("b")}
    run = store.sync()
    assert (run.state, requests()) == ("partial", 2)
    assert "1 of 3 objects" in run.error


def test_an_unreadable_object_is_tried_again_until_it_is_given_up():
    store = Store(a=content("1")[:-9])
    for _ in range(MOST_ATTEMPTS + 2):
        store.sync()
    assert len(store.fetched) == MOST_ATTEMPTS
    assert LogObject.objects.get().attempts == MOST_ATTEMPTS
    store.objects[key("a")] = content("1")
    store.sync()
    assert (requests(), LogObject.objects.get().state) == (1, "loaded")


def test_whole_batches_count_when_aws_goes_away_and_the_rest_follows():
    store = Store(**{f"{number:04}": content(f"request-{number}") for number in range(60)})
    store.away_at = key("0055")
    with pytest.raises(Unavailable):
        store.sync()
    assert requests() == 55 - 55 % BATCH
    assert SyncRun.objects.latest("pk").state == "failed"
    store.away_at = None
    store.sync()
    assert requests() == 60


def test_a_run_whose_time_is_up_leaves_the_rest_to_the_next(monkeypatch):
    store = Store(**{f"{number:04}": content(f"request-{number}") for number in range(60)})
    monkeypatch.setattr(log_sync, "MOST_SECONDS", -1.0)
    assert (store.sync().state, requests()) == ("partial", BATCH)
    for _ in range(60 // BATCH):
        store.sync()
    assert (store.sync().state, requests()) == ("done", 60)


@pytest.fixture
def place(sandbox_url, request) -> AccountRegion:
    """A region whose logs lie under a folder of this test alone: other tests call models in the same account."""
    account = AwsAccount.objects.create(
        number=ACCOUNT, name="group-prod", external_id="an-id-of-a-test",
        role_arn=f"arn:aws:iam::{ACCOUNT}:role/atrium-control",
    )  # fmt: skip
    install_stack(sandbox_url, account)
    bucket = f"atrium-bedrock-logs-{ACCOUNT}-{REGION}"
    logs = {"logging_on": True, "logging_bucket": bucket, "logging_prefix": request.node.name}
    return AccountRegion.objects.create(account=account, region=REGION, **logs)


@cache
def workload_s3() -> Any:
    """S3 as the administrator of the workload account uses it."""
    key_id = f"AKIASANDBOXWORK{ACCOUNT[-5:]}"
    return boto3.client("s3", REGION, aws_access_key_id=key_id, aws_secret_access_key="sandbox")


def put(place: AccountRegion, name: str, data: bytes) -> None:
    workload_s3().put_object(Bucket=place.logging_bucket, Key=f"{place.logging_prefix}/{name}", Body=data)


def test_a_sync_reads_the_bucket_through_atriums_role(place):
    put(place, key("a"), content("1", "2"))
    put(place, key("b"), content("3"))
    with clock.set_to(HOUR + timedelta(hours=1)):
        sync_logs(place)
    run = SyncRun.objects.get(kind=KIND, scope=place.scope)
    assert (run.state, run.rows, run.window_to) == ("done", 3, HOUR + timedelta(hours=1))
    assert set(UsageHour.objects.values_list("dim__account", "dim__region")) == {(ACCOUNT, REGION)}
    assert [job.name for job in Job.objects.all()] == ["finops.build_cube"]


def test_late_objects_are_found_within_three_hours_by_the_sync_and_later_by_the_daily_listing(place):
    with clock.set_to(HOUR + timedelta(hours=5)):
        sync_logs(place)
    before = requests()
    put(place, key("late", HOUR + timedelta(hours=2)), content("late"))
    put(place, key("later", HOUR + timedelta(hours=1)), content("later"))
    with clock.set_to(HOUR + timedelta(hours=6)):
        sync_logs(place)
        assert requests() == before + 1
        sync_days(place)
        assert requests() == before + 2


def test_a_listing_goes_on_after_a_thousand_objects(place):
    names = [f"{number:04}" for number in range(1005)]
    for name in names:
        put(place, name, b"")
    account = place.account
    session = for_account(AccountRef(account.number, account.role_arn, account.external_id), REGION)
    folder = f"{place.logging_prefix}/"
    listed = s3.list_keys(session, place.logging_bucket, folder, f"{folder}0002")
    assert [head.key for head in listed] == [f"{folder}{name}" for name in names[3:]]


def test_a_run_whose_time_is_up_enqueues_the_next(place, monkeypatch):
    put(place, key("first"), content("first"))
    monkeypatch.setattr(log_sync, "MOST_SECONDS", -1.0)
    sync_logs(place)
    going_on = Job.objects.filter(name__startswith="finops.sync_region_logs")
    assert [job.argument for job in going_on] == [place.pk]


def test_each_region_that_logs_gets_a_job(place):
    AccountRegion.objects.create(account=place.account, region="eu-west-1", logging_on=False)
    TASKS["finops.sync_logs"].handler(None)
    TASKS["finops.sync_late_logs"].handler(None)
    assert set(Job.objects.values_list("name", "argument")) == {
        ("finops.sync_region_logs", place.pk),
        ("finops.sync_region_days", place.pk),
    }


def test_a_region_that_does_not_log_is_not_read(place):
    place.logging_bucket = ""
    sync_logs(place)
    assert not SyncRun.objects.exists()


def test_a_bucket_that_is_away_makes_a_failed_run_with_a_sentence(place):
    place.logging_bucket = "no-such-bucket-of-anybody"
    with pytest.raises(NotFound):
        sync_logs(place)
    run = SyncRun.objects.get()
    assert run.state == "failed"
    assert "no-such-bucket" in run.error or "does not exist" in run.error
