"""What CloudFormation does with the template that Atrium offers: it makes a role, or makes the role what it says now.

Source: docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html.
"""

import json
from typing import Any

from moto.iam.models import iam_backends

from portal.sandbox.iam.policies import parse_policy

KIND = "AWS::IAM::Role"
PROPERTIES = {"RoleName", "AssumeRolePolicyDocument", "Policies", "Tags"}


def install(account: str, template: dict[str, Any]) -> str:
    """The ARN of the template's one role, which stands in the account afterwards as the template writes it.

    Raises ValueError with a sentence for a template of another shape, and PolicyNotUnderstood.
    """
    role = _role_of(template)
    trust, policies = role["AssumeRolePolicyDocument"], role.get("Policies", [])
    for document in (trust, *(one["PolicyDocument"] for one in policies)):
        parse_policy(document, name=role["RoleName"])
    made = _made(account, role["RoleName"], trust)
    made.assume_role_policy_document = json.dumps(trust)
    for name in list(made.policies):
        made.delete_policy(name)
    for one in policies:
        made.put_policy(one["PolicyName"], json.dumps(one["PolicyDocument"]))
    return str(made.arn)


def _role_of(template: dict[str, Any]) -> dict[str, Any]:
    resources = template.get("Resources")
    found = list(resources.values()) if isinstance(resources, dict) else []
    if len(found) != 1 or found[0].get("Type") != KIND:
        raise ValueError(f"The sandbox installs templates with one resource, of the type {KIND}.")
    role: dict[str, Any] = found[0].get("Properties", {})
    if unknown := sorted(set(role) - PROPERTIES):
        raise ValueError(f"The sandbox does not know the property {', '.join(unknown)} of a role.")
    if missing := sorted({"RoleName", "AssumeRolePolicyDocument"} - set(role)):
        raise ValueError(f"The role has no {', '.join(missing)}.")
    return role


def _made(account: str, name: str, trust: dict[str, Any]) -> Any:
    backend = iam_backends[account]["aws"]
    known = next((role for role in backend.roles.values() if role.name == name), None)
    return known or backend.create_role(
        role_name=name,
        assume_role_policy_document=json.dumps(trust),
        path="/",
        permissions_boundary=None,
        description="",
        tags=[],
        max_session_duration="3600",
    )
