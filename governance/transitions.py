"""The states of approvals and steps: two tables, one mover each. Four eyes is checked here, for every caller."""

from typing import Any

from governance.models import Approval, ApprovalStep, User
from portal.lib import clock
from portal.lib.errors import NotAllowed, Refused

A = Approval.State
S = ApprovalStep.State

APPROVAL: dict[str, frozenset[str]] = {
    A.IN_REVIEW: frozenset({A.CHANGES_REQUESTED, A.APPROVED, A.REJECTED, A.WITHDRAWN, A.EXPIRED, A.VOID}),
    A.CHANGES_REQUESTED: frozenset({A.IN_REVIEW, A.WITHDRAWN, A.EXPIRED}),
    A.APPROVED: frozenset(),
    A.REJECTED: frozenset(),
    A.WITHDRAWN: frozenset(),
    A.EXPIRED: frozenset(),
    A.VOID: frozenset(),
}
STEP: dict[str, frozenset[str]] = {
    S.WAITING: frozenset({S.OPEN, S.CLOSED}),
    S.OPEN: frozenset({S.APPROVED, S.REJECTED, S.CLOSED}),
    S.APPROVED: frozenset(),
    S.REJECTED: frozenset(),
    S.CLOSED: frozenset(),
}
# Moves that are somebody's judgement: never the judgement of who asked.
JUDGED = frozenset({A.CHANGES_REQUESTED, A.APPROVED, A.REJECTED})
TERMINAL = frozenset(state for state, next_states in APPROVAL.items() if not next_states)

FASTER = "Somebody else decided at the same moment. Look again."


def move(approval: Approval, to: str, *, by: User | None, **changes: Any) -> None:
    """Bring `approval` into the state `to` and store `changes` with it, if it still is where `approval` says.

    Raises Refused for a move that the table does not know or that somebody else made first, NotAllowed for a judgement
    on one's own request.
    """
    if to not in APPROVAL[approval.state]:
        raise Refused(f"{approval.headline} is {approval.status}; that cannot be done any more.")
    if to in JUDGED and (by is None or by.pk == approval.requested_by_id):
        raise NotAllowed("Nobody decides on their own request.")
    changes |= {"state": to, "decided_at": clock.now() if to in TERMINAL else None}
    if Approval.objects.filter(pk=approval.pk, state=approval.state, round=approval.round).update(**changes) != 1:
        raise Refused(FASTER)
    for name, value in changes.items():
        setattr(approval, name, value)


def move_step(step: ApprovalStep, to: str, **changes: Any) -> None:
    """Bring `step` into the state `to` and store `changes` with it. Raises Refused as `move` does."""
    if to not in STEP[step.state]:
        raise Refused(f"This step is {step.get_state_display().lower()}; that cannot be done any more.")
    changes["state"] = to
    if to in {S.APPROVED, S.REJECTED}:
        changes["decided_at"] = clock.now()
    if ApprovalStep.objects.filter(pk=step.pk, state=step.state).update(**changes) != 1:
        raise Refused(FASTER)
    for name, value in changes.items():
        setattr(step, name, value)
