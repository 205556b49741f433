"""One object, read and summed: what the loader needs of it, and nothing of what people wrote."""

from dataclasses import dataclass, field
from datetime import datetime

from finops.ingest.gunzip import UnreadableObject
from finops.ingest.keys import LogKey
from finops.ingest.records import BadLine, read
from finops.ingest.rollup import Facts, Rollup

KEPT_BAD_LINES = 200  # per object; all of them are counted


@dataclass(frozen=True, slots=True)
class Parsed:
    """A log object as facts. `error` is "" or the sentence that says why nothing of the object counts.

    records: requests counted. bad: lines that were none; `bad_lines` holds the first KEPT_BAD_LINES of them.
    first_at, last_at: UTC times of the records, None without records.
    """

    bucket: str
    key: LogKey
    etag: str
    facts: Facts = field(default_factory=dict)
    records: int = 0
    bad: int = 0
    bad_lines: tuple[BadLine, ...] = ()
    first_at: datetime | None = None
    last_at: datetime | None = None
    error: str = ""


def parse(data: bytes, *, bucket: str, key: LogKey, etag: str) -> Parsed:
    """Read one object whole; a damaged one comes back with its `error`, without facts."""
    rollup = Rollup()
    bad_lines: list[BadLine] = []
    records = bad = 0
    first = last = None
    try:
        for found in read(data, account=key.account, region=key.region):
            if isinstance(found, BadLine):
                bad += 1
                if bad <= KEPT_BAD_LINES:
                    bad_lines.append(found)
                continue
            rollup.count(found)
            records += 1
            first = found.at if first is None or found.at < first else first
            last = found.at if last is None or found.at > last else last
    except UnreadableObject as error:
        return Parsed(bucket, key, etag, error=str(error))
    return Parsed(bucket, key, etag, rollup.facts(), records, bad, tuple(bad_lines), first, last)
