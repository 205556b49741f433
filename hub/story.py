"""A grant's life as a story: what happened, when, and what comes next."""

from dataclasses import dataclass
from datetime import datetime

from governance.models import Approval, Decision
from hub.models import Artefact, Grant
from portal.lib import moments
from portal.lib.status import Status, Tone

S = Grant.State
TONES = {
    S.APPROVED: Tone.ATTENTION,
    S.PROVISIONING: Tone.ATTENTION,
    S.VERIFYING: Tone.ATTENTION,
    S.ACTIVE: Tone.OK,
    S.FROZEN: Tone.DANGER,
    S.REVOKING: Tone.ATTENTION,
    S.REVOKED: Tone.IDLE,
    S.EXPIRED: Tone.IDLE,
    S.PROVISIONING_FAILED: Tone.DANGER,
    S.APPLIED_UNVERIFIED: Tone.DANGER,
}
DRIFT_TONES = {
    Artefact.Drift.IN_SYNC: Tone.OK,
    Artefact.Drift.DRIFTED: Tone.DANGER,
    Artefact.Drift.UNKNOWN: Tone.ATTENTION,
    Artefact.Drift.NOT_CHECKED: Tone.IDLE,
}
# What is wanted but not so yet.
UNDER_WAY = {
    (Grant.Wanted.DENIAL, False): "freezing",
    (Grant.Wanted.NOTHING, False): "revoking",
}
MOVING = (S.APPROVED, S.PROVISIONING, S.VERIFYING, S.REVOKING)


@dataclass(frozen=True, slots=True)
class Step:
    """One line: state is done, now, waiting or failed."""

    state: str
    what: str
    note: str


def status(grant: Grant) -> Status:
    """The state for a badge; what people decided a moment ago shows although AWS is not there yet."""
    there = grant.state == S.FROZEN if grant.wanted == Grant.Wanted.DENIAL else grant.has_ended
    if word := UNDER_WAY.get((Grant.Wanted(grant.wanted), there)):
        return Status(word, word, Tone.ATTENTION)
    if grant.wanted == Grant.Wanted.ACCESS and grant.state == S.FROZEN:
        return Status("unfreezing", "unfreezing", Tone.ATTENTION)
    return Status(grant.state, grant.get_state_display().lower(), TONES[S(grant.state)])


def is_moving(grant: Grant) -> bool:
    """Whether the page should look again by itself."""
    return status(grant).value in {"freezing", "unfreezing", "revoking"} or grant.state in MOVING


def drift(artefact: Artefact) -> Status:
    """The drift of one artefact for a badge."""
    shown = Artefact.Drift(artefact.drift)
    return Status(shown.value, shown.label.lower(), DRIFT_TONES[shown])


def story(grant: Grant, approval: Approval | None) -> list[Step]:
    """The lines in the order in which they happened, and the one that comes next."""
    request = grant.request
    steps = [Step("done", f"{request.requested_by} asked for it", _at(request.submitted_at))]
    steps += [_decision(decision) for decision in _decisions(approval)]
    steps += [*_applied(grant), *_proved(grant), *_since(grant)]
    return steps


def _decisions(approval: Approval | None) -> list[Decision]:
    if approval is None:
        return []
    return list(approval.decisions.filter(verdict="approve").select_related("person", "step").order_by("decided_at"))


def _decision(decision: Decision) -> Step:
    note = _at(decision.decided_at) + (f" · {decision.reason}" if decision.reason else "")
    return Step("done", f"{decision.person} approved as {decision.step.get_role_display()}", note)


def _applied(grant: Grant) -> list[Step]:
    if grant.applied_at:
        return [Step("done", "Atrium made it in AWS", _at(grant.applied_at))]
    if grant.state == S.PROVISIONING_FAILED:
        return [Step("failed", "Atrium could not make it in AWS", "see the reason beside")]
    if grant.state in (S.APPROVED, S.PROVISIONING):
        return [Step("now", "Atrium makes it in AWS", grant.error or "about a minute")]
    return []


def _proved(grant: Grant) -> list[Step]:
    if grant.state == S.APPLIED_UNVERIFIED:
        return [Step("failed", "The probe did not prove it", "see the reason beside")]
    if grant.state == S.VERIFYING:
        return [Step("now", "Atrium probes it", grant.error or "one call must work, one must be refused")]
    if grant.activated_at:
        return [Step("done", "Proved by calls, and active", _at(grant.activated_at))]
    if grant.state in (S.APPROVED, S.PROVISIONING, S.PROVISIONING_FAILED):
        return [Step("waiting", "Atrium probes and activates it", "")]
    return []


def _since(grant: Grant) -> list[Step]:
    shown = status(grant)
    if grant.has_ended:
        return [
            Step("done", f"It {'ended' if grant.state == S.EXPIRED else 'was revoked'}", _because(grant, grant.until))
        ]
    if shown.value in ("freezing", "revoking", "unfreezing"):
        return [Step("now", f"Atrium is {shown.label} it", grant.error or grant.reason)]
    if grant.state == S.FROZEN:
        return [Step("done", "It is frozen: every call is denied", grant.reason)]
    return [Step("waiting", "It ends by itself", moments.day(grant.ends_at))] if grant.state == S.ACTIVE else []


def _because(grant: Grant, moment: datetime | None) -> str:
    return " · ".join(part for part in (_at(moment), grant.reason) if part)


def _at(moment: datetime | None) -> str:
    return moments.ago(moment) if moment else ""
