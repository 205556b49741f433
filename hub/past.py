"""What happened to a request and its grant, in the order in which it did: from the audit trail and the decisions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from django.db.models import Q, QuerySet

from governance.models import Approval, AuditEvent, Decision
from governance.vocabulary import Verb
from hub.access_facts import KIND
from hub.models import AccessRequest, Grant
from portal.lib import moments

Dated = tuple[datetime, "Step"]

# What people did: the words follow their name.
DEEDS = {
    Verb.ACCESS_REQUESTED: "asked for it",
    Verb.ACCESS_CHANGED: "changed the request and sent it again",
    Verb.ACCESS_WITHDRAWN: "took the request back",
    Verb.GRANT_DENIAL_ASKED: "froze it",
    Verb.GRANT_ACCESS_ASKED: "unfroze it",
    Verb.GRANT_END_ASKED: "ended it",
    Verb.GRANT_RETRIED: "let Atrium try again",
}
# What Atrium did, as (state of the step, words).
DONE = {
    Verb.APPROVAL_VOIDED: ("done", "The review ended without a decision"),
    Verb.APPROVAL_EXPIRED: ("done", "The review ended without a decision: its time was over"),
    Verb.GRANT_ACTIVATED: ("done", "Proved by calls, and active"),
    Verb.GRANT_FROZEN: ("done", "It is frozen: every call is denied"),
    Verb.GRANT_FAILED: ("failed", "Atrium could not make it in AWS"),
    Verb.GRANT_UNVERIFIED: ("failed", "The probe did not prove it"),
    Verb.GRANT_REVOKED: ("done", "It was revoked: nothing of it is left in AWS"),
    Verb.GRANT_EXPIRED: ("done", "It ended: nothing of it is left in AWS"),
}
# Where an event keeps why it happened.
REASONS = ("reason", "error", "because")
SAID = {
    Decision.Verdict.APPROVE: ("done", "approved"),
    Decision.Verdict.REJECT: ("failed", "rejected it"),
    Decision.Verdict.REQUEST_CHANGES: ("done", "asked for changes"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One line: state is done, now, waiting or failed."""

    state: str
    what: str
    note: str


def past(request: AccessRequest, grant: Grant | None = None) -> list[Step]:
    """Every round of the request with its decisions; with `grant`, also what people and Atrium did about it."""
    dated = [*_decisions(request), *_events(request, grant)]
    if grant and grant.applied_at:
        moment = _first_applied(grant)
        dated.append((moment, Step("done", "Atrium made it in AWS", _at(moment))))
    return [step for _, step in sorted(dated, key=itemgetter(0))]


def changes_asked(request: AccessRequest) -> Decision | None:
    """What a reviewer asked to be changed last, in whichever round; None if nobody did."""
    asked = _decisions_on(request).filter(verdict=Decision.Verdict.REQUEST_CHANGES)
    return asked.order_by("-decided_at", "-id").first()


def _decisions_on(request: AccessRequest) -> QuerySet[Decision]:
    found = Decision.objects.filter(approval__kind=KIND, approval__subject_id=request.pk)
    return found.select_related("person", "step")


def _decisions(request: AccessRequest) -> Iterator[Dated]:
    for decision in _decisions_on(request).order_by("decided_at", "id"):
        state, words = SAID[Decision.Verdict(decision.verdict)]
        what = f"{decision.person} {words} as {decision.step.get_role_display()}"
        yield decision.decided_at, Step(state, what, _at(decision.decided_at, decision.reason))


def _events(request: AccessRequest, grant: Grant | None) -> Iterator[Dated]:
    about = Q(subject_kind="hub.accessrequest", subject_uid=str(request.uid))
    reviews = Approval.objects.filter(kind=KIND, subject_id=request.pk).values_list("uid", flat=True)
    about |= Q(subject_kind="governance.approval", subject_uid__in=[str(uid) for uid in reviews])
    if grant:
        about |= Q(subject_kind="hub.grant", subject_uid=str(grant.uid))
    told = AuditEvent.objects.filter(about, verb__in=[*DEEDS, *DONE])
    for event in told.order_by("happened_at", "id"):
        note = next((str(event.details[key]) for key in REASONS if event.details.get(key)), "")
        yield event.happened_at, _told(event, _at(event.happened_at, note))


def _told(event: AuditEvent, note: str) -> Step:
    verb = Verb(event.verb)
    if verb in DONE:
        state, words = DONE[verb]
        return Step(state, words, note)
    # The trail names people with their address, which the page does not need.
    return Step("done", f"{event.actor_name.partition(' (')[0]} {DEEDS[verb]}", note)


def _first_applied(grant: Grant) -> datetime:
    """When everything was in place first: the grant itself keeps only the last time."""
    events = AuditEvent.objects.filter(
        subject_kind="hub.grant", subject_uid=str(grant.uid), verb=Verb.GRANT_VERIFYING
    ).order_by("happened_at")
    first = events.values_list("happened_at", flat=True).first()
    return first or grant.applied_at or grant.created_at


def _at(moment: datetime, words: str = "") -> str:
    return " · ".join(part for part in (moments.ago(moment), words) if part)
