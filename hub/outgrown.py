"""Grants that their use case has outgrown: it is a higher risk by now than the one that was decided on."""

from governance.models import UseCase
from hub.asked_risk import assessed
from hub.models import Grant
from portal.lib.status import Status, Tone

Risk = UseCase.Risk
TIERS = (Risk.LOW, Risk.MEDIUM, Risk.HIGH)


def outgrown(grant: Grant) -> Risk | None:
    """The tier of a grant's use as its use case is now, if it is above the one it was granted with; else None.

    Computed, not kept: a grant that ends, or a use case that goes back, needs nobody any more.
    """
    request = grant.request
    if grant.has_ended or grant.wanted == Grant.Wanted.NOTHING:
        return None
    now = assessed(grant.use_case, request.data_class, request.audience).tier
    return now if TIERS.index(now) > TIERS.index(Risk(request.risk)) else None


def mark(grant: Grant) -> Status | None:
    """The same for a badge in a list."""
    now = outgrown(grant)
    return Status("outgrown", f"now {now.label.lower()} risk", Tone.ATTENTION) if now else None


def sentence(grant: Grant) -> str:
    """What to do about it, "" if there is nothing to do."""
    now = outgrown(grant)
    if now is None:
        return ""
    then = grant.request.get_risk_display().lower()
    return f"Its use case is now {now.label.lower()} risk; this grant was decided as {then}. Ask again, or revoke it."
