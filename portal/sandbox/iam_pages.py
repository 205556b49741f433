"""``iam:ListEntitiesForPolicy`` and ``iam:ListPolicyVersions`` in pages; moto pages the roles before it looks at them.

Source: docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html: AWS may give fewer items than asked.
"""

from typing import Any

from moto.core.responses import ActionResult
from moto.iam.responses import IamResponse

from portal.sandbox.pages import page

MEMBERS = {"User": "PolicyUsers", "Role": "PolicyRoles", "Group": "PolicyGroups"}


class SandboxIamResponse(IamResponse):
    def list_entities_for_policy(self) -> ActionResult:
        arn, wanted = self._get_param("PolicyArn"), self._get_param("EntityFilter")
        self.backend.get_policy(arn)  # raises NoSuchEntity
        owners = {"User": self.backend.users, "Role": self.backend.roles, "Group": self.backend.groups}
        found = [
            (MEMBERS[kind], owner)
            for kind, known in owners.items()
            if wanted in (None, kind)
            for owner in known.values()
            if arn in owner.managed_policies
        ]
        shown, end = self._page(found)
        return ActionResult({name: [one for kind, one in shown if kind == name] for name in MEMBERS.values()} | end)

    def list_policy_versions(self) -> ActionResult:
        shown, end = self._page(self.backend.list_policy_versions(self._get_param("PolicyArn")))
        return ActionResult({"Versions": shown} | end)

    def _page(self, found: list[Any]) -> tuple[list[Any], dict[str, Any]]:
        """(items, members that tell whether there are more) for the page that the request asks for."""
        items, token = page(found, size=self._get_int_param("MaxItems"), token=self._get_param("Marker"))
        return items, {"IsTruncated": token is not None} | ({"Marker": token} if token else {})
