"""IAM: roles and their trust, managed policies and where they are attached, inline policies.

Policy documents go in and come out as dicts. Source: docs.aws.amazon.com/IAM/latest/APIReference/.
"""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from portal.aws.arns import managed_policy, role_name
from portal.aws.errors import NotFound, translated
from portal.aws.session import Session

Document = dict[str, Any]
# IAM keeps five versions of a managed policy.
MOST_VERSIONS = 5


@dataclass(frozen=True, slots=True)
class RoleInfo:
    """A role with its trust policy and tags."""

    arn: str
    name: str
    trust: Document
    tags: dict[str, str]


@dataclass(frozen=True, slots=True)
class PolicyInfo:
    """A managed policy: its default version's document and the names of the roles that carry it."""

    arn: str
    name: str
    document: Document
    roles: tuple[str, ...]
    tags: dict[str, str]


def get_role(session: Session, arn: str) -> RoleInfo | None:
    """The role, None if there is none of that name."""
    try:
        with translated("iam", "GetRole"):
            role = session.client("iam").get_role(RoleName=role_name(arn))["Role"]
    except NotFound:
        return None
    trust = _document(role["AssumeRolePolicyDocument"])
    return RoleInfo(role["Arn"], role["RoleName"], trust, _tags(role.get("Tags", [])))


def create_role(session: Session, *, name: str, trust: Document, tags: dict[str, str]) -> str:
    """Make a role and return its ARN. Raises Conflict if the name is taken."""
    with translated("iam", "CreateRole"):
        answer = session.client("iam").create_role(
            RoleName=name,
            AssumeRolePolicyDocument=json.dumps(trust),
            Description="Made by Atrium for one grant; removed with it.",
            Tags=_listed(tags),
        )
    return str(answer["Role"]["Arn"])


def put_trust(session: Session, name: str, trust: Document) -> None:
    """Replace the trust policy of a role. Raises NotFound."""
    with translated("iam", "UpdateAssumeRolePolicy"):
        session.client("iam").update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))


def delete_role(session: Session, name: str) -> None:
    """Remove a role that carries nothing any more; one that is gone already is fine."""
    try:
        with translated("iam", "DeleteRole"):
            session.client("iam").delete_role(RoleName=name)
    except NotFound:
        return


def get_policy(session: Session, name: str) -> PolicyInfo | None:
    """The account's managed policy called `name`, None if there is none."""
    iam, arn = session.client("iam"), managed_policy(session.account, name)
    try:
        with translated("iam", "GetPolicy"):
            policy = iam.get_policy(PolicyArn=arn)["Policy"]
            version = iam.get_policy_version(PolicyArn=arn, VersionId=policy["DefaultVersionId"])["PolicyVersion"]
            pages = iam.get_paginator("list_entities_for_policy").paginate(PolicyArn=arn, EntityFilter="Role")
            roles = sorted(role["RoleName"] for page in pages for role in page["PolicyRoles"])
    except NotFound:
        return None
    return PolicyInfo(arn, name, _document(version["Document"]), tuple(roles), _tags(policy.get("Tags", [])))


def create_policy(session: Session, *, name: str, document: Document, tags: dict[str, str]) -> str:
    """Make a managed policy and return its ARN. Raises Conflict if the name is taken."""
    with translated("iam", "CreatePolicy"):
        answer = session.client("iam").create_policy(
            PolicyName=name,
            PolicyDocument=json.dumps(document),
            Description="Made by Atrium for one grant; removed with it.",
            Tags=_listed(tags),
        )
    return str(answer["Policy"]["Arn"])


def put_policy(session: Session, arn: str, document: Document) -> None:
    """Make `document` the policy's default version, dropping the oldest one when IAM holds no more."""
    iam = session.client("iam")
    with translated("iam", "CreatePolicyVersion"):
        older = [version for version in _versions(iam, arn) if not version["IsDefaultVersion"]]
        if len(older) + 1 >= MOST_VERSIONS:
            oldest = min(older, key=lambda version: version["CreateDate"])
            iam.delete_policy_version(PolicyArn=arn, VersionId=oldest["VersionId"])
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(document), SetAsDefault=True)


def attach(session: Session, arn: str, role: str) -> None:
    """Attach a managed policy to a role (by name). Raises NotFound if there is no such role."""
    with translated("iam", "AttachRolePolicy"):
        session.client("iam").attach_role_policy(RoleName=role, PolicyArn=arn)


def detach(session: Session, arn: str, role: str) -> None:
    """Detach a managed policy from a role; one that is not attached is fine."""
    try:
        with translated("iam", "DetachRolePolicy"):
            session.client("iam").detach_role_policy(RoleName=role, PolicyArn=arn)
    except NotFound:
        return


def delete_policy(session: Session, policy: PolicyInfo) -> None:
    """Detach a managed policy everywhere and remove it with its versions."""
    for role in policy.roles:
        detach(session, policy.arn, role)
    iam = session.client("iam")
    try:
        with translated("iam", "DeletePolicy"):
            for version in _versions(iam, policy.arn):
                if not version["IsDefaultVersion"]:
                    iam.delete_policy_version(PolicyArn=policy.arn, VersionId=version["VersionId"])
            iam.delete_policy(PolicyArn=policy.arn)
    except NotFound:
        return


def get_inline(session: Session, role: str, name: str) -> Document | None:
    """The inline policy `name` of a role, None if the role or the policy is not there."""
    try:
        with translated("iam", "GetRolePolicy"):
            answer = session.client("iam").get_role_policy(RoleName=role, PolicyName=name)
    except NotFound:
        return None
    return _document(answer["PolicyDocument"])


def put_inline(session: Session, role: str, name: str, document: Document) -> None:
    """Set an inline policy of a role. Raises NotFound if there is no such role."""
    with translated("iam", "PutRolePolicy"):
        session.client("iam").put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


def delete_inline(session: Session, role: str, name: str) -> None:
    """Remove an inline policy; one that is gone already is fine."""
    try:
        with translated("iam", "DeleteRolePolicy"):
            session.client("iam").delete_role_policy(RoleName=role, PolicyName=name)
    except NotFound:
        return


def _versions(iam: Any, arn: str) -> list[dict[str, Any]]:
    """All versions of a managed policy; IAM may give fewer in an answer than there are."""
    pages = iam.get_paginator("list_policy_versions").paginate(PolicyArn=arn)
    return [version for page in pages for version in page["Versions"]]


def _document(value: str | Document) -> Document:
    """IAM answers documents URL-encoded; botocore has decoded some of them already."""
    parsed: Document = json.loads(unquote(value)) if isinstance(value, str) else value
    return parsed


def _tags(listed: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in listed}


def _listed(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
