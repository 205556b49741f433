"""The audit trail as people read it: sentences, filters, pages by cursor."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from governance import links, policy
from governance.models import AuditEvent, AuditSeal, Tenant, User
from governance.reports import audit_sentences
from governance.roles import Permission

PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One event as a line of the page."""

    event: AuditEvent
    sentence: audit_sentences.Sentence
    tenant: str
    sealed: bool
    url: str = ""

    @property
    def recorded_later(self) -> bool:
        """Whether it was written down at another time than it happened, as the history of a demo is."""
        return abs(self.event.recorded_at - self.event.happened_at) > timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines, newest first, and the cursors ("" where there are no more)."""

    lines: list[Line]
    older: str
    newer: str


def visible_to(user: User) -> QuerySet[AuditEvent]:
    """The events that this person may read: all, or those of the tenants whose trail they may read."""
    if policy.can(user, Permission.VIEW_AUDIT):
        return AuditEvent.objects.all()
    tenants = Tenant.objects.filter(policy.within(user, Permission.VIEW_AUDIT)).values("pk")
    return AuditEvent.objects.filter(tenant_id__in=tenants)


def matching(
    events: QuerySet[AuditEvent],
    *,
    who: str = "",
    verb: str = "",
    subject: str = "",
    tenant: Tenant | None = None,
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[AuditEvent]:
    """`events` narrowed: words of the actor, a verb, words or the uid of the subject, a tenant and its teams, dates."""
    if who:
        events = events.filter(actor_name__icontains=who)
    if verb:
        events = events.filter(verb=verb)
    if subject:
        events = events.filter(Q(subject_name__icontains=subject) | Q(subject_uid=subject))
    if tenant:
        events = events.filter(tenant_id__in=[tenant.pk, *tenant.teams.values_list("pk", flat=True)])
    if since:
        events = events.filter(happened_at__gte=_at(since, time.min))
    if until:
        events = events.filter(happened_at__lte=_at(until, time.max))
    return events


def page(events: QuerySet[AuditEvent], *, reader: User, before: str = "", after: str = "") -> Page:
    """A page of `events`, newest first: older than the cursor `before`, or newer than `after`, or the newest of all.

    reader: who follows the links of the lines.
    Ordered by when it happened; a demo's history is recorded in another order. A cursor that cannot be read is none.
    """
    moment, pk = _read(after or before)
    backwards = bool(after and moment)
    if moment:
        way = "gt" if backwards else "lt"
        events = events.filter(Q(**{f"happened_at__{way}": moment}) | Q(happened_at=moment, **{f"pk__{way}": pk}))
    order = ("happened_at", "pk") if backwards else ("-happened_at", "-pk")
    found = list(events.order_by(*order)[: PAGE + 1])
    more = len(found) > PAGE
    found = found[:PAGE][::-1] if backwards else found[:PAGE]
    if not found:
        return Page([], "", "")
    older, newer = (True, more) if backwards else (more, moment is not None)
    read = lines(found, reader)
    return Page(read, older=_cursor(found[-1]) if older else "", newer=_cursor(found[0]) if newer else "")


def _cursor(event: AuditEvent) -> str:
    return f"{event.happened_at.isoformat()}_{event.pk}"


def _read(cursor: str) -> tuple[datetime | None, int]:
    """Moment and id of a cursor; (None, 0) for what is none."""
    moment, _, pk = cursor.partition("_")
    try:
        read = datetime.fromisoformat(moment)
        return (read, int(pk)) if read.tzinfo else (None, 0)
    except ValueError:
        return None, 0


def lines(events: Iterable[AuditEvent], reader: User) -> list[Line]:
    """Events as lines, with the names of their tenants and the pages of their subjects that `reader` may see."""
    events = list(events)
    names = dict(Tenant.objects.filter(pk__in={event.tenant_id for event in events}).values_list("pk", "name"))
    sealed = set(AuditSeal.objects.filter(event_id__in=[e.pk for e in events]).values_list("event_id", flat=True))
    urls = links.urls(reader, ((event.subject_kind, event.subject_uid) for event in events))
    return [
        Line(
            event=event,
            sentence=audit_sentences.of_event(event),
            tenant=names.get(event.tenant_id or 0, ""),
            sealed=event.pk in sealed,
            url=urls.get((event.subject_kind, event.subject_uid), ""),
        )
        for event in events
    ]


def _at(day: date, hour: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, hour))
