"""The managed policy of a grant, attached to each role that the plan names, and to no other."""

from typing import Any

from hub.provisioning.found import Blocked, Found, check_owned
from hub.provisioning.ground import Ground
from hub.provisioning.kinds.kind import Desired
from portal.aws import iam
from portal.aws.arns import managed_policy, role_name
from portal.aws.errors import NotFound
from portal.aws.iam import PolicyInfo


class IamPolicy:
    def wanted(self, ground: Ground, desired: Desired) -> dict[str, Any]:
        return {"document": desired["document"], "roles": _roles(desired)}

    def observe(self, ground: Ground, desired: Desired) -> Found | None:
        policy = self._get(ground, desired)
        return Found(policy.arn, {"document": policy.document, "roles": list(policy.roles)}) if policy else None

    def create(self, ground: Ground, desired: Desired) -> None:
        arn = iam.create_policy(
            ground.session, name=desired["name"], document=desired["document"], tags=desired["tags"]
        )
        self._attach(ground, arn, _roles(desired))

    def update(self, ground: Ground, desired: Desired, found: Found) -> None:
        wanted, has = set(_roles(desired)), set(found.content["roles"])
        if found.content["document"] != desired["document"]:
            iam.put_policy(ground.session, found.arn, desired["document"])
        self._attach(ground, found.arn, sorted(wanted - has))
        for name in sorted(has - wanted):
            iam.detach(ground.session, found.arn, name)

    def delete(self, ground: Ground, desired: Desired) -> None:
        policy = self._get(ground, desired)
        if policy:
            iam.delete_policy(ground.session, policy)

    def _get(self, ground: Ground, desired: Desired) -> PolicyInfo | None:
        policy = iam.get_policy(ground.session, desired["name"])
        if policy:
            what = f"A policy called {desired['name']} ({managed_policy(ground.account.number, desired['name'])})"
            check_owned(ground.grant, policy.arn, policy.tags, what)
        return policy

    def _attach(self, ground: Ground, arn: str, roles: list[str]) -> None:
        for name in roles:
            try:
                iam.attach(ground.session, arn, name)
            except NotFound as error:
                raise Blocked(f"The role {name} does not exist in account {ground.account.number}.") from error


def _roles(desired: Desired) -> list[str]:
    return sorted(role_name(arn) for arn in desired["roles"])
