"""A grant's life as a story: what happened, when, and what comes next."""

from hub.models import Artefact, Grant
from hub.past import Step, past
from hub.provisioning.states import RECONCILE
from portal.jobs.models import Job
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


def status(grant: Grant) -> Status:
    """The state for a badge; what people decided a moment ago shows although AWS is not there yet."""
    there = grant.state == S.FROZEN if grant.wanted == Grant.Wanted.DENIAL else grant.has_ended
    if word := UNDER_WAY.get((Grant.Wanted(grant.wanted), there)):
        return Status(word, word, Tone.ATTENTION)
    if grant.wanted == Grant.Wanted.ACCESS and grant.state == S.FROZEN:
        return Status("unfreezing", "unfreezing", Tone.ATTENTION)
    return Status(grant.state, grant.get_state_display().lower(), TONES[S(grant.state)])


def is_moving(grant: Grant) -> bool:
    """Whether the page should look again by itself: Atrium is at it, or a job waits to begin."""
    if status(grant).value in {"freezing", "unfreezing", "revoking"} or grant.state in MOVING:
        return True
    at_work = (Job.State.PENDING, Job.State.CLAIMED)
    return Job.objects.filter(name=RECONCILE, argument=grant.pk, state__in=at_work).exists()


def drift(artefact: Artefact) -> Status:
    """The drift of one artefact for a badge."""
    shown = Artefact.Drift(artefact.drift)
    return Status(shown.value, shown.label.lower(), DRIFT_TONES[shown])


def story(grant: Grant) -> list[Step]:
    """What happened, in the order in which it did, and what comes next."""
    return [*past(grant.request, grant), *_next(grant)]


def _next(grant: Grant) -> list[Step]:
    shown, proof = status(grant), Step("waiting", "Atrium probes and activates it", "")
    if grant.has_ended:
        return []
    if shown.value in ("freezing", "revoking", "unfreezing"):
        return [Step("now", f"Atrium is {shown.label} it", grant.error)]
    if grant.state in (S.APPROVED, S.PROVISIONING):
        return [Step("now", "Atrium makes it in AWS", grant.error or "about a minute"), proof]
    if grant.state == S.VERIFYING:
        return [Step("now", "Atrium probes it", grant.error or "one call must work, one must be refused")]
    if grant.state in (S.PROVISIONING_FAILED, S.APPLIED_UNVERIFIED):
        return [proof]
    return [Step("waiting", "It ends by itself", moments.day(grant.ends_at))]
