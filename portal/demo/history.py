"""Ninety days of invocation logs in the buckets where Bedrock would have put them; the real ingest reads them."""

import gzip
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from random import Random
from typing import Any

import boto3
from django.conf import settings
from django.utils.text import slugify

from finops.actions import log_sync
from finops.models import LogObject
from finops.reports.ages import KIND_OF_COPIES, WHOLE_TASK
from governance.models import UseCase
from hub.models import AccountRegion, Grant
from portal.aws import sandbox
from portal.demo.company import NAME
from portal.demo.records import Caller, line
from portal.demo.traffic import count, intensity, tokens
from portal.demo.wishes import WISHES
from portal.jobs.syncs import running

SEED = 2026
DAYS = 90
THREADS = 4
HOURS_AT_ONCE = 24 * 15
LOOK_EVERY = 50  # objects written; then it tells how many of them are counted
MARK = "history-is-written"
TORN = b'{"schemaType": "ModelInvocationLog", "timest'  # what a writer that was killed leaves behind
RECORDS = 270_000
SPIKE_CASE, SPIKE_DAYS_AGO, SPIKE = "Claims triage", 27, 9.0
CONTEXT = 5  # calls carry more than was foreseen when they were asked for: documents, earlier turns, tools
PROD, DEV, REGION = "447100000212", "447100000339", "eu-central-1"
EU_REGIONS = ("eu-central-1", "eu-central-1", "eu-west-1", "eu-west-3", "eu-north-1")
HAIKU, NOVA = "eu.anthropic.claude-haiku-4-5-20251001-v1:0", "eu.amazon.nova-2-lite-v1:0"


@dataclass(frozen=True)
class Source:
    """Something that calls: how much of all traffic, of which size, since and until when."""

    caller: Caller
    share: float
    size: tuple[int, int]
    cached: float
    public: bool
    began: datetime
    ended: datetime
    spike: bool = False


def write(now: datetime, *, records: int = RECORDS, days: int = DAYS) -> tuple[int, int, int]:
    """Write the hours before `now`, newest days first, each part read as soon as it is there.

    Returns records, objects, bytes. The same `now` writes the same again, so a kill in between loses nothing.
    """
    found = sources(now)
    end = now.replace(minute=0, second=0, microsecond=0)
    hours = [end - timedelta(hours=n) for n in range(1, 24 * days + 1)]
    scale = records / sum(_expected(source, hour, hours[0]) for source in found for hour in hours)
    regions = AccountRegion.objects.filter(region=REGION).select_related("account")
    places = {place.account.number: place for place in regions}
    done = written = size = 0
    with running(KIND_OF_COPIES, scope=NAME) as run, ThreadPoolExecutor(THREADS) as pool:
        for part in range(0, len(hours), HOURS_AT_ONCE):
            objects = _objects(found, hours[part : part + HOURS_AT_ONCE], hours, scale)
            for lines, length in _ahead(pool, partial(_put, places=places), objects):
                done, written, size = done + lines, written + 1, size + length
                if written % LOOK_EVERY == 0:
                    counted = LogObject.objects.filter(state=LogObject.State.LOADED).count()
                    run.progress(counted, max(written, len(hours) * len(places)))
            log_sync.enqueue_all(WHOLE_TASK)
    for place in places.values():
        _client(place).put_object(Bucket=place.logging_bucket, Key=MARK, Body=b"")
    return done, written, size


def is_written() -> bool:
    """Whether the history was written to its end before."""
    regions = AccountRegion.objects.filter(region=REGION).select_related("account")
    return all(
        "Contents" in _client(place).list_objects_v2(Bucket=place.logging_bucket, Prefix=MARK) for place in regions
    )


def sources(now: datetime) -> list[Source]:
    """The workloads behind the company's own grants, and callers that nobody granted anything.

    A grant that somebody asked for since then has no past; a use case that they renamed keeps its slug.
    """
    wishes = {(slugify(one.case)[:40], one.model_id): one for one in WISHES}
    found = []
    grants = Grant.objects.exclude(profile_arn="").select_related("use_case", "model", "account", "request")
    for grant in grants.order_by("pk"):
        wish = wishes.get((grant.use_case.slug, grant.model.model_id))
        if wish and grant.request.created_at < now:
            size = (CONTEXT * wish.tokens[0], CONTEXT * wish.tokens[1])
            found.append(_granted(grant, float(wish.calls), size, float(wish.cached), now))
    return found + _strays(now)


def _granted(grant: Grant, calls: float, size: tuple[int, int], cached: float, now: datetime) -> Source:
    role = next(iter(grant.request.role_arns), "") or f"arn:aws:iam::{grant.account.number}:role/{grant.slug}"
    session = f"arn:aws:sts::{grant.account.number}:assumed-role/{role.rpartition('/')[2]}/{grant.slug}"
    family = grant.model.model_id.partition(".")[0]
    other = (
        UseCase.objects.filter(name="Job advert drafting").first()
        if grant.use_case.name == "Policy questions"
        else None
    )
    named = other or grant.use_case
    caller = Caller(
        grant.account.number, grant.region, session, grant.profile_arn,
        family if family in ("anthropic", "amazon") else "other",
        EU_REGIONS if grant.request.profile_id else (),
        (("use_case", str(named.uid)), ("env", grant.environment)) if grant.pk % 3 == 0 or other else (),
    )  # fmt: skip
    begun = grant.since or grant.created_at
    ended = grant.until or (begun + timedelta(days=58) if grant.wanted == "denial" else now)
    return Source(
        caller, calls, size, cached, grant.request.audience == "customers", begun, ended,
        grant.use_case.name == SPIKE_CASE,
    )  # fmt: skip


