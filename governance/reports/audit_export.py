"""The whole audit trail to take away: one JSON object a line, which docs/verify_audit.py proves without Atrium.

The first line is the manifest (head, the newest anchors, how many events are not in it yet); each further one a link
with the canonical JSON of its event. An export that broke off does not reach the head that its manifest names.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from governance import anchoring, chain
from governance.models import AuditAnchor, AuditEvent, AuditSeal
from portal.lib import clock
from portal.lib.digest import canonical

FORMAT = "atrium-audit-export/1"
# So many anchors stand in the manifest: a copy from the bucket that lacks one of them is no whole copy.
NAMED = 100


@dataclass(frozen=True, slots=True)
class Head:
    """The end of what is exported, and the newest anchors that were noted before it was looked up.

    Before: so an honest one reaches each of them, and a chain whose end was cut off does not.
    """

    sequence: int
    hash: str
    anchors: tuple[AuditAnchor, ...] = ()


def head() -> Head:
    """The head of the chain as it stands now."""
    anchors = tuple(anchoring.under_lock().order_by("-sequence")[:NAMED])
    last = AuditSeal.objects.order_by("-sequence").first()
    return Head(last.sequence, last.hash, anchors) if last else Head(0, chain.GENESIS, anchors)


def lines(until: Head) -> Iterator[bytes]:
    """The manifest and every link up to `until`, each with its line feed."""
    yield canonical(_manifest(until)) + b"\n"
    for link in chain.links_in_pieces(until.sequence):
        event = b"null" if link.content is None else link.content
        yield b'{"sequence":%d,"hash":"%s","event":%s}\n' % (link.sequence, link.hash.encode(), event)


def _manifest(until: Head) -> dict[str, object]:
    place = anchoring.place()
    return {
        "format": FORMAT,
        "exported_at": clock.wall().isoformat(timespec="seconds"),
        "head": {"sequence": until.sequence, "hash": until.hash},
        "events_not_sealed": AuditEvent.objects.count() - AuditSeal.objects.count(),
        "place": place,
        "anchors": [[anchor.sequence, anchor.hash, anchor.place] for anchor in until.anchors],
        "warnings": [] if place else [anchoring.NO_BUCKET],
    }
