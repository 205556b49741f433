"""One log object → typed usage, line by line. Prompts and answers are never built, let alone kept."""

from collections.abc import Iterator
from datetime import UTC, datetime

from msgspec import DecodeError, Struct

from finops.ingest.gunzip import lines
from finops.ingest.tokens import settle, told_by
from finops.ingest.wire import Metadata, OddRecord, OutputWithBody, Record, read_odd_record, read_record

# Raise it when the meaning of a count changes: what was read by another version is then told apart.
PARSER_VERSION = 1

SCHEMA = "ModelInvocationLog"
_STANDARD = frozenset({"default", "standard", "auto"})


class UsageRecord(Struct, gc=False):
    """One request: when (UTC), whose, through what, how many tokens of each price class.

    tokens: input, output, cache read, cache write for 5 minutes, cache write for an hour; they do not overlap.
    error: AWS's error code, "" for success. latency_ms: None where the record does not tell it. metadata: None where
    the caller sent none.
    """

    at: datetime
    account: str
    region: str
    model_ref: str
    identity: str
    operation: str
    error: str
    tier: str
    metadata: Metadata | None
    tokens: tuple[int, int, int, int, int]
    latency_ms: int | None


class BadLine(Struct, gc=False):
    """A line that is no record: its number from 1, and why, in words that quote nothing of it."""

    number: int
    reason: str


def read(data: bytes, *, account: str = "", region: str = "") -> Iterator[UsageRecord | BadLine]:
    """The usage in a gzip object of JSON lines; a request that is logged twice in it counts once.

    account, region: what the object's key says. A record of another account is a bad line; a record without a region
    gets this one. Never raises for a line; raises UnreadableObject or TruncatedObject for the object.
    """
    seen: set[str] = set()
    for number, line in enumerate(lines(data), 1):
        try:
            record = _decode(line)
            if record.accountId != account or record.schemaType != SCHEMA:
                _check(record, account)
            usage = _usage(record, region)
        except (DecodeError, OverflowError, _NotOurs) as error:
            if line.strip():
                yield BadLine(number, _without_content(error))
            continue
        request = record.requestId
        if request:
            if request in seen:
                continue
            seen.add(request)
        yield usage


def _decode(line: bytes) -> Record | OddRecord:
    try:
        return read_record(line)
    except DecodeError:
        return read_odd_record(line)


class _NotOurs(Exception):
    """A well-formed line that still is no record to count."""


def _check(record: Record | OddRecord, account: str) -> None:
    if record.schemaType != SCHEMA:
        raise _NotOurs(f"The schema is not {SCHEMA}.")
    if account and record.accountId != account:
        raise _NotOurs(f"The record is of another account than the object, which is of {account}.")
    if not record.accountId.isdigit():
        raise _NotOurs("The accountId is no account number.")


def _usage(record: Record | OddRecord, region: str) -> UsageRecord:
    output, at = record.output, record.timestamp
    told = told_by(output.outputBodyJson if isinstance(output, OutputWithBody) else None)
    return UsageRecord(  # by position: keywords would cost a tenth of the whole
        at if at.tzinfo is UTC else at.astimezone(UTC),
        record.accountId,
        record.region or region,
        record.modelId,
        "" if record.identity is None else record.identity.arn,
        record.operation or "",
        str(record.errorCode) if record.errorCode else "",
        _tier(record, told.tier, told.latency_class),
        record.requestMetadata if isinstance(record, Record) else None,
        settle(record.input, None if output is None else output.outputTokenCount, told),
        told.latency_ms,
    )


def _tier(record: Record | OddRecord, served: str | None, latency_class: str | None) -> str:
    """The tier that served the request; one that we do not know is kept as AWS wrote it."""
    if served and served not in _STANDARD:
        return served
    if latency_class is None and record.performanceConfig is not None:
        latency_class = record.performanceConfig.latency
    return "latency-optimized" if latency_class == "optimized" else "standard"


def _without_content(error: Exception) -> str:
    """Why, without a word of the line: msgspec's messages name the place and the type expected, never a value."""
    if isinstance(error, OverflowError):
        return "The timestamp is out of range."
    return str(error)[:200]