def _strays(now: datetime) -> list[Source]:
    def role(account: str, name: str, session: str, model: str, family: str) -> Caller:
        arn = f"arn:aws:sts::{account}:assumed-role/{name}/{session}"
        return Caller(account, REGION, arn, model, family, EU_REGIONS if model.startswith("eu.") else ())

    days = timedelta(days=1)
    begin = now - DAYS * days
    imported = f"arn:aws:bedrock:{REGION}:{PROD}:imported-model/m4rk3t1ng"
    return [
        Source(role(PROD, "data-science-notebooks", "notebook", HAIKU, "anthropic"), 3200, (48000, 1900), 0, False,
               begin, now),
        Source(role(PROD, "marketing-agency", "campaign-bot", NOVA, "amazon"), 2600, (2400, 500), 0, False,
               now - 41 * days, now),
        Source(role(DEV, "hackathon", "team-7", HAIKU, "anthropic"), 600, (9000, 900), 0, True,
               now - 16 * days, now - 9 * days),
        Source(role(PROD, "marketing-agency", "campaign-bot", imported, "other"), 120, (1500, 300), 0, False,
               now - 30 * days, now),
    ]  # fmt: skip


def _expected(source: Source, hour: datetime, now: datetime) -> float:
    if hour >= source.ended:
        return 0.0
    expected = source.share * intensity(hour, public=source.public, began=source.began, now=now)
    spiking = source.spike and SPIKE_DAYS_AGO - 2 < (now - hour).days <= SPIKE_DAYS_AGO
    return expected * (SPIKE if spiking else 1.0)


def _ahead(pool: ThreadPoolExecutor, send: Callable[[Any], Any], objects: Iterator[Any]) -> Iterator[Any]:
    """Send objects while the next ones are made, never more than a few at once in memory."""
    waiting: deque[Future[Any]] = deque()
    for one in objects:
        waiting.append(pool.submit(send, one))
        if len(waiting) > 2 * THREADS:
            yield waiting.popleft().result()
    for last in waiting:
        yield last.result()


def _objects(
    found: list[Source], hours: list[datetime], all_hours: list[datetime], scale: float
) -> Iterator[dict[str, Any]]:
    """One object an hour and account that called anything, its records in the order of time."""
    newest, torn = all_hours[0], (PROD, all_hours[len(all_hours) // 2])
    for hour in hours:
        for account in (PROD, DEV):
            lines = [
                made
                for number, source in enumerate(found)
                if source.caller.account == account
                for made in _hour(source, hour, _expected(source, hour, newest) * scale, number)
            ]
            if lines or (account, hour) == torn:  # one line of all is damaged, also where nobody called
                yield _object(account, hour, sorted(lines), damaged=(account, hour) == torn)


def _hour(source: Source, hour: datetime, expected: float, number: int) -> Iterator[bytes]:
    random = Random(f"{SEED} {number} {hour:%F %H}")  # noqa: S311 - a made-up history, not a secret
    for _ in range(count(expected, random)):
        at = hour + timedelta(seconds=random.randrange(3600))
        yield line(source.caller, at, tokens(source.size, source.cached, random), random)


def _object(account: str, hour: datetime, lines: list[bytes], *, damaged: bool) -> dict[str, Any]:
    random = Random(f"{SEED} {account} {hour:%F %H}")  # noqa: S311 - a made-up history, not a secret
    name = f"{hour:%Y%m%dT%H}5959{random.randrange(1000):03}Z_{random.getrandbits(64):016x}.json.gz"
    key = f"AWSLogs/{account}/BedrockModelInvocationLogs/{REGION}/{hour:%Y/%m/%d/%H}/{name}"
    body = b"\n".join([*lines, TORN] if damaged else lines) + b"\n"
    return {"account": account, "key": key, "lines": len(lines), "body": body}


def _put(one: dict[str, Any], places: dict[str, AccountRegion]) -> tuple[int, int]:
    place = places[one["account"]]
    packed = gzip.compress(one["body"], compresslevel=1, mtime=0)
    _client(place).put_object(Bucket=place.logging_bucket, Key=one["key"], Body=packed)
    return one["lines"], len(packed)


def _client(place: AccountRegion) -> Any:
    return _writer(place.account.number)


@cache
def _writer(account: str) -> Any:
    """The log service of AWS writes with rights of its own; Atrium's role may only read these buckets."""
    key = sandbox.workload_key(account)
    return boto3.client(
        "s3", REGION, endpoint_url=settings.AWS_ENDPOINT_URL, aws_access_key_id=key.access_key_id,
        aws_secret_access_key=key.secret_access_key,
    )  # fmt: skip
