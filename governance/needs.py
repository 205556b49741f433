"""What governance must know of the apps above it: each need is declared here, and answered by who registers for it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from governance.models import Tenant, UseCase


@dataclass(frozen=True, slots=True)
class LiveAccess:
    """The access that a use case has and that has not ended: a few words for each ("Claude for Call summary")."""

    grants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelReach:
    """Which models a tenant could ask for. approved: how many there are; without: the names of those with no route."""

    approved: int
    without: tuple[str, ...]


# Of a tenant that may be one still to come: the line of business above it, its data classes, its regions.
ModelReachOf = Callable[[Tenant | None, Collection[str], Collection[str]], ModelReach]
_model_reach: list[ModelReachOf] = []
LiveAccessOf = Callable[[UseCase], LiveAccess]
_live_access: list[LiveAccessOf] = []


def answer_live_access(provider: LiveAccessOf) -> None:
    """At start-up: `provider` knows what access a use case has."""
    if _live_access and provider not in _live_access:
        raise ValueError("Two providers answer which access is live.")
    _live_access[:] = [provider]


def live_access(use_case: UseCase) -> LiveAccess:
    """The access of a use case that has not ended."""
    return _live_access[0](use_case)


def answer_model_reach(provider: ModelReachOf) -> None:
    """At start-up: `provider` knows which models a tenant could ask for."""
    if _model_reach and provider not in _model_reach:
        raise ValueError("Two providers answer which models a tenant could ask for.")
    _model_reach[:] = [provider]


def model_reach(parent: Tenant | None, data_classes: Collection[str], regions: Collection[str]) -> ModelReach:
    """Which models a tenant with these data classes and regions could ask for."""
    return _model_reach[0](parent, data_classes, regions)


def missing() -> list[str]:
    """The needs that nobody answers."""
    answers = {"which access is live": _live_access, "which models a tenant could ask for": _model_reach}
    return [need for need, provider in answers.items() if not provider]
