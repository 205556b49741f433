"""The audit trail as people read it: sentences, filters, pages by cursor."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from governance import policy
from governance.models import AuditEvent, AuditSeal, Tenant, User
from governance.roles import ROLES, Permission
from governance.vocabulary import Verb

PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One event as a line of the page."""

    event: AuditEvent
    sentence: str
    tenant: str
    sealed: bool


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


def page(events: QuerySet[AuditEvent], *, before: str = "", after: str = "") -> Page:
    """A page of `events`, newest first: older than the cursor `before`, or newer than `after`, or the newest of all.

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
    return Page(lines(found), older=_cursor(found[-1]) if older else "", newer=_cursor(found[0]) if newer else "")


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


def lines(events: Iterable[AuditEvent]) -> list[Line]:
    """Events as lines, with the names of their tenants, in two queries."""
    events = list(events)
    names = dict(Tenant.objects.filter(pk__in={event.tenant_id for event in events}).values_list("pk", "name"))
    sealed = set(AuditSeal.objects.filter(event_id__in=[e.pk for e in events]).values_list("event_id", flat=True))
    return [Line(event, sentence(event), names.get(event.tenant_id or 0, ""), event.pk in sealed) for event in events]


def sentence(event: AuditEvent) -> str:
    """The event in words, without its time: "Ana (ana@…) gave a role to Ben: Security."."""
    if event.verb == Verb.SIGNED_IN:
        return f"{event.actor_name} signed in."
    actor = "Somebody" if event.verb == Verb.SIGN_IN_FAILED else event.actor_name
    tail = _TAILS.get(event.verb, _because)(event.details)
    return f"{actor} {Verb(event.verb).label} {event.subject_name or 'nobody known'}{tail}."


def _because(details: dict[str, Any]) -> str:
    reason = details.get("reason") or details.get("because") or ""
    return f": {reason.rstrip('.')}" if reason else ""


def _role(details: dict[str, Any]) -> str:
    role = ROLES.get(details.get("role", ""))
    return f": {role.label}" if role else ""


def _step(details: dict[str, Any]) -> str:
    role = ROLES.get(details.get("role", ""))
    reason = _because(details)
    return (f" as {role.label}" if role else "") + reason


def _changed(details: dict[str, Any]) -> str:
    changed = details.get("changed") or {}
    if isinstance(changed, list):
        return f": {', '.join(_words(name) for name in changed)}" if changed else ""
    changes = [f"{_words(name)} from {_value(old)} to {_value(new)}" for name, (old, new) in changed.items()]
    return f": {'; '.join(changes)}" if changes else ""


def _words(name: str) -> str:
    return name.replace("_", " ")


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    return "nothing" if value in (None, "") else str(value)


_TAILS: dict[str, Callable[[dict[str, Any]], str]] = {
    Verb.ROLE_GIVEN: _role,
    Verb.ROLE_TAKEN: _role,
    Verb.STEP_OPENED: _role,
    Verb.APPROVED_STEP: _step,
    Verb.REJECTED: _step,
    Verb.CHANGES_REQUESTED: _step,
    Verb.TENANT_CHANGED: _changed,
    Verb.TENANT_ONBOARDING_ASKED: _changed,
    Verb.USE_CASE_CHANGED: _changed,
}


def _at(day: date, hour: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, hour))
