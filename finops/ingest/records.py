"""One log object → typed usage, line by line. Prompts and answers are never built, let alone kept."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from msgspec import DecodeError, Struct

from finops.ingest.gunzip import lines
from finops.ingest.principal import principal
from finops.ingest.tokens import CONTEXT_BANDS, Served, Tokens, context_band, served, settle
from finops.ingest.wire import Metadata, OddRecord, Record, read_odd_record, read_record

# Raise it when the meaning of a count changes: what was read by another version is then told apart.
PARSER_VERSION = 1

SCHEMA = "ModelInvocationLog"
STANDARD = "standard"
_SAID_FOR_STANDARD = frozenset({"default", STANDARD, "auto"})
_NOBODY = ("", "")
_UNTOLD: Served = (None, None, None)
FIRST_EDGE, FIRST_BAND = CONTEXT_BANDS[0]  # nearly all


class Names(NamedTuple):
    """What a request is counted under.

    hour: UTC, counted from the year 1 (`toordinal() * 24 + hour`), which is cheap to build for each record. caller: as
    of `principal`. metadata: None where the caller sent none. band: of the whole prompt. error: AWS's error code, ""
    for success.
    """

    hour: int
    account: str
    region: str
    model_ref: str
    caller: tuple[str, str]
    metadata: Metadata | None
    tier: str
    band: str
    operation: str
    error: str


class UsageRecord(Struct, gc=False):
    """One request: when (UTC), what it is counted under, how many tokens of each price class and how long it took."""

    at: datetime
    names: Names
    tokens: Tokens
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
            try:
                record: Record | OddRecord = read_record(line)
            except DecodeError:
                record = read_odd_record(line)
            if record.accountId != account or record.schemaType != SCHEMA:
                _check(record, account)
            usage = _usage(record, region)
        except (DecodeError, OverflowError, _NotOurs) as error:
            if line.strip():
                yield BadLine(number, _without_content(error))
            continue
        request = record.requestId
        if request:
            before = len(seen)
            seen.add(request)
            if len(seen) == before:
                continue
        yield usage


class _NotOurs(Exception):
    """A well-formed line that still is no record to count."""


def _check(record: Record | OddRecord, account: str) -> None:
    if record.schemaType != SCHEMA:
        raise _NotOurs(f"The schema is not {SCHEMA}.")
    if account and record.accountId != account:
        raise _NotOurs(f"The record is of another account than the object, which is of {account}.")
    if not record.accountId.isdigit():
        raise _NotOurs("The accountId is no account number.")


_names = tuple.__new__  # for one tuple a record: half of what calling the class takes


def _usage(record: Record | OddRecord, region: str) -> UsageRecord:
    output, at = record.output, record.timestamp
    written, body = (None, None) if output is None else (output.outputTokenCount, output.outputBodyJson)
    tokens = settle(record.input, written, body)
    latency_ms, tier, latency_class = _UNTOLD if body is None else served(body)
    if latency_class is None and record.performanceConfig is not None:
        latency_class = record.performanceConfig.latency
    prompt = tokens[0] + tokens[2] + tokens[3] + tokens[4]
    identity, place = record.identity, record.region
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    values = (
        at.toordinal() * 24 + at.hour,
        record.accountId,
        place or region,
        record.modelId,
        _NOBODY if identity is None else principal(identity.arn),
        record.requestMetadata,
        STANDARD if tier == "default" and latency_class is None else _tier(tier, latency_class),
        FIRST_BAND if prompt <= FIRST_EDGE else context_band(prompt),
        record.operation or "",
        str(record.errorCode) if record.errorCode else "",
    )
    return UsageRecord(at, _names(Names, values), tokens, latency_ms)


def _tier(tier: str | None, latency_class: str | None) -> str:
    """The tier that served the request; one that we do not know is kept as AWS wrote it."""
    if tier and tier not in _SAID_FOR_STANDARD:
        return tier
    return "latency-optimized" if latency_class == "optimized" else STANDARD


def _without_content(error: Exception) -> str:
    """Why, without a word of the line: msgspec's messages name the place and the type expected, never a value."""
    if isinstance(error, OverflowError):
        return "The timestamp is out of range."
    return str(error)[:200]
