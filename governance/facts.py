"""The facts that a routing rule may ask about: the variables of its CEL expression."""

from dataclasses import dataclass
from typing import Any

from portal.lib.errors import Refused


@dataclass(frozen=True, slots=True)
class Fact:
    """name: the CEL variable; type: str, int, bool or list (of str); sentence: what it says; label: the same, short."""

    name: str
    type: type
    sentence: str
    label: str
    choices: tuple[str, ...] = ()


DATA_CLASSES = ("public", "internal", "confidential", "restricted")

FACTS: dict[str, Fact] = {
    fact.name: fact
    for fact in (
        Fact("kind", str, "What is asked for", "Kind"),
        Fact("risk", str, "Risk tier of the use case", "Risk", ("low", "medium", "high")),
        Fact("data_class", str, "Most sensitive class of data", "Data", DATA_CLASSES),
        Fact("environment", str, "Where it runs", "Environment", ("dev", "test", "prod")),
        Fact("audience", str, "Who sees the answers", "Audience", ("employees", "partners", "customers")),
        Fact("autonomy", int, "How far it acts alone, from 0 (suggests) to 4 (acts alone)", "Autonomy"),
        Fact("monthly_cost_usd", int, "Expected cost in USD a month", "USD a month"),
        Fact("global_profile", bool, "Whether calls may be answered in any region of the world", "Any region"),
        Fact("model_status", str, "Status of the model in the hub", "Model"),
        Fact("affects_people", bool, "Whether it takes part in decisions about people", "Affects people"),
        Fact("regions", list, "Regions in which data may be processed", "Regions"),
        Fact("new_tenant", bool, "Whether a new tenant is taken in", "New tenant"),
    )
}

# What people say about their request. The others follow from prices and catalogues, and change by themselves.
STATED = ("risk", "data_class", "audience", "autonomy", "affects_people", "environment")


def stated(facts: dict[str, Any]) -> dict[str, Any]:
    """Those of `facts` that people say."""
    return {name: facts[name] for name in STATED if name in facts}


def check(facts: dict[str, Any]) -> dict[str, Any]:
    """`facts` as plain values, if each is declared and of its type. Raises Refused naming the first that is not.

    A fact may be absent: a rule that needs it then fails aloud instead of being skipped.
    """
    for name, value in facts.items():
        fact = FACTS.get(name)
        if fact is None:
            raise Refused(f"{name} is not a declared fact.", field=name)
        # bool is an int to Python, and not to a rule.
        if not isinstance(value, fact.type) or isinstance(value, bool) != (fact.type is bool):
            raise Refused(f"{fact.sentence} ({name}) must be {fact.type.__name__}, not {value!r}.", field=name)
        if fact.choices and value not in fact.choices:
            raise Refused(f"{fact.sentence} ({name}) must be one of {', '.join(fact.choices)}.", field=name)
    return {name: FACTS[name].type(value) for name, value in facts.items()}
