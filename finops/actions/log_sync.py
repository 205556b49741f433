"""Reading the invocation logs of one account and region: list what is new, fetch ahead, parse, count."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, islice
from time import monotonic

from django.db import transaction
from django.db.models import Q

from finops.actions.ingest import BATCH, Loaded, load
from finops.ingest.gunzip import inflate
from finops.ingest.keys import LogKey, day_prefix, hour_prefix, parse_key, region_prefix
from finops.ingest.objects import Parsed, parse
from finops.models import LogObject
from finops.reports.ages import UNFINISHED, WHOLE_TASK
from hub.models import AccountRegion
from portal.aws import s3
from portal.aws.errors import NotFound
from portal.aws.session import AccountRef, for_account
from portal.jobs.models import SyncRun
from portal.jobs.outbox import enqueue
from portal.jobs.syncs import Run, running
from portal.lib import clock
from portal.lib.ahead import ahead

KIND = "invocation_logs"
KIND_OF_DAYS = "invocation_logs_days"
REGION_TASK = "finops.sync_region_logs"
DAYS_TASK = "finops.sync_region_days"
CUBE_TASK = "finops.build_cube"
REREAD = timedelta(hours=3)  # AWS promises no delivery time; what comes even later is found by the daily listing
DAYS_AGAIN = 3
CHUNK = 5_000  # keys looked up in the ledger at once
FETCHERS = 6
FETCHED, INFLATED = 8, 1  # objects that these stages are ahead; with the batch, they bound the memory
MOST_ATTEMPTS = 8
MOST_SECONDS = 600.0  # a run leaves the rest to the next one, well before a worker's time limit


@dataclass(frozen=True, slots=True)
class Source:
    """Where the logs of one account and region lie. `root`: what their keys start with, as of `region_prefix`.

    heads: (prefix, start after) → the objects there in the order of their keys. get: key → bytes, from any thread.
    """

    account: str
    region: str
    bucket: str
    root: str
    heads: Callable[[str, str], Iterable[s3.ObjectHead]]
    get: Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Pending:
    """An object that is to be read."""

    key: LogKey
    etag: str


def enqueue_all(task: str) -> None:
    """A job of `task` for each region that logs to a bucket."""
    for place in AccountRegion.objects.exclude(logging_bucket=""):
        with transaction.atomic():
            enqueue(task, place.pk)


def sync_logs(place: AccountRegion) -> None:
    """Read what was delivered since three hours before the last complete run; everything, if there was none.

    A run that leaves something unread enqueues the next one. Raises AwsError, with a failed run on record.
    """
    done = SyncRun.objects.filter(kind=KIND, scope=place.scope, state=SyncRun.State.DONE)
    last = done.order_by("-window_to").values_list("window_to", flat=True).first()
    _sync(place, last - REREAD if last else None)


def sync_whole(place: AccountRegion) -> None:
    """List the whole bucket again and read what is unknown: after a restore, or when logs were copied in."""
    _sync(place, None)


def _sync(place: AccountRegion, since: datetime | None) -> None:
    if not place.logging_bucket:
        return
    until = clock.now()
    with running(KIND, scope=place.scope, window=(since or until, until)) as run:
        source = source_of(place)
        heads = _batches(source, source.root, hour_prefix(source.root, since) if since else "")
        finished = read(source, chain(_failed_before(source), heads), run)
    with transaction.atomic():
        if run.rows:
            enqueue(CUBE_TASK)
        if not finished:
            enqueue(REGION_TASK if since else WHOLE_TASK, place.pk)


def sync_days(place: AccountRegion) -> None:
    """List the last days whole and read what is still unknown: objects that AWS delivered late."""
    if not place.logging_bucket:
        return
    until = clock.now()
    days = [until - timedelta(days=number) for number in range(DAYS_AGAIN)]
    with running(KIND_OF_DAYS, scope=place.scope, window=(days[-1], until)) as run:
        source = source_of(place)
        heads = (head for day in reversed(days) for head in _batches(source, day_prefix(source.root, day), ""))
        read(source, heads, run)
    if run.rows:
        with transaction.atomic():
            enqueue(CUBE_TASK)


def source_of(place: AccountRegion) -> Source:
    """The bucket that an account's region logs to, entered through Atrium's role there. Raises AwsError."""
    account = place.account
    session = for_account(AccountRef(account.number, account.role_arn, account.external_id), place.region)
    root = region_prefix(place.logging_prefix, account.number, place.region)
    listing = partial(s3.list_keys, session, place.logging_bucket)
    bucket = s3.Bucket(session, place.logging_bucket)
    return Source(account.number, place.region, place.logging_bucket, root, listing, bucket.get)


def read(source: Source, found: Iterator[Pending], run: Run) -> bool:
    """Count the objects that are not counted yet, a batch a transaction. Returns False if the run's time was up before.

    What is unreadable makes the run a partial one. An AwsError of the source goes up; whole batches before it count.
    """
    stop_at = monotonic() + MOST_SECONDS
    total = Loaded()
    seen = done = 0
    while chunk := list(dict.fromkeys(islice(found, CHUNK))):
        pending = _unknown(source, chunk)
        seen += len(pending)
        for batch in _in_batches(_parsed(source, pending)):
            total = total.plus(load(batch))
            done += len(batch)
            run.rows = total.records
            run.progress(done, seen)
            if monotonic() > stop_at:
                run.partial(UNFINISHED)
                return False
    if total.failed:
        run.partial(f"{total.failed} of {done} objects could not be read; they are tried again.")
    return True


def _batches(source: Source, prefix: str, start_after: str) -> Iterator[Pending]:
    """The log objects under a prefix, in order. An hour's folder of bodies, `data/`, sorts last and is jumped over."""
    while True:
        for head in source.heads(prefix, start_after):
            hour, body, _ = head.key.removeprefix(source.root).partition("/data/")
            if body:
                start_after = f"{source.root}{hour}/data0"  # "0" comes right after "/"
                break
            key = parse_key(head.key)
            if key is not None and head.size:
                yield Pending(key, head.etag)
        else:
            return


