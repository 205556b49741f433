"""Routing: rules in CEL over declared facts, never skipped."""

from typing import Any

import pytest

from governance import cel
from governance.default_policy import RULES
from governance.facts import FACTS
from governance.routing import check_rules, route
from portal.lib.errors import Refused

ASKED: dict[str, Any] = {
    "kind": "hub.access_request",
    "risk": "low",
    "data_class": "internal",
    "environment": "dev",
    "audience": "employees",
    "autonomy": 0,
    "monthly_cost_usd": 200,
    "global_profile": False,
    "affects_people": False,
}


def who(**facts: Any) -> list[tuple[str, int]]:
    return [(plan.role, plan.stage) for plan in route(RULES, ASKED | facts)]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, [("owner", 1)]),
        ({"risk": "medium"}, [("owner", 1), ("security", 2)]),
        ({"environment": "prod"}, [("owner", 1), ("security", 2)]),
        ({"data_class": "confidential"}, [("owner", 1), ("security", 2)]),
        ({"audience": "customers"}, [("owner", 1), ("responsible_ai", 2)]),
        ({"autonomy": 2}, [("owner", 1), ("responsible_ai", 2)]),
        ({"affects_people": True}, [("owner", 1), ("responsible_ai", 2)]),
        ({"risk": "high"}, [("owner", 1), ("security", 2), ("responsible_ai", 2)]),
        ({"global_profile": True}, [("owner", 1), ("legal", 2)]),
        ({"monthly_cost_usd": 5000}, [("owner", 1), ("finops", 2)]),
        ({"monthly_cost_usd": 4999}, [("owner", 1)]),
        ({"data_class": "restricted"}, [("owner", 1), ("security", 2), ("legal", 2)]),
    ],
)
def test_the_default_policy_sends_each_request_to_those_it_concerns(facts: dict[str, Any], expected: list[Any]) -> None:
    assert who(**facts) == expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("hub.model_review", [("security", 1), ("legal", 1), ("responsible_ai", 1)]),
        ("governance.onboarding", [("platform", 1), ("finops", 1)]),
        ("finops.budget_change", [("finops", 1)]),
    ],
)
def test_what_the_company_decides_skips_the_owner_and_needs_no_facts_of_a_use_case(kind: str, expected: Any) -> None:
    assert [(plan.role, plan.stage) for plan in route(RULES, {"kind": kind})] == expected


def test_a_missing_fact_refuses_aloud_and_names_rule_and_fact() -> None:
    facts = {name: value for name, value in ASKED.items() if name != "monthly_cost_usd"}
    with pytest.raises(Refused, match="“Large spend” cannot be evaluated: it asks for monthly_cost_usd"):
        route(RULES, facts)


def test_a_role_that_several_rules_ask_for_decides_once_under_the_strictest_terms() -> None:
    def rule(name: str, **step: int) -> dict[str, Any]:
        return {"name": name, "because": f"{name}.", "when": "true", "steps": [{"role": "security", **step}]}

    rules = [rule("A", stage=2, quorum=1, due_hours=24), rule("B", stage=1, quorum=2, due_hours=72)]
    (plan,) = route(rules, {"kind": "x"})
    assert (plan.stage, plan.quorum, plan.due_hours) == (1, 2, 24)
    assert [because.name for because in plan.rules] == ["A", "B"]


def test_no_rule_that_holds_is_a_refusal_and_not_an_approval() -> None:
    with pytest.raises(Refused, match="No rule"):
        route([{**RULES[0], "when": "false"}], ASKED)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"colour": "red"}, "colour is not a declared fact"),
        ({"autonomy": True}, "must be int"),
        ({"affects_people": 1}, "must be bool"),
        ({"risk": "tiny"}, "must be one of low, medium, high"),
    ],
)
def test_facts_are_declared_and_typed(facts: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        route(RULES, ASKED | facts)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"when": "risk ="}, "cannot be read"),
        ({"when": 'riks == "high"'}, "asks for riks"),
        ({"because": ""}, "must say why"),
        ({"steps": []}, "who decides"),
        ({"steps": [{"role": "auditor", "stage": 1, "quorum": 1, "due_hours": 1}]}, "auditor decide"),
        ({"steps": [{"role": "legal", "stage": 1, "quorum": 0, "due_hours": 1}]}, "count from 1"),
        ({"name": ""}, "name of its own"),
    ],
)
def test_a_policy_with_a_fault_is_refused_with_the_fault(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        check_rules([RULES[0] | changes])


def test_the_default_policy_has_no_fault_until_it_has_a_rule_twice() -> None:
    check_rules(RULES)  # raises Refused at a fault
    with pytest.raises(Refused, match="name of its own"):
        check_rules([*RULES, RULES[0]])


@pytest.mark.parametrize("expression", ["kind", "1", '"yes"'])
def test_a_condition_that_answers_neither_true_nor_false_is_refused(expression: str) -> None:
    with pytest.raises(Refused, match="neither true nor false"):
        cel.holds(expression, {"kind": "x"})


def test_variables_of_a_macro_are_not_facts() -> None:
    assert cel.names('regions.exists(r, r == "us-east-1") && risk == "low"') == {"regions", "risk"}
    assert cel.holds('regions.exists(r, !r.startsWith("eu-"))', {"regions": ["eu-west-1", "us-east-1"]}) is True


def test_each_fact_says_in_words_what_it_is() -> None:
    assert all(fact.sentence and fact.name == name for name, fact in FACTS.items())
