"""The chain over the audit trail: sealing in commit order, anchoring its head, and proving that nothing was changed.

A link is SHA-256(previous hash + canonical JSON of the event). It is made after the fact, by one sealer at a time:
inside the writing transactions it would make every writer wait for every other.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from governance.models import AuditAnchor, AuditEvent, AuditSeal
from portal.lib.digest import canonical

GENESIS = "0" * 64
BATCH = 2_000
# Any constant will do; it names this lock among the transaction-level advisory locks of the database.
_LOCK = 7_305_018_221

# writer(sequence, hash) stores a head outside the database and returns where.
Writer = Callable[[int, str], str]


def seal() -> int:
    """Chain the committed events that no running transaction can still precede; returns how many.

    Order: (transaction id, id). A transaction id below the snapshot's xmin belongs to a finished transaction, so no
    event can appear before the last sealed one later on. A second sealer at the same time does nothing.
    """
    with transaction.atomic():
        if not _alone():
            return 0
        head = AuditSeal.objects.order_by("-sequence").first()
        sequence, previous = (head.sequence, head.hash) if head else (0, GENESIS)
        links = []
        for event in _unsealed_after(head):
            sequence, previous = sequence + 1, link(previous, event)
            links.append(AuditSeal(sequence=sequence, event_id=event.pk, hash=previous))
        AuditSeal.objects.bulk_create(links)
    return len(links)


def link(previous: str, event: AuditEvent) -> str:
    """The hash of `event` after `previous` (64 hexadecimal characters each)."""
    return hashlib.sha256(previous.encode() + canonical(content(event))).hexdigest()


def content(event: AuditEvent) -> dict[str, Any]:
    """What a link covers: every column of the event, times as ISO 8601 in UTC."""
    return {
        column.attname: _plain(getattr(event, column.attname))
        for column in sorted(AuditEvent._meta.concrete_fields, key=lambda column: column.attname)
    }


def anchor(write: Writer) -> AuditAnchor | None:
    """Store the head of the chain outside the database through `write`, if it moved since the last anchor."""
    head = AuditSeal.objects.order_by("-sequence").first()
    last = AuditAnchor.objects.order_by("-sequence").first()
    if head is None or (last and last.sequence >= head.sequence):
        return None
    # Outside any transaction: the store may be slow, and an anchor without its row is only a head known twice.
    place = write(head.sequence, head.hash)
    return AuditAnchor.objects.create(sequence=head.sequence, hash=head.hash, place=place)


@dataclass
class Proof:
    """What walking the chain found. broken: the first thing that is wrong, "" if nothing is.

    sealed: links that hold; unsealed: events after the head, oldest_unsealed: when the oldest of them was recorded;
    anchored: the highest sequence that was found equal outside the database, 0 for none.
    """

    sealed: int = 0
    head: str = GENESIS
    broken: str = ""
    unsealed: int = 0
    oldest_unsealed: datetime | None = None
    anchored: int = 0
    warnings: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.broken


def verify() -> Proof:
    """Walk the whole chain and compare each event with its link, and the chain with its anchors."""
    proof = Proof()
    anchors = dict(AuditAnchor.objects.values_list("sequence", "hash"))
    for seal_row, event in _chain():
        proof.broken = _fault(proof, seal_row, event) or _anchor_fault(anchors, seal_row)
        if proof.broken:
            return proof
        proof.sealed, proof.head = seal_row.sequence, seal_row.hash
        proof.anchored = seal_row.sequence if seal_row.sequence in anchors else proof.anchored
    beyond = [sequence for sequence in anchors if sequence > proof.sealed]
    if beyond:
        proof.broken = (
            f"The chain ends at link {proof.sealed}, but link {max(beyond)} was anchored: its end was cut off."
        )
    _look_at_tail(proof)
    _look_at_grants(proof)
    return proof


def _fault(proof: Proof, seal_row: AuditSeal, event: AuditEvent | None) -> str:
    if seal_row.sequence != proof.sealed + 1:
        return f"Link {proof.sealed + 1} is missing; the next one there is {seal_row.sequence}."
    if event is None:
        return f"Event {seal_row.event_id}, link {seal_row.sequence}, was removed."
    if link(proof.head, event) != seal_row.hash:
        return (
            f"Event {event.pk} ({event.uid}), link {seal_row.sequence}, is not what was sealed "
            f"on {seal_row.sealed_at:%F %T} UTC."
        )
    return ""


def _anchor_fault(anchors: dict[int, str], seal_row: AuditSeal) -> str:
    if anchors.get(seal_row.sequence, seal_row.hash) != seal_row.hash:
        return f"Link {seal_row.sequence} is not the one that was anchored: the chain was written again."
    return ""


def _chain() -> Iterator[tuple[AuditSeal, AuditEvent | None]]:
    """Every link with its event, in order, some thousand at a time."""
    last = 0
    while links := list(AuditSeal.objects.filter(sequence__gt=last).order_by("sequence")[:BATCH]):
        events = AuditEvent.objects.in_bulk([one.event_id for one in links])
        for one in links:
            yield one, events.get(one.event_id)
        last = links[-1].sequence


def _look_at_tail(proof: Proof) -> None:
    # The head is read first: whatever stands before it was sealed by then.
    head = AuditSeal.objects.order_by("-sequence").first()
    unsealed = AuditEvent.objects.filter(~Exists(AuditSeal.objects.filter(event_id=OuterRef("pk"))))
    proof.broken = proof.broken or _slipped_in(head, unsealed)
    proof.unsealed = unsealed.count()
    oldest = unsealed.order_by("recorded_at").first()
    proof.oldest_unsealed = oldest.recorded_at if oldest else None


def _slipped_in(head: AuditSeal | None, unsealed: QuerySet[AuditEvent]) -> str:
    """An event before the head without a link: the sealer goes in order and never met it."""
    last = AuditEvent.objects.filter(pk=head.event_id).first() if head else None
    if last is None:
        return ""
    before = Q(transaction_id__lt=last.transaction_id) | Q(transaction_id=last.transaction_id, pk__lt=last.pk)
    event = unsealed.filter(before).order_by("pk").first()
    if event is None:
        return ""
    return (
        f"Event {event.pk} ({event.uid}) stands before the head of the chain and is no link of it: it was slipped in, "
        "or written after a restore before the transaction counter was raised."
    )


def _look_at_grants(proof: Proof) -> None:
    """Warn if the role that runs this could change the trail: then append-only rests on the triggers alone."""
    with connection.cursor() as cursor:
        for model in (AuditEvent, AuditSeal, AuditAnchor):
            table = model._meta.db_table
            cursor.execute("SELECT has_table_privilege(current_user, %s, 'UPDATE, DELETE, TRUNCATE')", [table])
            if cursor.fetchone()[0]:
                proof.warnings.append(f"This database role may change {table}; run the application as another role.")


def _unsealed_after(head: AuditSeal | None) -> list[AuditEvent]:
    """The next events in order, behind no running transaction."""
    last = AuditEvent.objects.get(pk=head.event_id) if head else None
    transaction_id, pk = (last.transaction_id, last.pk) if last else (0, 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        xmin = cursor.fetchone()[0]
    if transaction_id >= xmin:
        raise RuntimeError(
            "The audit trail knows transactions that this database cluster has not reached: it was restored into a new "
            "one. Raise the cluster's transaction counter above the old one (pg_resetwal -x), then sealing goes on."
        )
    return list(
        AuditEvent.objects.filter(Q(transaction_id__gt=transaction_id) | Q(transaction_id=transaction_id, pk__gt=pk))
        .filter(transaction_id__gte=transaction_id, transaction_id__lt=xmin)
        .order_by("transaction_id", "id")[:BATCH]
    )


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value if isinstance(value, (str, int, bool, dict, list, type(None))) else str(value)