def _failed_before(source: Source) -> list[Pending]:
    failed = LogObject.objects.filter(
        bucket=source.bucket, account=source.account, region=source.region, state=LogObject.State.FAILED
    ).filter(attempts__lt=MOST_ATTEMPTS)
    keys = ((parse_key(key), etag) for key, etag in failed.values_list("key", "etag"))
    return [Pending(key, etag) for key, etag in keys if key is not None]


def _unknown(source: Source, found: Sequence[Pending]) -> list[Pending]:
    """Those that are neither counted nor given up."""
    settled = Q(state=LogObject.State.LOADED) | Q(attempts__gte=MOST_ATTEMPTS)
    rows = LogObject.objects.filter(settled, bucket=source.bucket, key__in=[one.key.key for one in found])
    known = set(rows.values_list("key", "etag"))
    return [one for one in found if (one.key.key, one.etag) not in known]


def _parsed(source: Source, pending: Sequence[Pending]) -> Iterator[Parsed]:
    """The objects in their order. While one is parsed, the next are fetched and inflated."""
    with ThreadPoolExecutor(FETCHERS, thread_name_prefix="fetch") as fetchers:
        try:
            inflated = ahead(_fetched(source, pending, fetchers), INFLATED)
            yield from (_parse(source, one, chunks) for one, chunks in inflated)
        finally:
            fetchers.shutdown(cancel_futures=True)


def _fetched(
    source: Source, pending: Sequence[Pending], fetchers: ThreadPoolExecutor
) -> Iterator[tuple[Pending, Iterator[bytes] | None]]:
    """Each object with its content, inflated; None where it is gone. Raises AwsError."""
    left = iter(pending)
    begun = deque((one, fetchers.submit(source.get, one.key.key)) for one in islice(left, FETCHED))
    while begun:
        one, content = begun.popleft()
        begun.extend((more, fetchers.submit(source.get, more.key.key)) for more in islice(left, 1))
        try:
            chunks = inflate(content.result())
        except NotFound:
            chunks = None
        yield one, chunks


def _parse(source: Source, one: Pending, chunks: Iterator[bytes] | None) -> Parsed:
    if chunks is None:
        return Parsed(source.bucket, one.key, one.etag, error="The object was gone before it could be read.")
    return parse(chunks, bucket=source.bucket, key=one.key, etag=one.etag)


def _in_batches(objects: Iterator[Parsed]) -> Iterator[list[Parsed]]:
    while batch := list(islice(objects, BATCH)):
        yield batch
