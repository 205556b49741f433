"""A round of an approval: its steps planned, opened stage by stage, and closed. Called by actions.approvals."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.urls import reverse

from governance import audit, deciding, routing
from governance.actions import notifications
from governance.models import Approval, ApprovalStep, Decision, Notification, User
from governance.transitions import move_step
from governance.vocabulary import Verb
from portal.lib import clock
from portal.lib.errors import Refused

Step = ApprovalStep.State


def plan(approval: Approval) -> list[routing.StepPlan]:
    """Who decides, by the policy and facts of `approval`. Raises Refused if too few people hold a role that decides."""
    plans = routing.route(approval.policy.rules, approval.facts)
    for step in plans:
        there = deciding.people_for(step.role, approval.tenant, asked_by=approval.requested_by).count()
        if there < step.quorum:
            raise Refused(_too_few(step, there))
    return plans


def begin(approval: Approval, plans: list[routing.StepPlan]) -> None:
    """Store the steps of the round and open its first stage."""
    ApprovalStep.objects.bulk_create(
        ApprovalStep(
            approval=approval,
            round=approval.round,
            role=step.role,
            stage=step.stage,
            quorum=step.quorum,
            due_hours=step.due_hours,
            rules=[{"name": rule.name, "because": rule.because} for rule in step.rules],
        )
        for step in plans
    )
    open_next_stage(approval)


def open_next_stage(approval: Approval) -> bool:
    """Open the next stage once no step of the running one is open. Returns whether anything is left to decide."""
    steps = list(approval.steps.filter(round=approval.round))
    if any(step.state == Step.OPEN for step in steps):
        return True
    waiting = [step for step in steps if step.state == Step.WAITING]
    stage = min((step.stage for step in waiting), default=0)
    for step in waiting:
        if step.stage == stage:
            step.approval = approval
            _open(step)
    return bool(waiting)


def close(approval: Approval) -> None:
    """Close whatever step of the round was not decided; no step of it waits for anybody any more."""
    steps = approval.steps.filter(round=approval.round)
    for step in steps:
        settle(step)
    steps.filter(state__in=[Step.OPEN, Step.WAITING]).update(state=Step.CLOSED)


def settle(step: ApprovalStep) -> None:
    """Nobody needs to read any more that this step waits for them, or is late."""
    notifications.settle(_waits(step))
    notifications.settle(_late(step))


def remind(step: ApprovalStep) -> None:
    """Tell those who decide, once, that this step is past its due time."""
    approval = step.approval
    sentence = f"{approval} is past its due time; it waits for {step.get_role_display()}."
    tell(deciding.eligible(step), approval, Notification.Kind.STEP_WAITS, sentence, _late(step))


def evidence(approval: Approval) -> dict[str, Any]:
    """What every audit event about an approval keeps: what was decided on, and by which rules."""
    return {
        "kind": approval.kind,
        "round": approval.round,
        "digest": approval.digest,
        "policy_version": approval.policy.version,
    }


def grounds(approval: Approval) -> dict[str, Any]:
    """What the events that follow from an approval keep: which it was, who asked, who approved."""
    people = approval.decisions.filter(round=approval.round, verdict=Decision.Verdict.APPROVE).select_related("person")
    return {
        "approval": str(approval.uid),
        "asked_by": str(approval.requested_by),
        "approved_by": [str(decision.person) for decision in people],
    }


def tell(to: Iterable[User], approval: Approval, kind: Notification.Kind, sentence: str, key: str) -> None:
    """Tell people something about an approval, with the link to its review page."""
    url = reverse("governance:review-detail", args=[approval.uid])
    notifications.tell(to, kind=kind, sentence=sentence, url=url, key=key)


def tell_requester(approval: Approval, sentence: str, key: str) -> None:
    """Tell who asked what was decided."""
    tell([approval.requested_by], approval, Notification.Kind.DECIDED, sentence, key)


def _open(step: ApprovalStep) -> None:
    now = clock.now()
    move_step(step, Step.OPEN, opened_at=now, due_at=now + timedelta(hours=step.due_hours))
    approval = step.approval
    audit.record(Verb.STEP_OPENED, approval, by=None, tenant=approval.tenant, role=step.role, round=approval.round)
    sentence = f"{approval} waits for {step.get_role_display()}."
    tell(deciding.eligible(step), approval, Notification.Kind.STEP_WAITS, sentence, _waits(step))


def _waits(step: ApprovalStep) -> str:
    return f"step:{step.pk}"


def _late(step: ApprovalStep) -> str:
    return f"step:{step.pk}:overdue"


def _too_few(step: routing.StepPlan, there: int) -> str:
    needed = "somebody" if step.quorum == 1 else f"{step.quorum} people"
    have = "nobody" if there == 0 else f"only {there}"
    return (
        f"{step.label} must decide on this, which needs {needed} in that role other than you; there is {have}. "
        "A platform engineer can give somebody the role."
    )
