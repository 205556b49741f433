"""What every kind of artefact can do. `desired` is the artefact of the plan with its symbols replaced."""

from typing import Any, Protocol

from hub.provisioning.found import Found
from hub.provisioning.ground import Ground

Desired = dict[str, Any]


class Kind(Protocol):
    """All of it idempotent; each method may raise AwsError, and Blocked when only a person can help."""

    def wanted(self, ground: Ground, desired: Desired) -> dict[str, Any]:
        """What `Found.content` is when all is as it should be."""

    def observe(self, ground: Ground, desired: Desired) -> Found | None:
        """What AWS has now, None if it has nothing of it."""

    def create(self, ground: Ground, desired: Desired) -> None:
        """Make it; called when nothing was observed."""

    def update(self, ground: Ground, desired: Desired, found: Found) -> None:
        """Change what was found into what is wanted."""

    def delete(self, ground: Ground, desired: Desired) -> None:
        """Remove it, or this grant's part in it."""
