"""What happened to a request and its grant, in the order in which it did: from the audit trail."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from governance.models import Approval, AuditEvent, Decision
from governance.roles import ROLES
from governance.vocabulary import Verb
from hub.access_facts import KIND
from hub.models import AccessRequest, Grant
from portal.lib import moments

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
    Verb.GRANT_VERIFYING: ("done", "Atrium made it in AWS"),
    Verb.GRANT_ACTIVATED: ("done", "Proved by calls, and active"),
    Verb.GRANT_FROZEN: ("done", "It is frozen: every call is denied"),
    Verb.GRANT_FAILED: ("failed", "Atrium could not make it in AWS"),
    Verb.GRANT_UNVERIFIED: ("failed", "The probe did not prove it"),
    Verb.GRANT_REVOKED: ("done", "It was revoked: nothing of it is left in AWS"),
    Verb.GRANT_EXPIRED: ("done", "It ended: nothing of it is left in AWS"),
}
# Where an event keeps why it happened.
REASONS = ("reason", "error", "because")
# What those who decide said, as (state of the step, words); the role in which they did follows.
SAID = {
    Verb.APPROVED_STEP: ("done", "approved"),
    Verb.REJECTED: ("failed", "rejected it"),
    Verb.CHANGES_REQUESTED: ("done", "asked for changes"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One line: state is done, now, waiting or failed."""

    state: str
    what: str
    note: str


def past(request: AccessRequest, grant: Grant | None = None) -> list[Step]:
    """Every round of the request with its decisions; with `grant`, also what people and Atrium did about it.

    What falls into one moment stands in the order in which it was recorded.
    """
    events = list(_events(request, grant).order_by("happened_at", "id"))
    made = next((event for event in events if event.verb == Verb.GRANT_VERIFYING), None)
    # It is proved anew after each repair, but was made once.
    return [_told(event) for event in events if event.verb != Verb.GRANT_VERIFYING or event is made]


def changes_asked(request: AccessRequest) -> Decision | None:
    """What a reviewer asked to be changed last, in whichever round; None if nobody did."""
    asked = Decision.objects.filter(
        approval__kind=KIND, approval__subject_id=request.pk, verdict=Decision.Verdict.REQUEST_CHANGES
    )
    return asked.select_related("person", "step").order_by("-decided_at", "-id").first()


def awaits_answer(request: AccessRequest) -> bool:
    """Whether its review stands still until who asked changes something or answers; a void one is asked for anew."""
    waiting = Approval.objects.filter(kind=KIND, subject_id=request.pk, state=Approval.State.CHANGES_REQUESTED)
    return request.pk is not None and waiting.exists()


def _events(request: AccessRequest, grant: Grant | None) -> QuerySet[AuditEvent]:
    about = Q(subject_kind="hub.accessrequest", subject_uid=str(request.uid))
    reviews = Approval.objects.filter(kind=KIND, subject_id=request.pk).values_list("uid", flat=True)
    about |= Q(subject_kind="governance.approval", subject_uid__in=[str(uid) for uid in reviews])
    if grant:
        about |= Q(subject_kind="hub.grant", subject_uid=str(grant.uid))
    return AuditEvent.objects.filter(about, verb__in=[*DEEDS, *SAID, *DONE])


def _told(event: AuditEvent) -> Step:
    verb, why = Verb(event.verb), next((str(event.details[key]) for key in REASONS if event.details.get(key)), "")
    note = " · ".join(part for part in (moments.ago(event.happened_at), why) if part)
    if verb in DONE:
        state, words = DONE[verb]
        return Step(state, words, note)
    # The trail names people with their address, which the page does not need.
    person = event.actor_name.partition(" (")[0]
    if verb in SAID:
        state, words = SAID[verb]
        return Step(state, f"{person} {words} as {ROLES[event.details['role']].label}", note)
    return Step("done", f"{person} {DEEDS[verb]}", note)
