"""Who decides on a request, by which rule and why."""

from dataclasses import dataclass
from datetime import timedelta
from statistics import quantiles
from typing import Any

from django.db.models import F

from governance import deciding, routing
from governance.models import Approval, ApprovalStep, Decision, RoutingPolicy, User
from governance.roles import ROLES
from portal.lib import clock
from portal.lib.moments import due, span

# From how many decided steps of a role on one can speak of a usual time, and how far back they are looked for.
ENOUGH = 5
LOOK_BACK = timedelta(days=180)
SAMPLE = 500
MINUTE = timedelta(minutes=1)


def took(length: timedelta) -> str:
    """How long a decision took, as people count it: "under a minute", "3 h"."""
    return span(length) if length >= MINUTE else "under a minute"


@dataclass(frozen=True, slots=True)
class Usual:
    """How long steps of a role took, from opening to decision: half of them at most p50, nine of ten at most p90."""

    p50: timedelta
    p90: timedelta

    def __str__(self) -> str:
        return f"usually {took(self.p50)}" + (f", nine of ten within {span(self.p90)}" if self.p90 >= MINUTE else "")


@dataclass(frozen=True, slots=True)
class Told:
    """A step of an approval for the page. people: who can still decide it; decisions: what was said on it.

    state and note are what the component of steps shows: done, now, waiting, failed.
    """

    step: ApprovalStep
    what: str
    note: str
    state: str
    people: list[User]
    decisions: list[Decision]
    usual: Usual | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an approval is decided as it is: its policy, its facts, its steps of the running round."""

    policy: RoutingPolicy
    facts: dict[str, Any]
    steps: list[Told]

    @property
    def because(self) -> list[routing.Because]:
        """Each rule that asked for a step, once."""
        rules = [routing.Because(**rule) for told in self.steps for rule in told.step.rules]
        return list(dict.fromkeys(rules))


def explain(approval: Approval, reader: User | None = None) -> Explanation:
    """Who decides on `approval`, why and by when; `reader` is called "you"."""
    steps = list(approval.steps.filter(round=approval.round).order_by("stage", "pk"))
    decisions = list(approval.decisions.filter(round=approval.round).select_related("person"))
    usual = usual_times()
    told = []
    for step in steps:
        step.approval = approval
        own = [decision for decision in decisions if decision.step_id == step.pk]
        people = list(deciding.eligible(step)) if step.state in {"open", "waiting"} else []
        told.append(_told(step, people, own, usual.get(step.role), reader))
    return Explanation(approval.policy, approval.facts, told)


def usual_times() -> dict[str, Usual]:
    """The usual time of each role of which enough steps were decided lately."""
    decided = ApprovalStep.objects.filter(decided_at__gte=clock.now() - LOOK_BACK, opened_at__isnull=False)
    lengths: dict[str, list[float]] = {}
    newest = decided.order_by("-decided_at").values_list("role", F("decided_at") - F("opened_at"))
    for role, length in newest[:SAMPLE]:
        lengths.setdefault(role, []).append(length.total_seconds())
    return {role: _usual(seconds) for role, seconds in lengths.items() if len(seconds) >= ENOUGH}


def _usual(seconds: list[float]) -> Usual:
    tenths = quantiles(seconds, n=10, method="inclusive")
    return Usual(timedelta(seconds=tenths[4]), timedelta(seconds=tenths[8]))


def _told(
    step: ApprovalStep, people: list[User], decisions: list[Decision], usual: Usual | None, reader: User | None
) -> Told:
    return Told(
        step=step,
        what=f"{_role_in(step)}{_who(step, people, reader)}",
        note=_note(step, decisions, usual),
        state=_STATES[step.state],
        people=people,
        decisions=decisions,
        usual=usual,
    )


_STATES = {"approved": "done", "open": "now", "waiting": "waiting", "rejected": "failed", "closed": "waiting"}


def _role_in(step: ApprovalStep) -> str:
    label = ROLES[step.role].label
    tenant = step.approval.tenant
    return f"{label}, {tenant}" if ROLES[step.role].attaches == "tenant" and tenant else label


def _who(step: ApprovalStep, people: list[User], reader: User | None) -> str:
    if step.state != ApprovalStep.State.OPEN:
        return ""
    quorum = f"{step.quorum} of " if step.quorum > 1 else ""
    if reader in people:
        others = len(people) - 1
        return " — you" + (f", or one of {others} others" if others > 1 else ", or one other" if others else "")
    if not people:
        return " — nobody holds this role now"
    return f" — {quorum}{people[0] if len(people) == 1 else f'{len(people)} people'}"


def _note(step: ApprovalStep, decisions: list[Decision], usual: Usual | None) -> str:
    if step.state == ApprovalStep.State.OPEN and step.opened_at:
        so_far = f"; {len(decisions)} of {step.quorum} approved" if decisions else ""
        by = due(step.due_at) if step.due_at and step.due_at < clock.now() else f"due {due(step.due_at)}"
        return f"{by}; waits {span(clock.now() - step.opened_at)}{so_far}"
    if step.state == ApprovalStep.State.WAITING:
        return str(usual or f"has {step.due_hours} h once it opens")
    if decisions and step.decided_at and step.opened_at:
        verdict = decisions[-1].get_verdict_display().lower()
        names = ", ".join(str(decision.person) for decision in decisions)
        return f"{verdict} by {names} on {step.decided_at:%-d %b}, after {took(step.decided_at - step.opened_at)}"
    if decisions:
        return f"{decisions[-1].get_verdict_display().lower()} by {decisions[-1].person}"
    return "not needed any more"
