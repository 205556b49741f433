"""The explicit deny of a frozen grant: an inline policy on each of its roles, beside the plan."""

from typing import Any

from hub.provisioning.found import Blocked, Found
from hub.provisioning.ground import Ground
from hub.provisioning.kinds.kind import Desired
from portal.aws import iam
from portal.aws.arns import role_name
from portal.aws.errors import NotFound


class Denial:
    def wanted(self, ground: Ground, desired: Desired) -> dict[str, Any]:
        return {"roles": {name: desired["document"] for name in _roles(desired)}}

    def observe(self, ground: Ground, desired: Desired) -> Found | None:
        found = {name: iam.get_inline(ground.session, name, desired["name"]) for name in _roles(desired)}
        there = {name: document for name, document in found.items() if document is not None}
        return Found("", {"roles": there}) if there else None

    def create(self, ground: Ground, desired: Desired) -> None:
        """On every role that is there, and only then complain about one that is not."""
        gone = [name for name in _roles(desired) if not self._put(ground, name, desired)]
        if gone:
            raise Blocked(
                f"{' and '.join(gone)} could not be denied: no such role in {ground.account.number} any more."
            )

    def update(self, ground: Ground, desired: Desired, found: Found) -> None:
        self.create(ground, desired)

    def delete(self, ground: Ground, desired: Desired) -> None:
        for name in _roles(desired):
            iam.delete_inline(ground.session, name, desired["name"])

    def _put(self, ground: Ground, role: str, desired: Desired) -> bool:
        try:
            iam.put_inline(ground.session, role, desired["name"], desired["document"])
        except NotFound:
            return False
        return True


def _roles(desired: Desired) -> list[str]:
    return sorted(role_name(arn) for arn in desired["roles"])
