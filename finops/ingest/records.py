"""One log object → its records, line by line. Prompts and answers are never built, let alone kept."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC

from msgspec import DecodeError, Struct

from finops.ingest.gunzip import lines
from finops.ingest.wire import AnyRecord, read_odd_record, read_record

# Raise it when the meaning of a count changes: what was read by another version is then told apart.
PARSER_VERSION = 1

SCHEMA = "ModelInvocationLog"


class BadLine(Struct, gc=False):
    """A line that is no record: its number from 1, and why, in words that quote nothing of it."""

    number: int
    reason: str


def read(
    chunks: Iterable[bytes], tell: Callable[[BadLine], None], *, account: str = "", region: str = ""
) -> Iterator[AnyRecord]:
    """The records in an object's chunks of JSON lines, their times in UTC; one that is logged twice comes once.

    tell: is called for each line that is none. account, region: what the object's key says. A record of another account
    is a bad line; a record without a region gets this one.
    """
    seen: set[str] = set()
    for number, line in enumerate(lines(chunks), 1):
        try:
            try:
                record: AnyRecord = read_record(line)
            except DecodeError:
                record = read_odd_record(line)
            if record.accountId != account or record.schemaType != SCHEMA:
                _check(record, account)
            if record.timestamp.tzinfo is not UTC:
                record.timestamp = record.timestamp.astimezone(UTC)
        except (DecodeError, OverflowError, _NotOurs) as error:
            if bytes(line).strip():
                tell(BadLine(number, _without_content(error)))
            continue
        request = record.requestId
        if request:
            before = len(seen)
            seen.add(request)
            if len(seen) == before:
                continue
        if not record.region:
            record.region = region
        yield record


class _NotOurs(Exception):
    """A well-formed line that still is no record to count."""


def _check(record: AnyRecord, account: str) -> None:
    if record.schemaType != SCHEMA:
        raise _NotOurs(f"The schema is not {SCHEMA}.")
    if account and record.accountId != account:
        raise _NotOurs(f"The record is of another account than the object, which is of {account}.")
    if not record.accountId.isdigit():
        raise _NotOurs("The accountId is no account number.")


def _without_content(error: Exception) -> str:
    """Why, without a word of the line: msgspec's messages name the place and the type expected, never a value."""
    if isinstance(error, OverflowError):
        return "The timestamp is out of range."
    return str(error)[:200]
