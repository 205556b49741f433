"""What Atrium's role may do in an account: each action that Atrium calls, and none that it does not.

The tests record every call of the whole suite and compare, both ways, and do the same for reading alone. The sandbox
judges calls by these very documents. Resources are as narrow as
docs.aws.amazon.com/service-authorization/latest/reference/ lets them be. IAM changes are made to roles that requests
name, so they cannot be narrowed to names of Atrium's own; the managed policies that are attached to them can, and its
own role is out of its reach.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hub.plans.naming import PREFIX

ANYTHING = ("*",)
ROLES = ("arn:aws:iam::{account}:role/*",)
OWN_POLICIES = (f"arn:aws:iam::{{account}}:policy/{PREFIX}*",)
OWN_BUDGETS = (f"arn:aws:budgets::{{account}}:budget/{PREFIX}*",)
GUARDRAILS = ("arn:aws:bedrock:*:{account}:guardrail/*",)
OWN_PROFILES = ("arn:aws:bedrock:*:{account}:application-inference-profile/*",)
PROFILES = (*OWN_PROFILES, "arn:aws:bedrock:*:{account}:inference-profile/*")
# Tags can be read of anything there: AWS's list names every kind of resource for this one action.
TAGGED = ("arn:aws:bedrock:*:{account}:*",)
MODELS = ("arn:aws:bedrock:*::foundation-model/*",)
BUCKETS = ("arn:aws:s3:::*",)


@dataclass(frozen=True, slots=True)
class Statement:
    """Some actions on some resources, in which {account} and {bucket} are to be named."""

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    own_policies_only: bool = False

    def document(self, **names: str) -> dict[str, Any]:
        """The statement as IAM writes it, with what stands in braces in its resources."""
        resources = [resource.format(**names) for resource in self.resources]
        written: dict[str, Any] = {"Sid": self.sid, "Effect": "Allow", "Action": list(self.actions)}
        written["Resource"] = resources[0] if len(resources) == 1 else resources
        if self.own_policies_only:
            written["Condition"] = {"ArnLike": {"iam:PolicyARN": OWN_POLICIES[0].format(**names)}}
        return written


READING = (
    Statement(
        "ReadTheCatalogue",
        (
            "bedrock:GetFoundationModelAvailability",
            "bedrock:GetModelInvocationLoggingConfiguration",
            "bedrock:ListFoundationModels",
            "bedrock:ListGuardrails",
            "bedrock:ListInferenceProfiles",
        ),
        ANYTHING,
    ),
    Statement("ReadGuardrails", ("bedrock:GetGuardrail",), GUARDRAILS),
    Statement("ReadProfiles", ("bedrock:GetInferenceProfile",), PROFILES),
    Statement("ReadTagsOfProfiles", ("bedrock:ListTagsForResource",), TAGGED),
    Statement("ReadInvocationLogs", ("s3:GetObject", "s3:ListBucket"), BUCKETS),
    Statement("ReadRoles", ("iam:GetRole", "iam:GetRolePolicy"), ROLES),
    Statement(
        "ReadOwnPolicies",
        ("iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListEntitiesForPolicy"),
        OWN_POLICIES,
    ),
    Statement("ReadOwnBudgets", ("budgets:ViewBudget",), OWN_BUDGETS),
)
WRITING = (
    Statement("MakeProfiles", ("bedrock:CreateInferenceProfile",), (*PROFILES, *MODELS)),
    Statement(
        "KeepProfiles", ("bedrock:DeleteInferenceProfile", "bedrock:TagResource", "bedrock:UntagResource"), OWN_PROFILES
    ),
    Statement(
        "GiveAndTakeAccess",
        (
            "iam:CreateRole",
            "iam:DeleteRole",
            "iam:DeleteRolePolicy",
            "iam:PutRolePolicy",
            "iam:TagRole",
            "iam:UpdateAssumeRolePolicy",
        ),
        ROLES,
    ),
    Statement("AttachOwnPolicies", ("iam:AttachRolePolicy", "iam:DetachRolePolicy"), ROLES, own_policies_only=True),
    Statement(
        "KeepOwnPolicies",
        (
            "iam:CreatePolicy",
            "iam:CreatePolicyVersion",
            "iam:DeletePolicy",
            "iam:DeletePolicyVersion",
            "iam:ListPolicyVersions",  # IAM keeps five: the oldest goes before another comes
            "iam:TagPolicy",
        ),
        OWN_POLICIES,
    ),
    Statement("KeepOwnBudgets", ("budgets:ModifyBudget",), OWN_BUDGETS),
)
# What a role needs to change a role: none of it may be turned on Atrium's own.
CHANGING_ROLES = (
    "iam:PutRolePolicy",
    "iam:DeleteRolePolicy",
    "iam:UpdateAssumeRolePolicy",
    "iam:DeleteRole",
    "iam:AttachRolePolicy",
    "iam:DetachRolePolicy",
)


# What Atrium's own identity does: it enters accounts, and writes the head of the audit chain to a bucket that it keeps.
HOME = (
    Statement("EnterAccounts", ("sts:AssumeRole",), ("arn:aws:iam::*:role/atrium-control",)),
    Statement("FindAnchors", ("s3:ListBucketVersions",), ("arn:aws:s3:::{bucket}",)),
    Statement(
        "KeepAnchors",
        ("s3:GetObjectRetention", "s3:GetObjectVersion", "s3:PutObject", "s3:PutObjectRetention"),
        ("arn:aws:s3:::{bucket}/*",),
    ),
)


def policy(number: str, own_role: str, *, writing: bool) -> dict[str, Any]:
    """The policy of Atrium's role `own_role` (ARN) in an account; without writing it can read, meter and compare."""
    statements = [statement.document(account=number) for statement in (*READING, *(WRITING if writing else ()))]
    if writing:
        denied = {"Sid": "NeverItself", "Effect": "Deny", "Action": list(CHANGING_ROLES), "Resource": own_role}
        statements.append(denied)
    return {"Version": "2012-10-17", "Statement": statements}


def home_policy(bucket: str) -> dict[str, Any]:
    """The policy of Atrium's own identity; `bucket` is that of the audit trail."""
    return {"Version": "2012-10-17", "Statement": [one.document(bucket=bucket) for one in HOME]}


def actions(statements: Iterable[Statement]) -> frozenset[str]:
    """Every action that the statements allow."""
    return frozenset(name for statement in statements for name in statement.actions)
