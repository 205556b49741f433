"""Telling who asked, and who answers for the tenant, how their grant fares."""

from django.utils.text import Truncator

from governance.actions import notifications
from governance.models import Notification, UseCase, User
from governance.policy import people_with_role
from hub.models import Grant
from portal.lib import clock, digest

LONGEST_REASON = 120  # of a sentence that a notification holds
DEEDS = {
    Grant.Wanted.DENIAL: "froze it; Atrium denies every call of it in AWS now.",
    Grant.Wanted.ACCESS: "unfroze it; Atrium gives it back once calls have proved it.",
    Grant.Wanted.NOTHING: "revoked it for good; Atrium removes it from AWS now.",
}


def tell_active(grant: Grant) -> None:
    """The grant can be used."""
    key = f"grant:{grant.pk}:active:{grant.activated_at:%Y%m%dT%H%M%S}"
    _tell(grant, Notification.Kind.ACTIVE, f"{grant} is active; its code is ready to copy.", key)


def tell_failed(grant: Grant, what: str) -> None:
    """The grant stands still; `what` continues its name. The same failure is told once."""
    key = f"grant:{grant.pk}:failed:{digest.sha256([what, grant.error])[:12]}"
    _tell(grant, Notification.Kind.FAILED, f"{grant} {what}. {grant.error}", key)


def tell_outgrown(grant: Grant, tier: UseCase.Risk) -> None:
    """Its use case became a higher risk than was decided on. Told once a tier."""
    decided = grant.request.get_risk_display().lower()
    sentence = f"{grant} is {tier.label.lower()} risk by now, and was decided as {decided}. Ask again, or revoke it."
    _tell(grant, Notification.Kind.RISK, sentence, f"grant:{grant.pk}:outgrown:{tier}")


def tell_wanted(grant: Grant, *, by: User | None) -> None:
    """People decided otherwise about the grant, or its time is over: told when it is asked for, as such.

    by: who decided, and so is not told; None: its end date. When an access given back works again is told by
    `tell_active`, and what AWS refuses by `tell_failed`.
    """
    who = f"{by} " if by else ""
    deed = DEEDS[Grant.Wanted(grant.wanted)] if by else "It reached its end date; Atrium removes it from AWS now."
    why = f" Why: {Truncator(grant.reason).chars(LONGEST_REASON)}" if by else ""
    key = f"grant:{grant.pk}:{grant.wanted}:{clock.now():%Y%m%dT%H%M%S%f}"
    people = [person for person in _concerned(grant) if by is None or person.pk != by.pk]
    sentence = f"{grant}: {who}{deed}{why}"
    notifications.tell(people, kind=Notification.Kind.STOPPED, sentence=sentence, url=grant.get_absolute_url(), key=key)


def _tell(grant: Grant, kind: Notification.Kind, sentence: str, key: str) -> None:
    notifications.tell(_concerned(grant), kind=kind, sentence=sentence, url=grant.get_absolute_url(), key=key)


def _concerned(grant: Grant) -> list[User]:
    owners = {user.pk: user for user in people_with_role("owner", grant.tenant)}
    return list({grant.request.requested_by_id: grant.request.requested_by, **owners}.values())
