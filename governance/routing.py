"""Routing: from the rules of a policy and the facts of a request to the steps that decide it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from governance import cel
from governance.facts import FACTS, check
from governance.roles import ROLES, Permission
from portal.lib.errors import Refused


@dataclass(frozen=True, slots=True)
class Because:
    """A rule that asked for a step, and why in words."""

    name: str
    because: str


@dataclass(frozen=True, slots=True)
class StepPlan:
    """One role that has to decide: `quorum` different people, in `stage`, within `due_hours` of its opening."""

    role: str
    stage: int
    quorum: int
    due_hours: int
    rules: tuple[Because, ...]

    @property
    def label(self) -> str:
        return ROLES[self.role].label


def route(rules: Iterable[dict[str, Any]], facts: dict[str, Any]) -> list[StepPlan]:
    """The steps that `rules` ask for, given `facts`, in order of stage.

    A role that several rules ask for decides once: in the earliest stage, with the largest quorum, in the
    shortest time.
    Raises Refused if a rule cannot be evaluated (it is never skipped) or if no rule holds.
    """
    facts = check(facts)
    plans: dict[str, StepPlan] = {}
    for rule in rules:
        if _holds(rule, facts):
            for step in rule["steps"]:
                plan = _plan(rule, step)
                plans[plan.role] = _merged(plans[plan.role], plan) if plan.role in plans else plan
    if not plans:
        raise Refused("No rule of the routing policy says who decides on this. Ask a platform engineer to add one.")
    return sorted(plans.values(), key=lambda plan: plan.stage)


def check_rules(rules: list[dict[str, Any]]) -> None:
    """Raise Refused with the first thing that is wrong with `rules`: unreadable conditions, unknown facts or roles."""
    if not rules:
        raise Refused("A routing policy needs at least one rule.")
    names = [rule.get("name", "") for rule in rules]
    if len(set(names)) < len(names) or not all(names):
        raise Refused("Each rule needs a name of its own.")
    for rule in rules:
        _check_rule(rule)


def _check_rule(rule: dict[str, Any]) -> None:
    name = rule["name"]
    if not rule.get("because") or not rule.get("steps"):
        raise Refused(f"Rule “{name}” must say why (because) and who decides (steps).")
    try:
        unknown = cel.names(rule["when"]) - FACTS.keys()
    except Refused as error:
        raise Refused(f"Rule “{name}” cannot be evaluated: {error}.") from error
    if unknown:
        raise Refused(f"Rule “{name}” asks for {', '.join(sorted(unknown))}, which no request declares.")
    for step in rule["steps"]:
        role = ROLES.get(step["role"])
        if role is None or Permission.DECIDE not in role.permissions:
            raise Refused(f"Rule “{name}” lets {step['role']} decide, a role that decides nothing.")
        if min(step["stage"], step["quorum"], step["due_hours"]) < 1:
            raise Refused(f"Rule “{name}”: stage, quorum and hours count from 1.")


def _holds(rule: dict[str, Any], facts: dict[str, Any]) -> bool:
    try:
        return cel.holds(rule["when"], facts)
    except Refused as error:
        raise Refused(f"Rule “{rule['name']}” cannot be evaluated: {error}. Nobody can decide on this yet.") from error


def _plan(rule: dict[str, Any], step: dict[str, Any]) -> StepPlan:
    because = Because(rule["name"], rule["because"])
    return StepPlan(step["role"], step["stage"], step["quorum"], step["due_hours"], (because,))


def _merged(one: StepPlan, other: StepPlan) -> StepPlan:
    return replace(
        one,
        stage=min(one.stage, other.stage),
        quorum=max(one.quorum, other.quorum),
        due_hours=min(one.due_hours, other.due_hours),
        rules=one.rules + other.rules,
    )
