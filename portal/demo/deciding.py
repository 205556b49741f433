"""Deciding as the reviewers would: each step by somebody who holds its role and did not ask."""

from governance.actions import approvals
from governance.models import Approval, ApprovalStep, User
from governance.policy import people_with_role


def decide_all(approval: Approval, *, reason: str = "") -> None:
    """Approve every step until the approval is complete."""
    while step := open_step(approval):
        decide(step, "approve", reason)


def open_step(approval: Approval, role: str = "") -> ApprovalStep | None:
    """A step that waits now, of `role` if one is named."""
    steps = ApprovalStep.objects.filter(approval=approval, state=ApprovalStep.State.OPEN).order_by("stage", "id")
    return (steps.filter(role=role) if role else steps).first()


def decide(step: ApprovalStep, verdict: str, reason: str = "") -> None:
    """Let the first person who may decide this step say `verdict`."""
    approvals.decide(step, verdict, reason, by=_reviewer(step))


def _reviewer(step: ApprovalStep) -> User:
    approval = step.approval
    spoke = set(approval.decisions.values_list("person_id", flat=True)) | {approval.requested_by_id}
    found = sorted(people_with_role(step.role, approval.tenant), key=lambda user: user.pk)
    return next(user for user in found if user.pk not in spoke)
