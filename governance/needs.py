"""What governance must know of the apps above it: each need is declared here, and answered by who registers for it."""

from collections.abc import Callable
from dataclasses import dataclass

from governance.models import UseCase


@dataclass(frozen=True, slots=True)
class LiveAccess:
    """The access that a use case has and that has not ended: a few words for each ("Claude for Call summary")."""

    grants: tuple[str, ...]


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


def missing() -> list[str]:
    """The needs that nobody answers."""
    return [] if _live_access else ["which access is live"]
