"""``sts:AssumeRole`` corrected: the role must exist, trust the caller and be given the external id it demands.

Source: docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html and
docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html.
"""

from moto.core.responses import ActionResult
from moto.iam.models import iam_backends
from moto.sts.responses import TokenResponse

from portal.sandbox.callers import Caller, caller_of
from portal.sandbox.errors import Refusal
from portal.sandbox.iam.decision import decide, trust
from portal.sandbox.iam.policies import parse_policy

ASSUME = "sts:AssumeRole"


class SandboxTokenResponse(TokenResponse):
    def assume_role(self) -> ActionResult:
        caller, role_arn = caller_of(self.access_key), str(self._get_param("RoleArn"))
        if not may_assume(caller, role_arn, self._get_param("ExternalId"), self._get_param("RoleSessionName") or ""):
            sentence = f"User: {caller.arn} is not authorized to perform: {ASSUME} on resource: {role_arn}"
            raise Refusal("AccessDenied", sentence, 403)
        result: ActionResult = super().assume_role()
        return result


def may_assume(caller: Caller, role_arn: str, external_id: str | None, session_name: str) -> bool:
    """Whether ``caller`` may assume the role: its trust must allow it, and the caller's own policies too.

    Within one account a trust that names the caller itself is enough; AWS tells nobody whether a refused role exists.
    """
    account = role_arn.split(":")[4] if role_arn.count(":") >= 5 else ""
    role = (
        next((r for r in iam_backends[account]["aws"].roles.values() if r.arn == role_arn), None) if account else None
    )
    if role is None:
        return False
    context = caller.context | {"sts:rolesessionname": (session_name,)}
    if external_id:
        context = context | {"sts:externalid": (external_id,)}
    policy = parse_policy(role.assume_role_policy_document, name=role.name)
    names = caller.principal_arns
    said = trust(
        policy, action=ASSUME, role_arn=role_arn, principal_arns=names, account=caller.account, context=context
    )
    if said.denied or not said.allowed:
        return False
    own = decide(ASSUME, role_arn, context, identity=caller.identity, limits=caller.limits)
    named_here = said.by_name and account == caller.account
    return own.allowed or (named_here and "explicit deny" not in own.because)
