"""The risk tier of a use case, computed from what it does, with its reasons. Pure; reads no database."""

from collections.abc import Callable
from dataclasses import dataclass

from governance.models.tenant import DataClass
from governance.models.use_case import UseCase

Risk = UseCase.Risk
Audience = UseCase.Audience


@dataclass(frozen=True, slots=True)
class Profile:
    """What the tier depends on. autonomy: 0 (suggests) to 4 (acts alone)."""

    data_class: str
    audience: str
    autonomy: int
    affects_people: bool


@dataclass(frozen=True, slots=True)
class Assessment:
    """The tier, and why: the sentences of every rule of that tier that holds."""

    tier: Risk
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    tier: Risk
    sentence: str
    holds: Callable[[Profile], bool]


_RULES = (
    _Rule(Risk.HIGH, "It takes part in decisions about people.", lambda p: p.affects_people),
    _Rule(Risk.HIGH, "It works with restricted data.", lambda p: p.data_class == DataClass.RESTRICTED),
    _Rule(Risk.HIGH, "It acts, and nobody looks at each action.", lambda p: p.autonomy >= 3),
    _Rule(
        Risk.HIGH,
        "It acts by itself towards customers.",
        lambda p: p.autonomy >= 2 and p.audience == Audience.CUSTOMERS,
    ),
    _Rule(Risk.MEDIUM, "It works with confidential data.", lambda p: p.data_class == DataClass.CONFIDENTIAL),
    _Rule(Risk.MEDIUM, "Customers see its answers.", lambda p: p.audience == Audience.CUSTOMERS),
    _Rule(
        Risk.MEDIUM,
        "Partners see answers from internal data.",
        lambda p: p.audience == Audience.PARTNERS and p.data_class != DataClass.PUBLIC,
    ),
    _Rule(Risk.MEDIUM, "It acts while a person watches.", lambda p: p.autonomy == 2),
)
_NOTHING = "Its data is not confidential, customers do not see it, and a person acts on what it says."


def assess(profile: Profile) -> Assessment:
    """The highest tier that a rule asks for, with the reasons of that tier; low if none does."""
    holding = [rule for rule in _RULES if rule.holds(profile)]
    for tier in (Risk.HIGH, Risk.MEDIUM):
        reasons = tuple(rule.sentence for rule in holding if rule.tier == tier)
        if reasons:
            return Assessment(tier, reasons)
    return Assessment(Risk.LOW, (_NOTHING,))


def of_use_case(use_case: UseCase) -> Assessment:
    """The assessment of a use case as its fields stand, saved or not."""
    return assess(Profile(use_case.data_class, use_case.audience, use_case.autonomy, use_case.affects_people))
