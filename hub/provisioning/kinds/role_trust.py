"""The statement in a named role's trust policy through which Atrium probes. Grants of one role share it."""

from typing import Any

from hub.models import Artefact
from hub.provisioning.found import Blocked, Found
from hub.provisioning.ground import Ground
from hub.provisioning.kinds.kind import Desired
from portal.aws import iam
from portal.aws.iam import Document


class RoleTrust:
    def wanted(self, ground: Ground, desired: Desired) -> dict[str, Any]:
        return {"statement": desired["statement"]}

    def observe(self, ground: Ground, desired: Desired) -> Found | None:
        role = iam.get_role(ground.session, desired["role"])
        if role is None:
            return None
        statement = next((one for one in _statements(role.trust) if one.get("Sid") == _sid(desired)), None)
        return Found(role.arn, {"statement": statement}) if statement else None

    def create(self, ground: Ground, desired: Desired) -> None:
        self._put(ground, desired, [desired["statement"]])

    def update(self, ground: Ground, desired: Desired, found: Found) -> None:
        self._put(ground, desired, [desired["statement"]])

    def delete(self, ground: Ground, desired: Desired) -> None:
        """Take the statement away unless another grant still probes through it; a role that is gone is fine."""
        others = Artefact.objects.filter(kind="role_trust", desired__role=desired["role"]).exclude(grant=ground.grant)
        if others.exclude(grant__wanted="nothing").exists() or iam.get_role(ground.session, desired["role"]) is None:
            return
        self._put(ground, desired, [])

    def _put(self, ground: Ground, desired: Desired, own: list[Document]) -> None:
        role = iam.get_role(ground.session, desired["role"])
        if role is None:
            raise Blocked(
                f"The role {desired['name']} does not exist in account {ground.account.number}. "
                "Make it there and try again, or ask again and let Atrium make one."
            )
        foreign = [one for one in _statements(role.trust) if one.get("Sid") != _sid(desired)]
        if not foreign and not own:
            raise Blocked(f"The trust policy of {desired['name']} would be empty; add the principals that use it.")
        iam.put_trust(ground.session, desired["name"], role.trust | {"Statement": [*foreign, *own]})


def _sid(desired: Desired) -> str:
    return str(desired["statement"]["Sid"])


def _statements(trust: Document) -> list[Document]:
    """IAM takes one statement in place of a list of one."""
    listed = trust.get("Statement", [])
    return listed if isinstance(listed, list) else [listed]
