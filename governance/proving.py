"""Proving that the audit trail is what was written: walking its chain, and comparing it with its anchors."""

from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.db.models import Count, Exists, Min, OuterRef, Q

from governance import anchoring, chain
from governance.anchoring import Held
from governance.models import AuditAnchor, AuditEvent, AuditSeal
from portal.aws.errors import AwsError


@dataclass
class Proof:
    """What walking the chain found. broken: the first thing that is wrong, "" if nothing is.

    sealed: links that hold; unsealed: events after the head, oldest_unsealed: when the oldest of them was recorded;
    anchored: the highest sequence that was found equal outside the database (in `place`), 0 for none, anchored_at: when
    it was stored there; unread: why the anchors could not be read back, "" if they were.
    """

    sealed: int = 0
    head: str = chain.GENESIS
    broken: str = ""
    unsealed: int = 0
    oldest_unsealed: datetime | None = None
    anchored: int = 0
    anchored_at: datetime | None = None
    place: str = ""
    unread: str = ""
    warnings: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.broken

    @property
    def not_anchored(self) -> int:
        """Events that nothing outside the database vouches for yet."""
        return self.sealed - self.anchored + self.unsealed


def verify() -> Proof:
    """Read the anchors back, walk the whole chain, and compare each event with its link and the chain with both."""
    return prove(anchoring.held())


def prove(held: Held) -> Proof:
    """As `verify`, against anchors that were read back before."""
    proof = Proof(place=held.place, unread=held.unread, warnings=list(held.warnings))
    noted = dict(AuditAnchor.objects.values_list("sequence", "hash"))
    stored: dict[int, list[anchoring.Anchor]] = {}
    for anchor in held.anchors:
        stored.setdefault(anchor.sequence, []).append(anchor)
    for link in chain.links():
        proof.broken = _fault(proof, link)
        if not proof.broken and (link.sequence in stored or link.sequence in noted):
            proof.broken = _anchor_fault(proof, link, stored.get(link.sequence, []), noted)
        if proof.broken:
            return proof
        proof.sealed, proof.head = link.sequence, link.hash
    proof.broken = _cut_off(proof, stored, noted) or _taken_away(held)
    _look_at_tail(proof)
    _look_at_grants(proof)
    return proof


def _fault(proof: Proof, link: chain.Link) -> str:
    if link.sequence != proof.sealed + 1:
        return f"Link {proof.sealed + 1} is missing; the next one there is {link.sequence}."
    if link.content is None:
        return f"Event {link.event_id}, link {link.sequence}, was removed."
    if chain.hash_of(proof.head, link.content) != link.hash:
        return f"Event {link.event_id}, link {link.sequence}, is not what was sealed."
    return ""


def _anchor_fault(proof: Proof, link: chain.Link, stored: list[anchoring.Anchor], noted: dict[int, str]) -> str:
    for anchor in stored:
        if anchor.hash == link.hash:
            proof.anchored, proof.anchored_at = link.sequence, anchor.version.stored_at
        elif _counts(anchor, proof):
            return f"Link {link.sequence} is not the one that was anchored: the chain was written again."
    if noted.get(link.sequence, link.hash) != link.hash:
        return f"Link {link.sequence} is not the one that was noted as anchored: the chain was written again."
    return ""


def _cut_off(proof: Proof, stored: dict[int, list[anchoring.Anchor]], noted: dict[int, str]) -> str:
    beyond = [number for number in stored if number > proof.sealed and any(_counts(a, proof) for a in stored[number])]
    beyond += [number for number in noted if number > proof.sealed]
    if not beyond:
        return ""
    return f"The chain ends at link {proof.sealed}, but link {max(beyond)} was anchored: its end was cut off."


def _counts(anchor: anchoring.Anchor, proof: Proof) -> bool:
    """Whether an anchor that disagrees is ours: anybody who may write to the bucket could put one there."""
    try:
        ours = anchoring.opened(anchor)
    except AwsError as error:
        proof.unread = error.sentence
        return True
    if not ours:
        proof.warnings.append(
            f"{anchor.version.key} in {proof.place} was not written by this Atrium; it counts nothing."
        )
    return ours


def _taken_away(held: Held) -> str:
    """An anchor that was written to this bucket, is still under its lock, and is not there."""
    if not held.place or held.unread:
        return ""
    root = f"s3://{settings.AUDIT_BUCKET.partition('/')[0]}/"
    places, keys = anchoring.under_lock().values_list("place", flat=True), held.keys
    gone = [place for place in places if place.removeprefix(root) not in keys]
    return f"The anchor {gone[0]} is not there any more: the bucket is another one, or was emptied." if gone else ""


def _look_at_tail(proof: Proof) -> None:
    """Count what is not sealed, and find what never will be: an event before the head, where the sealer met none."""
    # The head is read first: whatever stands before it was sealed by then.
    head = AuditSeal.objects.order_by("-sequence").first()
    last = AuditEvent.objects.filter(pk=head.event_id).first() if head else None
    unsealed = AuditEvent.objects.filter(~Exists(AuditSeal.objects.filter(event_id=OuterRef("pk"))))
    # All in one look: each compares every event with every link.
    found = unsealed.aggregate(
        number=Count("pk"),
        oldest=Min("recorded_at"),
        slipped_in=Min("pk", filter=_before(last) if last else Q(pk=None)),
    )
    proof.unsealed, proof.oldest_unsealed = found["number"], found["oldest"]
    if found["slipped_in"] is not None and not proof.broken:
        proof.broken = _slipped_in(AuditEvent.objects.get(pk=found["slipped_in"]))


def _before(last: AuditEvent) -> Q:
    return Q(transaction_id__lt=last.transaction_id) | Q(transaction_id=last.transaction_id, pk__lt=last.pk)


def _slipped_in(event: AuditEvent) -> str:
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
