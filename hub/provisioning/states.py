"""The life of a grant: one table of moves and one mover."""

from typing import Any

from django.db import transaction

from governance import audit
from governance.vocabulary import Verb
from hub.models import Grant
from portal.lib.errors import Refused

S = Grant.State
RECONCILE = "hub.reconcile"  # the job that drives a grant to what is wanted of it

MOVES: dict[str, frozenset[str]] = {
    S.APPROVED: frozenset({S.PROVISIONING, S.REVOKING}),
    S.PROVISIONING: frozenset({S.VERIFYING, S.PROVISIONING_FAILED, S.FROZEN, S.REVOKING}),
    S.PROVISIONING_FAILED: frozenset({S.PROVISIONING, S.FROZEN, S.REVOKING}),
    S.VERIFYING: frozenset({S.ACTIVE, S.APPLIED_UNVERIFIED, S.PROVISIONING_FAILED, S.FROZEN, S.REVOKING}),
    S.APPLIED_UNVERIFIED: frozenset({S.PROVISIONING, S.FROZEN, S.REVOKING}),
    S.ACTIVE: frozenset({S.PROVISIONING, S.FROZEN, S.REVOKING}),
    S.FROZEN: frozenset({S.PROVISIONING, S.REVOKING}),
    S.REVOKING: frozenset({S.REVOKED, S.EXPIRED}),
    S.REVOKED: frozenset(),
    S.EXPIRED: frozenset(),
}

VERBS: dict[str, Verb] = {
    S.PROVISIONING: Verb.GRANT_PROVISIONING,
    S.PROVISIONING_FAILED: Verb.GRANT_FAILED,
    S.VERIFYING: Verb.GRANT_VERIFYING,
    S.APPLIED_UNVERIFIED: Verb.GRANT_UNVERIFIED,
    S.ACTIVE: Verb.GRANT_ACTIVATED,
    S.FROZEN: Verb.GRANT_FROZEN,
    S.REVOKING: Verb.GRANT_REVOKING,
    S.REVOKED: Verb.GRANT_REVOKED,
    S.EXPIRED: Verb.GRANT_EXPIRED,
}


def move(grant: Grant, to: str, **changes: Any) -> None:
    """Bring a grant to another state with `changes` to its fields, and record it, in the caller's transaction.

    Raises Refused for a move that the table does not have, and when somebody else moved the grant meanwhile.
    """
    if to not in MOVES[grant.state]:
        raise Refused(f"A grant that is {grant.get_state_display().lower()} cannot become {S(to).label.lower()}.")
    with transaction.atomic():
        moved = Grant.objects.filter(pk=grant.pk, state=grant.state).update(state=to, **changes)
        if moved != 1:
            raise Refused("The grant was moved by somebody else; look at it again.")
        details = {"from": grant.state, "error": changes["error"]} if changes.get("error") else {"from": grant.state}
        for field, value in {"state": to, **changes}.items():
            setattr(grant, field, value)
        audit.record(VERBS[to], grant, by=None, tenant=grant.tenant, **details)
