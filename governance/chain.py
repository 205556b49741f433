"""The chain over the audit trail: what a link is made of, and reading links with their events.

A link is SHA-256(previous hash + canonical JSON of the event). PostgreSQL writes that text, all but the details, whose
keys it keeps in an order of its own; sealing and proving read it here, and so agree on every byte.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec
from django.db import connection, transaction

from portal.lib.digest import canonical

GENESIS = "0" * 64
FETCHED = 2_000

_MOMENT = """'"' || to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || '+00:00"'"""
_TEXT, _NUMBER = "to_json({}::text)::text", "coalesce({}::text, 'null')"
# Every column of an event in the order of its name; a new column begins a new form of link.
COLUMNS = {
    "actor_id": _NUMBER,
    "actor_name": _TEXT,
    "demo": _NUMBER,
    "details": "{}::text",
    "happened_at": _MOMENT,
    "id": _NUMBER,
    "recorded_at": _MOMENT,
    "request_id": _TEXT,
    "subject_kind": _TEXT,
    "subject_name": _TEXT,
    "subject_uid": _TEXT,
    "tenant_id": _NUMBER,
    "transaction_id": _NUMBER,
    "uid": _TEXT,
    "verb": _TEXT,
}


def _written(names: list[str], before: str, after: str) -> str:
    """SQL for the members `names` of the canonical object, as UTF-8."""
    members = [f"""'{"," if number else before}"{name}":' || {COLUMNS[name].format(f"e.{name}")}"""
               for number, name in enumerate(names)]  # fmt: skip
    return f"convert_to({' || '.join(members)} || '{after}', 'UTF8')"


_NAMES = list(COLUMNS)
_AT = _NAMES.index("details")
# Three texts: what stands before the details, the details, what stands after them.
CONTENT = ", ".join(
    (
        _written(_NAMES[:_AT], "{", ',"details":'),
        "convert_to(e.details::text, 'UTF8')",
        _written(_NAMES[_AT + 1 :], ",", "}"),
    )
)

LINKS = f"""
    SELECT s.sequence, s.hash, s.event_id, e.id, {CONTENT}
    FROM governance_auditseal s LEFT JOIN governance_auditevent e ON e.id = s.event_id
    WHERE s.sequence > %(after)s ORDER BY s.sequence
"""  # noqa: S608  # made of the constants above
# By both ends, not by a LIMIT: else PostgreSQL looks up everything up to the end, and sorts it, for each piece.
PIECE = LINKS.replace("ORDER BY", "AND s.sequence <= %(until)s ORDER BY")


class Link(NamedTuple):
    """A link as it stands, and its event: canonical JSON, None when the event is not there."""

    sequence: int
    hash: str
    event_id: int
    content: bytes | None


def hash_of(previous: str, content: bytes) -> str:
    """The hash of an event's canonical JSON after `previous` (64 hexadecimal characters)."""
    return sha256(previous.encode() + content).hexdigest()


def links(after: int = 0) -> Iterator[Link]:
    """Every link behind the sequence `after`, in order, with its event."""
    for sequence, digest, event_id, found, *texts in rows(LINKS, {"after": after}):
        yield Link(sequence, digest, event_id, None if found is None else contained(*texts))


def links_in_pieces(until: int) -> Iterator[Link]:
    """Every link up to the sequence `until`, some thousand a query and no transaction between two of them.

    For a reader who may be slow. What is sealed never changes, so the pieces fit as if they were read at once; what
    somebody tampers with between two of them breaks the chain, as it would anywhere.
    """
    for after in range(0, until, FETCHED):
        with connection.cursor() as cursor:
            cursor.execute(PIECE, {"after": after, "until": min(after + FETCHED, until)})
            found = cursor.fetchall()
        if not found:
            return  # so many links are missing that there is nothing to prove
        for sequence, digest, event_id, present, *texts in found:
            yield Link(sequence, digest, event_id, None if present is None else contained(*texts))


def rows(query: str, values: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, some thousand at a time from a cursor of the server, in one transaction.

    PostgreSQL writes the next ones while the caller works on these; the connection is not to be used meanwhile.
    """
    with transaction.atomic(), connection.cursor() as settled, ThreadPoolExecutor(1) as ahead:
        # In order by the index: else the whole trail would be sorted before its first row comes.
        settled.execute("SET LOCAL cursor_tuple_fraction = 0.000001")
        with connection.connection.cursor("audit_chain", binary=True) as cursor:
            cursor.execute(query, values)
            found = cursor.fetchmany(FETCHED)
            while found:
                following = ahead.submit(cursor.fetchmany, FETCHED)
                yield from found
                found = following.result()


def contained(before: bytes | None, details: bytes | None, after: bytes | None) -> bytes:
    """The canonical JSON of an event from the three texts of CONTENT; not JSON where a column lost its value."""
    told = b"{}" if details == b"{}" else _sorted(details or b"")
    return b"".join((before or b"", told, after or b""))


class _Fraction(Exception):
    """Two libraries may write one fraction in two ways; the standard library's is the one that counts."""


def _refuse(_written: str) -> Any:
    raise _Fraction


_decode = msgspec.json.Decoder(float_hook=_refuse).decode
_encode = msgspec.json.Encoder(order="sorted").encode


def _sorted(details: bytes) -> bytes:
    try:
        return _encode(_decode(details))
    except _Fraction:
        return canonical(json.loads(details))
    except (msgspec.DecodeError, RecursionError):
        return details  # none that Atrium ever wrote: it stands for itself, and fits no link that was made of another
