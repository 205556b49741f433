"""One object, read and summed: what the loader needs of it, and nothing of what people wrote."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from finops.ingest.gunzip import UnreadableObject
from finops.ingest.keys import LogKey
from finops.ingest.records import BadLine, read
from finops.ingest.rollup import Rollup

_AFTER_ALL, _BEFORE_ALL = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)
KEPT_BAD_LINES = 200  # per object; all of them are counted


@dataclass(frozen=True, slots=True)
class Parsed:
    """A log object, summed. `error` is "" or the sentence that says why nothing of the object counts.

    records: requests counted. bad: lines that were none; `bad_lines` holds the first KEPT_BAD_LINES of them.
    first_at, last_at: UTC times of the records, None without records.
    """

    bucket: str
    key: LogKey
    etag: str
    usage: Rollup = field(default_factory=Rollup)
    records: int = 0
    bad: int = 0
    bad_lines: tuple[BadLine, ...] = ()
    first_at: datetime | None = None
    last_at: datetime | None = None
    error: str = ""


def parse(data: bytes, *, bucket: str, key: LogKey, etag: str) -> Parsed:
    """Read one object whole; a damaged one comes back with its `error`, without usage."""
    with _uncollected():
        return _parse(data, bucket, key, etag)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Let the collector of cycles rest: thousands of sums are made here and no cycle, yet each few hundred of them
    would have it walk through what the whole process holds, a tenth of the time.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _parse(data: bytes, bucket: str, key: LogKey, etag: str) -> Parsed:
    usage = Rollup()
    bad_lines: list[BadLine] = []
    records = bad = 0
    first, last = _AFTER_ALL, _BEFORE_ALL
    count = usage.count
    try:
        for found in read(data, account=key.account, region=key.region):
            if isinstance(found, BadLine):
                bad += 1
                if bad <= KEPT_BAD_LINES:
                    bad_lines.append(found)
                continue
            count(found)
            records += 1
            at = found.at
            if at < first:
                first = at
            if at > last:
                last = at
    except UnreadableObject as error:
        return Parsed(bucket, key, etag, error=str(error))
    span = (first, last) if records else (None, None)
    return Parsed(bucket, key, etag, usage, records, bad, tuple(bad_lines), *span)
