"""Whether a role may make a call: what a request asks to be permitted, judged by the role's own policies.

Judged is every operation of bedrock, budgets, iam and s3 that a session of a role asks for; bedrock-runtime and
sts:AssumeRole judge for themselves, since more than the caller's policies decide there. What an operation is permitted
under, and on which resources: docs.aws.amazon.com/service-authorization/latest/reference/. Users, which only hold the
keys of the sandbox itself, are not judged.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

from moto.iam.models import iam_backends

from portal.sandbox.callers import Caller
from portal.sandbox.errors import Refusal
from portal.sandbox.iam.conditions import Context
from portal.sandbox.iam.decision import decide
from portal.sandbox.operations import Operation, Wire, asked_for

JUDGED = ("bedrock", "budgets", "iam", "s3")
PERMITTED_AS = {
    "budgets:CreateBudget": "budgets:ModifyBudget",
    "budgets:DeleteBudget": "budgets:ModifyBudget",
    "budgets:DescribeBudget": "budgets:ViewBudget",
    "budgets:DescribeBudgets": "budgets:ViewBudget",
    "budgets:UpdateBudget": "budgets:ModifyBudget",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListObjectsV2": "s3:ListBucket",
}
# With tags a thing is only made by who may tag it.
TAGGING = {
    "bedrock:CreateInferenceProfile": ("tags", "bedrock:TagResource"),
    "iam:CreatePolicy": ("Tags.member.1.Key", "iam:TagPolicy"),
    "iam:CreateRole": ("Tags.member.1.Key", "iam:TagRole"),
}
# By the parameter that names it; "*" where none of them is there, as AWS says of lists.
GUARDRAIL = "arn:aws:bedrock:{region}:{account}:guardrail/{name}"
PROFILE = "arn:aws:bedrock:{region}:{account}:inference-profile/{name}"
NEW_PROFILE = "arn:aws:bedrock:{region}:{account}:application-inference-profile/*"
BUDGET = "arn:aws:budgets::{account}:budget/{name}"
POLICY = "arn:aws:iam::{account}:policy/{name}"
ROLE = "arn:aws:iam::{account}:role/{name}"
LISTS = re.compile(r"^bedrock:List(FoundationModels|Guardrails|InferenceProfiles)$")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a call must be permitted."""

    action: str
    resource: str
    context: Context


def permit(caller: Caller, *, signed_as: str, region: str, wire: Wire) -> None:
    """Raises Refusal with AWS's sentence for the first thing that the caller's policies do not permit."""
    operation = asked_for(signed_as, wire)
    if operation is None or operation.service not in JUDGED:
        return
    for check in checks(operation, parameters(operation, wire), account=caller.account, region=region):
        context = {**caller.context, "aws:requestedregion": (region,), **check.context}
        said = decide(check.action, check.resource, context, identity=caller.identity, limits=caller.limits)
        if not said.allowed:
            sentence = (
                f"User: {caller.arn} is not authorized to perform: {check.action} on resource: {check.resource} "
                f"{said.because}"
            )
            named = operation.service in ("iam", "s3")
            raise Refusal("AccessDenied" if named else "AccessDeniedException", sentence, 403)


def checks(operation: Operation, given: Mapping[str, Any], *, account: str, region: str) -> Iterator[Check]:
    """Everything that the operation must be permitted, in the order in which it is asked."""
    called = str(operation)
    action = PERMITTED_AS.get(called, called)
    where = {"account": account, "region": region}
    context = {"iam:policyarn": (str(given["PolicyArn"]),)} if "RoleName" in given and "PolicyArn" in given else {}
    for resource in resources(operation, given, where):
        yield Check(action, resource, context)
    tags, tagging = TAGGING.get(called, ("", ""))
    if tags and given.get(tags):
        yield Check(tagging, resources(operation, given, where)[0], {})


def resources(operation: Operation, given: Mapping[str, Any], where: Mapping[str, str]) -> list[str]:
    """The ARNs that a call is about."""
    if LISTS.match(str(operation)):
        return ["*"]
    if operation.service == "s3":
        parts = [str(given[name]) for name in ("Bucket", "Key") if name in given]
        return ["arn:aws:s3:::" + "/".join(parts)] if parts else ["*"]
    if operation.name == "CreateInferenceProfile":
        source = str((given.get("modelSource") or {}).get("copyFrom", ""))
        return [NEW_PROFILE.format(**where), _arn(PROFILE, source, where)]
    if operation.service == "iam":
        return [_of_iam(given, where)]
    if operation.service == "budgets":
        budget = given.get("Budget") or given.get("NewBudget") or given
        return [_arn(BUDGET, str(budget.get("BudgetName", "*")), where)]
    for name, pattern in (
        ("guardrailIdentifier", GUARDRAIL),
        ("inferenceProfileIdentifier", PROFILE),
        ("resourceARN", "{name}"),
    ):
        if name in given:
            return [_arn(pattern, str(given[name]), where)]
    return ["*"]


def _of_iam(given: Mapping[str, Any], where: Mapping[str, str]) -> str:
    """A role stands before the policy that is attached to it. A role that is there tells its ARN, path and all."""
    if "RoleName" in given:
        roles = iam_backends[where["account"]]["aws"].roles.values()
        known = next((str(role.arn) for role in roles if role.name == given["RoleName"]), "")
        path = str(given.get("Path", "/")).strip("/")
        return known or _arn(ROLE, f"{path}/{given['RoleName']}".lstrip("/"), where)
    if "PolicyArn" in given:
        return str(given["PolicyArn"])
    return _arn(POLICY, str(given["PolicyName"]), where) if "PolicyName" in given else "*"


def _arn(pattern: str, name: str, where: Mapping[str, str]) -> str:
    return name if name.startswith("arn:") else pattern.format(name=name, **where)


def parameters(operation: Operation, wire: Wire) -> dict[str, Any]:
    """The parameters of a request by the names in AWS's description: of its path, its form or its JSON."""
    given: dict[str, Any] = {}
    if wire.form:
        given = {name: values[0] for name, values in parse_qs(wire.body.decode(errors="replace")).items()}
    elif operation.service != "s3" and wire.body:
        parsed = json.loads(wire.body)
        given = parsed if isinstance(parsed, dict) else {}
    if wire.target or wire.form:
        return given
    return given | _of_path(operation.model.http["requestUri"].partition("?")[0], wire.path)


def _of_path(template: str, path: str) -> dict[str, str]:
    """{name} takes one part of the path, {name+} all that is left."""
    pattern = "".join(
        f"(?P<{part[1:-1].rstrip('+')}>{'.+' if part.endswith('+}') else '[^/]+'})"
        if part.startswith("{")
        else re.escape(part)
        for part in re.split(r"(\{[^}]+\})", template.rstrip("/") or "/")
    )
    found = re.fullmatch(pattern, path.rstrip("/") or "/")
    return {name: unquote(value) for name, value in found.groupdict().items()} if found else {}
