"""Who may decide a step: one's role and its reach, never one's own request, once in a round."""

from django.db.models import F, Q, QuerySet

from governance import policy
from governance.models import Approval, ApprovalStep, Decision, Tenant, User
from governance.roles import ROLES, Permission
from portal.lib.errors import NotAllowed, Refused


def people_for(role: str, tenant: Tenant | None, *, asked_by: User) -> QuerySet[User]:
    """Who can decide a step of `role` on a request of `asked_by`."""
    return policy.people_with_role(role, tenant).exclude(pk=asked_by.pk)


def eligible(step: ApprovalStep) -> QuerySet[User]:
    """Who can still decide `step`."""
    approval = step.approval
    decided = Decision.objects.filter(approval=approval, round=approval.round).values("person")
    return people_for(step.role, approval.tenant, asked_by=approval.requested_by).exclude(pk__in=decided)


def why_not(step: ApprovalStep, user: User) -> str:
    """The sentence that says why this person cannot decide this step now, "" if they can."""
    approval = step.approval
    if user.pk == approval.requested_by_id:
        return "You asked for this; nobody decides on their own request."
    if not policy.holds_role(user, step.role, approval.tenant):
        return f"This step is for {ROLES[step.role].label}; you do not hold that role here."
    if not waits(step):
        return f"This step does not wait for a decision: {_standing(step)}."
    if Decision.objects.filter(approval=approval, round=approval.round, person=user).exists():
        return "You decided on this already; each step needs somebody else."
    return ""


def check_may_decide(step: ApprovalStep, user: User) -> None:
    """Raise the sentence of `why_not`, if there is one: NotAllowed, or Refused if only the step does not wait."""
    if reason := why_not(step, user):
        raise NotAllowed(reason) if waits(step) else Refused(reason)


def waits(step: ApprovalStep) -> bool:
    """Whether `step` waits for a decision of anybody."""
    return step.approval.state == Approval.State.IN_REVIEW and step.state == ApprovalStep.State.OPEN


def steps_open_to(user: User) -> QuerySet[ApprovalStep]:
    """The open steps that this person can decide, in any approval."""
    mine = Q(pk__in=[])
    for membership in policy.holds(user, Permission.DECIDE):
        reach = Q(role=membership.role)
        if membership.tenant_id is not None:
            tenant = membership.tenant_id
            reach &= Q(approval__tenant=tenant) | Q(approval__tenant__parent=tenant)
        mine |= reach
    decided = Decision.objects.filter(person=user, round=F("approval__round")).values("approval")
    return (
        ApprovalStep.objects.filter(mine, state=ApprovalStep.State.OPEN, approval__state=Approval.State.IN_REVIEW)
        .exclude(approval__requested_by=user)
        .exclude(approval__in=decided)
    )


def waiting_for(user: User) -> QuerySet[Approval]:
    """The approvals that wait for this person."""
    return Approval.objects.filter(pk__in=steps_open_to(user).values("approval"))


def _standing(step: ApprovalStep) -> str:
    if step.approval.state != Approval.State.IN_REVIEW:
        return f"the request is {step.approval.status}"
    return _STANDING[step.state]


_STANDING: dict[str, str] = {
    ApprovalStep.State.WAITING: "its turn comes later",
    ApprovalStep.State.APPROVED: "it is approved already",
    ApprovalStep.State.REJECTED: "it was rejected",
    ApprovalStep.State.CLOSED: "it is not needed any more",
}
