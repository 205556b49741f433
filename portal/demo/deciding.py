"""Deciding as the reviewers would: each step by somebody who holds its role and did not ask, hours after it opened."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import log
from random import Random

from governance.actions import approvals
from governance.models import Approval, ApprovalStep, User
from governance.policy import people_with_role
from portal.lib import clock

SEED = 2026
HALF_WITHIN = 5.0  # hours
SPREAD = 0.8  # of the logarithm: nine of ten within 14 hours
SOONEST, LATEST = 0.4, 28.0  # hours


def decide_all(approval: Approval, *, reason: str = "") -> Iterator[datetime]:
    """The part of a story in which every step is approved, each when its reviewer comes to it, until all of it is."""
    while steps := _open_steps(approval):
        step = min(steps, key=_comes_to_it)
        yield _comes_to_it(step)
        decide(step, "approve", reason)


def open_step(approval: Approval, role: str = "") -> ApprovalStep | None:
    """A step that waits now, of `role` if one is named."""
    return next((step for step in _open_steps(approval) if role in ("", step.role)), None)


def decide(step: ApprovalStep, verdict: str, reason: str = "") -> None:
    """Let the first person who may decide this step say `verdict`."""
    approvals.decide(step, verdict, reason, by=_reviewer(step))


def _open_steps(approval: Approval) -> list[ApprovalStep]:
    steps = ApprovalStep.objects.filter(approval=approval, state=ApprovalStep.State.OPEN)
    return list(steps.select_related("approval").order_by("stage", "id"))


def _comes_to_it(step: ApprovalStep) -> datetime:
    """The same for the same step in every company that is told from this seed."""
    random = Random(f"{SEED} {step.approval.headline} {step.role} {step.stage}")  # noqa: S311 - a made-up history, not a secret
    hours = min(max(random.lognormvariate(log(HALF_WITHIN), SPREAD), SOONEST), LATEST)
    return (step.opened_at or clock.now()) + timedelta(hours=hours)


def _reviewer(step: ApprovalStep) -> User:
    approval = step.approval
    spoke = set(approval.decisions.values_list("person_id", flat=True)) | {approval.requested_by_id}
    found = sorted(people_with_role(step.role, approval.tenant), key=lambda user: user.pk)
    return next(user for user in found if user.pk not in spoke)
