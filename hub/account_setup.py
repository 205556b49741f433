"""What an account's administrator installs so that Atrium can work there, as text to copy.

The trust names Atrium's home account and the external id, which answers the confused deputy:
docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html.
"""

import json
from typing import Any

from hub import account_policy
from hub.models import AwsAccount
from portal.aws.session import AccountRef

ROLE_NAME = "atrium-control"
STACK_NAME = "atrium-control"


def role_arn(number: str) -> str:
    """The role that Atrium assumes unless the account's administrator named another one."""
    return f"arn:aws:iam::{number}:role/{ROLE_NAME}"


def trust_policy(account: AwsAccount | AccountRef, home_account: str) -> dict[str, Any]:
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


def permissions(account: AwsAccount | AccountRef, *, writing: bool = True) -> dict[str, Any]:
    """What the role may do."""
    return account_policy.policy(account.number, account.role_arn, writing=writing)


def template(account: AwsAccount | AccountRef, home_account: str, *, writing: bool = True) -> str:
    """The CloudFormation template of the role, as JSON; without writing nothing can be provisioned by it."""
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": account.role_arn.rpartition("/")[2],
            "AssumeRolePolicyDocument": trust_policy(account, home_account),
            "Policies": [{"PolicyName": ROLE_NAME, "PolicyDocument": permissions(account, writing=writing)}],
            "Tags": [{"Key": "managed-by", "Value": "atrium"}],
        },
    }
    return json.dumps(
        {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": "Lets Atrium read Bedrock and provision approved access in this account."
            if writing
            else "Lets Atrium read Bedrock and meter what is used in this account.",
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
