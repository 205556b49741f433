"""What the routing policy may know about an access request, and who decides by it."""

from dataclasses import dataclass
from typing import Any

from governance.models import RoutingPolicy, Tenant, User
from governance.policy import people_with_role
from governance.routing import StepPlan, route
from hub.answers import Answers
from hub.plans.inputs import GLOBAL
from portal.lib.money import NANO

KIND = "hub.access_request"


@dataclass(frozen=True, slots=True)
class Decider:
    """A role that decides, in its stage; why by the policy's rules; people: how many could do it."""

    label: str
    stage: int
    because: tuple[str, ...]
    rules: tuple[str, ...]
    people: int


def facts(answers: Answers) -> dict[str, Any]:
    """The facts of governance.facts that are known by now; all of them once a request is complete."""
    known: dict[str, Any] = {"new_tenant": False}
    if answers.risk:
        known["risk"] = str(answers.risk.tier)
    if answers.use_case:
        known |= {"autonomy": int(answers.use_case.autonomy), "affects_people": answers.use_case.affects_people}
    if answers.model:
        known["model_status"] = str(answers.model.status)
    if answers.route:
        known |= {"global_profile": answers.route.scope == GLOBAL, "regions": list(answers.route.regions)}
    # Naming less than the use case does leads past nobody who decides.
    said = {name: getattr(answers.heeded or answers, name) for name in ("data_class", "audience")}
    for name, value in (said | {"environment": answers.environment}).items():
        if value:
            known[name] = str(value)
    cost = monthly_cost_nano(answers)
    return known | ({} if cost is None else {"monthly_cost_usd": cost // NANO})


def monthly_cost_nano(answers: Answers) -> int | None:
    """The upper end of the estimate or the budget that is asked for, whichever is more; None if neither is known."""
    found = answers.estimate
    known = [nano for nano in (found.high_nano if found else None, answers.monthly_budget_nano) if nano is not None]
    return max(known, default=None)


# While somebody is still typing, the rest is taken as the most common request has it.
LIKELY: dict[str, Any] = {
    "environment": "dev",
    "global_profile": False,
    "regions": [],
    "model_status": "approved",
    "monthly_cost_usd": 0,
}


def deciders(answers: Answers, *, asked_by: User) -> list[Decider]:
    """Who would decide, in order, by the routing policy in force. Raises Refused if the policy cannot say."""
    known = {"kind": KIND, **LIKELY, **facts(answers)}
    plans = route(RoutingPolicy.objects.in_force().rules, known)
    return [_decider(plan, answers.tenant, asked_by) for plan in plans]


def _decider(plan: StepPlan, tenant: Tenant | None, asked_by: User) -> Decider:
    there = [person for person in people_with_role(plan.role, tenant) if person.pk != asked_by.pk]
    because, rules = tuple(rule.because for rule in plan.rules), tuple(rule.name for rule in plan.rules)
    return Decider(plan.label, plan.stage, because, rules, len(there))
