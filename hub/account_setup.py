"""What an account's administrator installs so that Atrium can work there, as text to copy.

The trust names Atrium's home account and the external id, which answers the confused deputy:
docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html.
"""

import json
from typing import Any

from hub.models import AwsAccount
from hub.plans.naming import PREFIX

ROLE_NAME = "atrium-control"
STACK_NAME = "atrium-control"

# What Atrium does there, by statement. IAM changes are made to roles that requests name, so they cannot be narrowed
# to names of Atrium's own; the managed policies that are attached to them can, and its own role is out of its reach.
STATEMENTS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("ReadBedrock", ("bedrock:Get*", "bedrock:List*"), "*"),
    (
        "ManageProfiles",
        (
            "bedrock:CreateInferenceProfile",
            "bedrock:DeleteInferenceProfile",
            "bedrock:CreateGuardrailVersion",
            "bedrock:TagResource",
            "bedrock:UntagResource",
        ),
        "*",
    ),
    (
        "GiveAndTakeAccess",
        (
            "iam:GetRole",
            "iam:CreateRole",
            "iam:DeleteRole",
            "iam:TagRole",
            "iam:UpdateAssumeRolePolicy",
            "iam:GetRolePolicy",
            "iam:ListRolePolicies",
            "iam:PutRolePolicy",
            "iam:DeleteRolePolicy",
        ),
        "arn:aws:iam::{account}:role/*",
    ),
    (
        "KeepOwnPolicies",
        (
            "iam:GetPolicy",
            "iam:GetPolicyVersion",
            "iam:ListPolicyVersions",
            "iam:ListEntitiesForPolicy",
            "iam:CreatePolicy",
            "iam:CreatePolicyVersion",
            "iam:DeletePolicyVersion",
            "iam:DeletePolicy",
            "iam:TagPolicy",
        ),
        "arn:aws:iam::{account}:policy/atrium-*",
    ),
    ("KeepBudgets", ("budgets:ViewBudget", "budgets:ModifyBudget"), "*"),
    ("ReadInvocationLogs", ("s3:ListBucket", "s3:GetObject"), "arn:aws:s3:::*"),
)


ATTACHING = ("iam:AttachRolePolicy", "iam:DetachRolePolicy")
CHANGING_ROLES = ("iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:DeleteRole")


def role_arn(number: str) -> str:
    """The role that Atrium assumes unless the account's administrator named another one."""
    return f"arn:aws:iam::{number}:role/{ROLE_NAME}"


def trust_policy(account: AwsAccount, home_account: str) -> dict[str, Any]:
    """Who may assume the role: Atrium's home account, only with the external id of this account."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{home_account}:root"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": account.external_id}},
            }
        ],
    }


def permissions(account: AwsAccount) -> dict[str, Any]:
    """What the role may do."""
    allowed = [
        _statement(sid, "Allow", actions, resource.format(account=account.number))
        for sid, actions, resource in STATEMENTS
    ]
    own = {"ArnLike": {"iam:PolicyARN": f"arn:aws:iam::{account.number}:policy/{PREFIX}*"}}
    attach = _statement("AttachOwnPolicies", "Allow", ATTACHING, f"arn:aws:iam::{account.number}:role/*")
    keep_out = _statement("NeverItself", "Deny", (*CHANGING_ROLES, *ATTACHING), account.role_arn)
    return {"Version": "2012-10-17", "Statement": [*allowed, attach | {"Condition": own}, keep_out]}


def _statement(sid: str, effect: str, actions: tuple[str, ...], resource: str) -> dict[str, Any]:
    return {"Sid": sid, "Effect": effect, "Action": list(actions), "Resource": resource}


def template(account: AwsAccount, home_account: str) -> str:
    """The CloudFormation template of the role, as JSON."""
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": account.role_arn.rpartition("/")[2],
            "AssumeRolePolicyDocument": trust_policy(account, home_account),
            "Policies": [{"PolicyName": ROLE_NAME, "PolicyDocument": permissions(account)}],
            "Tags": [{"Key": "managed-by", "Value": "atrium"}],
        },
    }
    return json.dumps(
        {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": "Lets Atrium read Bedrock and provision approved access in this account.",
            "Resources": {"AtriumControl": role},
        },
        indent=2,
    )


def deploy_command() -> str:
    """How to install the template once it is saved as atrium-control.json."""
    return (
        f"aws cloudformation deploy --stack-name {STACK_NAME} \\\n"
        "  --template-file atrium-control.json --capabilities CAPABILITY_NAMED_IAM"
    )


def logging_bucket(number: str, region: str) -> str:
    """The bucket that the cure for missing logs proposes; it must be in the account and region that it logs."""
    return f"atrium-bedrock-logs-{number}-{region}"


def logging_command(number: str, region: str) -> str:
    """How to turn invocation logging to S3 on in one region. The bucket must exist and admit bedrock.amazonaws.com."""
    config = {
        "s3Config": {"bucketName": logging_bucket(number, region), "keyPrefix": ""},
        "textDataDeliveryEnabled": True,
        "embeddingDataDeliveryEnabled": True,
        "imageDataDeliveryEnabled": False,
    }
    return (
        f"aws bedrock put-model-invocation-logging-configuration --region {region} \\\n"
        f"  --logging-config '{json.dumps(config)}'"
    )
