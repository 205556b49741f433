"""One object, read and summed: what the loader needs of it, and nothing of what people wrote."""

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from finops.ingest.gunzip import UnreadableObject
from finops.ingest.keys import LogKey
from finops.ingest.records import BadLine, read
from finops.ingest.rollup import Rollup

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


def parse(chunks: Iterable[bytes], *, bucket: str, key: LogKey, etag: str) -> Parsed:
    """Read one object whole, inflated as of `inflate`; a damaged one comes back with its `error`, without usage."""
    with uncollected():
        return _parse(chunks, bucket, key, etag)


@contextmanager
def uncollected() -> Iterator[None]:
    """Let the collector of cycles rest: thousands of sums are made and added up and no cycle, yet each few hundred of
    them would have it walk through what the whole process holds, a tenth of the time.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _parse(chunks: Iterable[bytes], bucket: str, key: LogKey, etag: str) -> Parsed:
    usage, bad = Rollup(), _BadLines()
    try:
        span = usage.count(read(chunks, bad.tell, account=key.account, region=key.region))
    except UnreadableObject as error:
        return Parsed(bucket, key, etag, error=str(error))
    return Parsed(bucket, key, etag, usage, usage.requests, bad.number, tuple(bad.first), *(span or (None, None)))


@dataclass(slots=True)
class _BadLines:
    """All are counted, the first KEPT_BAD_LINES are kept."""

    number: int = 0
    first: list[BadLine] = field(default_factory=list)

    def tell(self, line: BadLine) -> None:
        self.number += 1
        if self.number <= KEPT_BAD_LINES:
            self.first.append(line)
