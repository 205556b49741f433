"""What the hub must know of the apps above it: each need is declared here, and answered by who registers for it."""

from collections.abc import Callable
from dataclasses import dataclass

from governance.models import UseCase


@dataclass(frozen=True, slots=True)
class SetBudget:
    """What a person lets a use case spend in a month. amount_nano: nano-USD; set_by: the name of the person."""

    amount_nano: int
    set_by: str


SetBudgetOf = Callable[[UseCase], SetBudget | None]
_set_budget: list[SetBudgetOf] = []


def answer_set_budget(provider: SetBudgetOf) -> None:
    """At start-up: `provider` knows which budget a person set for a use case."""
    if _set_budget and provider not in _set_budget:
        raise ValueError("Two providers answer which budget is set.")
    _set_budget[:] = [provider]


def set_budget(use_case: UseCase) -> SetBudget | None:
    """The budget that a person set for a use case; None if it only follows the requests, or has none."""
    return _set_budget[0](use_case)


def missing() -> list[str]:
    """The needs that nobody answers."""
    return [] if _set_budget else ["which budget a person set"]
