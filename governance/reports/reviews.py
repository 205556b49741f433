"""The reviewer's inbox and what the review page shows beside the evidence."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, Min, Prefetch, Q, QuerySet

from governance import deciding, policy, subjects
from governance.facts import FACTS
from governance.models import Approval, ApprovalStep, Decision, User
from governance.roles import Permission
from governance.transitions import TERMINAL
from portal.lib import clock
from portal.lib.moments import due
from portal.lib.numbers import count

PAGE = 25
SHOWS = {"mine": "Waiting for me", "open": "All open", "asked": "I asked", "decided": "Decided"}


@dataclass(frozen=True, slots=True)
class Row:
    """An approval in the inbox. note: its small line; mine: whether it waits for the reader."""

    approval: Approval
    note: str
    mine: bool


@dataclass(frozen=True, slots=True)
class Stand:
    """Where the reader stands to an approval: the step they can decide, or why there is none."""

    step: ApprovalStep | None
    why: str


def inbox(user: User, *, show: str, kind: str = "", number: int | str = 1) -> Page[Any]:
    """A page of the approvals that `show` (of SHOWS) names, those due first on top."""
    found = _shown(user, show)
    if kind:
        found = found.filter(kind=kind)
    open_steps = ApprovalStep.objects.filter(state=ApprovalStep.State.OPEN)
    found = found.select_related("tenant", "requested_by").prefetch_related(
        Prefetch("steps", queryset=open_steps, to_attr="open_steps")
    )
    return Paginator(found, PAGE).get_page(number)


def rows(page: Iterable[Approval], user: User) -> list[Row]:
    """The lines of a page, with what waits for the reader marked in one query."""
    approvals = list(page)
    mine = set(deciding.steps_open_to(user).filter(approval__in=approvals).values_list("approval_id", flat=True))
    return [Row(approval, _note(approval), approval.pk in mine) for approval in approvals]


def kinds_seen_by(user: User) -> list[tuple[str, str]]:
    """The kinds among what this person may see, with their nouns."""
    kinds = Approval.objects.visible_to(user).order_by("kind").values_list("kind", flat=True).distinct()
    return [(kind, subjects.noun(kind).capitalize()) for kind in kinds]


def stand_of(user: User, approval: Approval) -> Stand:
    """Which open step this person can decide, or the one sentence that says why they decide nothing."""
    steps = [step for step in approval.steps.all() if step.round == approval.round]
    for step in steps:
        step.approval = approval
    open_steps = [step for step in steps if deciding.waits(step)]
    if not open_steps:
        return Stand(None, f"Nothing waits for a decision: it is {approval.status}.")
    reasons = {step: deciding.why_not(step, user) for step in open_steps}
    free = [step for step, reason in reasons.items() if not reason]
    if free:
        return Stand(free[0], "")
    own = [step for step in steps if policy.holds_role(user, step.role, approval.tenant)]
    if own or user.pk == approval.requested_by_id:
        # The sentence about the step of one's own role, an open one first.
        nearest = min(own, key=lambda step: step not in reasons) if own else open_steps[0]
        return Stand(None, deciding.why_not(nearest, user))
    waits_for = " and ".join(step.get_role_display() for step in open_steps)
    return Stand(None, f"This waits for {waits_for}; you do not decide for that role here.")


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What Atrium does once an approval is complete, as the last line of the route."""

    what: str
    state: str = "waiting"
    note: str = ""


def afterwards(approval: Approval) -> list[Afterwards]:
    """The last line of the route, while it is still to come; how it went stands on the subject's own page."""
    what = subjects.of_kind(approval.kind).afterwards
    return [Afterwards(what)] if what and approval.state == Approval.State.IN_REVIEW else []


def fact_pairs(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """The facts that routing looked at, as pairs for people; what it is follows from the headline."""
    return [(fact.label, _said(facts[name])) for name, fact in FACTS.items() if name in facts and name != "kind"]


def earlier_rounds(approval: Approval) -> list[Decision]:
    """What was said in the rounds before this one, newest first."""
    before = approval.decisions.filter(round__lt=approval.round)
    return list(before.select_related("person", "step").order_by("-decided_at", "-pk"))


def may_comment(user: User, approval: Approval) -> bool:
    """Whether the page offers to comment: as approvals.comment decides."""
    return user.pk == approval.requested_by_id or any(
        policy.can(user, permission, approval.tenant) for permission in (Permission.DECIDE, Permission.REQUEST_ACCESS)
    )


def _shown(user: User, show: str) -> QuerySet[Approval]:
    visible = Approval.objects.visible_to(user)
    if show == "decided":
        return visible.filter(state__in=TERMINAL).order_by("-decided_at", "-pk")
    if show == "asked":
        return Approval.objects.filter(requested_by=user)
    found = deciding.waiting_for(user) if show == "mine" else visible.open()
    soonest = Min("steps__due_at", filter=Q(steps__state=ApprovalStep.State.OPEN))
    return found.annotate(soonest=soonest).order_by(F("soonest").asc(nulls_last=True), "pk")


def _note(approval: Approval) -> str:
    parts = [str(approval.tenant) if approval.tenant else "Whole company", f"asked by {approval.requested_by}"]
    if risk := approval.facts.get("risk"):
        parts.append(f"{risk} risk")
    if cost := approval.facts.get("monthly_cost_usd"):
        parts.append(f"${count(cost)} a month")
    open_steps: list[ApprovalStep] = getattr(approval, "open_steps", [])
    if open_steps:
        parts.append(f"waits for {' and '.join(step.get_role_display() for step in open_steps)}")
        parts.append(_due(min(step.due_at for step in open_steps if step.due_at)))
    return " · ".join(parts)


def _due(moment: datetime) -> str:
    return due(moment) if moment < clock.now() else f"due {due(moment)}"


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return count(value) if isinstance(value, int) else str(value)
