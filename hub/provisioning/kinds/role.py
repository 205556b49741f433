"""The role that Atrium makes when a request names none."""

from typing import Any

from hub.provisioning.found import Found, check_owned
from hub.provisioning.ground import Ground
from hub.provisioning.kinds.kind import Desired
from portal.aws import arns, iam


class MadeRole:
    def wanted(self, ground: Ground, desired: Desired) -> dict[str, Any]:
        return {"trust": desired["trust"]}

    def observe(self, ground: Ground, desired: Desired) -> Found | None:
        role = iam.get_role(ground.session, arns.role(ground.account.number, desired["name"]))
        if role is None:
            return None
        check_owned(ground.grant, role.arn, role.tags, f"A role called {desired['name']}")
        return Found(role.arn, {"trust": role.trust})

    def create(self, ground: Ground, desired: Desired) -> None:
        iam.create_role(ground.session, name=desired["name"], trust=desired["trust"], tags=desired["tags"])

    def update(self, ground: Ground, desired: Desired, found: Found) -> None:
        iam.put_trust(ground.session, desired["name"], desired["trust"])

    def delete(self, ground: Ground, desired: Desired) -> None:
        if self.observe(ground, desired):
            iam.delete_role(ground.session, desired["name"])
