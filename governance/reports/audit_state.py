"""How far the audit trail is sealed and anchored, as pages and /readyz tell it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from governance import anchoring
from governance.models import AuditAnchor, AuditEvent, AuditSeal
from portal.lib import clock
from portal.lib.moments import span

# An anchor is made every four minutes; one that misses twice is late.
LATE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class TrailState:
    """sealed, anchored: sequences, 0 for none; place: of the last anchor, or where it would be; "" without a bucket.

    waiting_since: when the oldest event was recorded that nothing outside the database vouches for; None if all are.
    """

    sealed: int
    anchored: int
    place: str
    anchored_at: datetime | None
    waiting_since: datetime | None

    @property
    def late(self) -> bool:
        """Whether the trail could be rewritten further back than it should be."""
        waits = self.waiting_since is not None and clock.wall() - self.waiting_since > LATE
        return waits or not self.place

    @property
    def is_sandbox(self) -> bool:
        """Whether the place is no AWS."""
        return bool(settings.SANDBOX)

    @property
    def sentence(self) -> str:
        """Where it stands."""
        if not self.place:
            return anchoring.NO_BUCKET
        where = f"{self.place} (the sandbox, not AWS)" if self.is_sandbox else self.place
        if self.waiting_since is None:
            return f"Everything up to link {self.sealed} is anchored in {where}."
        waits = span(clock.wall() - self.waiting_since)
        return f"Anchored up to link {self.anchored} in {where}; the oldest event after it is {waits} old."


def current() -> TrailState:
    """As it stands now, by the rows of this database: `manage.py verify_audit` asks the bucket."""
    head = AuditSeal.objects.order_by("-sequence").first()
    place = anchoring.place()
    last = AuditAnchor.objects.filter(place__startswith=f"{place}/").order_by("-sequence").first() if place else None
    anchored = last.sequence if last else 0
    return TrailState(
        sealed=head.sequence if head else 0,
        anchored=anchored,
        place=place,
        anchored_at=last.anchored_at if last else None,
        waiting_since=_waiting_since(anchored, head),
    )


def _waiting_since(anchored: int, head: AuditSeal | None) -> datetime | None:
    """When the first event after the anchor was recorded, sealed or not."""
    following = AuditSeal.objects.filter(sequence__gt=anchored).order_by("sequence").first()
    if following:
        event = AuditEvent.objects.filter(pk=following.event_id).first()
        return event.recorded_at if event else following.sealed_at
    last = AuditEvent.objects.filter(pk=head.event_id).first() if head else None
    later = AuditEvent.objects.filter(transaction_id__gt=last.transaction_id) if last else AuditEvent.objects.all()
    unsealed = later.order_by("transaction_id", "pk").first()
    return unsealed.recorded_at if unsealed else None
