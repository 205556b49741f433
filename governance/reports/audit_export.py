"""The whole audit trail to take away: one JSON object a line, which docs/verify_audit.py proves without Atrium.

The first line is the manifest (head, anchors, how many events are not in it yet); each further one a link with the
canonical JSON of its event.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from governance import anchoring, chain
from governance.models import AuditEvent, AuditSeal
from portal.lib import clock
from portal.lib.digest import canonical

FORMAT = "atrium-audit-export/1"


@dataclass(frozen=True, slots=True)
class Head:
    """The end of what is exported."""

    sequence: int
    hash: str


def head() -> Head:
    """The head of the chain as it stands now."""
    last = AuditSeal.objects.order_by("-sequence").first()
    return Head(last.sequence, last.hash) if last else Head(0, chain.GENESIS)


def lines(until: Head) -> Iterator[bytes]:
    """The manifest and every link up to `until`, each with its line feed."""
    yield canonical(_manifest(until)) + b"\n"
    for link in chain.links():
        if link.sequence > until.sequence:
            return
        event = b"null" if link.content is None else link.content
        yield b'{"sequence":%d,"hash":"%s","event":%s}\n' % (link.sequence, link.hash.encode(), event)


def _manifest(until: Head) -> dict[str, object]:
    held = anchoring.held()
    reached = [anchor for anchor in held.anchors if anchor.sequence <= until.sequence]
    return {
        "format": FORMAT,
        "exported_at": clock.wall().isoformat(timespec="seconds"),
        "head": {"sequence": until.sequence, "hash": until.hash},
        "events_not_sealed": AuditEvent.objects.count() - AuditSeal.objects.count(),
        "place": held.place,
        "anchors": [[anchor.sequence, anchor.hash, anchor.version.key] for anchor in reached],
        "warnings": [*held.warnings, *([held.unread] if held.unread else [])],
    }
