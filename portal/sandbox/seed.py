"""The accounts that the sandbox starts with: Atrium's home and two workload accounts, the same in each run."""

import json
from typing import Any

from moto.bedrock.models import bedrock_backends
from moto.iam.models import AccessKey, iam_backends
from moto.moto_api._internal import mock_random
from moto.s3.models import s3_backends

from portal.sandbox.invocation_log import permission_check

HOME = "111122223333"
ACCOUNTS = {"447100000212": "group-prod", "447100000339": "group-dev"}
REGIONS = ("eu-central-1", "eu-west-1", "us-east-1")
LOGGED_REGIONS = ("eu-central-1", "us-east-1")  # in eu-west-1 invocation logging is off, so that this is met too
CONTROL_ROLE = "atrium-control"
VAULT = "atrium-audit"
SECRET = "sandbox"  # noqa: S105  # opens nothing outside this machine
HOME_KEY = "AKIASANDBOXHOME00001"
WORKLOAD_ROLES = (
    "retail-callsummary",
    "retail-assistant",
    "insurance-claims",
    "wealth-advisor",
    "treasury-report",
    "tech-codeassist",
    "corp-contracts",
)


def seed() -> None:
    """Fills empty backends."""
    mock_random.seed(212)
    _user(HOME, "atrium", HOME_KEY, [_allow("sts:AssumeRole", f"arn:aws:iam::*:role/{CONTROL_ROLE}"), *_vault_access()])
    for account in ACCOUNTS:
        _account(account)


def seed_vault() -> None:
    """Makes the bucket in which Atrium anchors its audit trail, with Object Lock, unless it is there."""
    backend = s3_backends[HOME]["aws"]
    if VAULT not in backend.buckets:
        backend.create_bucket(VAULT, REGIONS[0]).object_lock_enabled = True
        backend.put_bucket_versioning(VAULT, "Enabled")


def workload_key(account: str) -> str:
    """Access key of the account's own administrator, by which a workload role can be assumed as the workload does."""
    return f"AKIASANDBOXWORK{account[-5:]}"


def logging_bucket(account: str, region: str) -> str:
    return f"atrium-bedrock-logs-{account}-{region}"


def _account(account: str) -> None:
    _user(
        account, "workload-admin", workload_key(account), [_allow("sts:AssumeRole", f"arn:aws:iam::{account}:role/*")]
    )
    trust = _trust({"Service": "ecs-tasks.amazonaws.com", "AWS": f"arn:aws:iam::{account}:root"}, {})
    for name in WORKLOAD_ROLES:
        _role(account, name, trust)
    for region in REGIONS:
        backend = bedrock_backends[account][region]
        backend.guardrails.seed(region, account)
        s3_backends[account]["aws"].create_bucket(logging_bucket(account, region), region)
        if region in LOGGED_REGIONS:
            s3_config = {"bucketName": logging_bucket(account, region), "keyPrefix": ""}
            permission_check(account, region, s3_config)
            backend.put_model_invocation_logging_configuration(
                {"s3Config": s3_config, "textDataDeliveryEnabled": True, "embeddingDataDeliveryEnabled": True}
            )


def _user(account: str, name: str, key_id: str, statements: list[dict[str, Any]]) -> None:
    backend = iam_backends[account]["aws"]
    user = backend.create_user("us-east-1", name)
    user.put_policy(name, json.dumps(_document(*statements)))
    key = AccessKey(name, prefix="AKIA", account_id=account)
    key.access_key_id, key.secret_access_key = key_id, SECRET
    user.access_keys.append(key)
    backend.access_keys[key_id] = key


def _role(account: str, name: str, trust: dict[str, Any]) -> Any:
    return iam_backends[account]["aws"].create_role(
        role_name=name,
        assume_role_policy_document=json.dumps(trust),
        path="/",
        permissions_boundary=None,
        description="",
        tags=[],
        max_session_duration="3600",
    )


def _vault_access() -> list[dict[str, Any]]:
    bucket = f"arn:aws:s3:::{VAULT}"
    writing = ["s3:GetObjectRetention", "s3:GetObjectVersion", "s3:PutObject", "s3:PutObjectRetention"]
    return [_allow("s3:ListBucketVersions", bucket), _allow(writing, f"{bucket}/*")]


def _trust(principal: dict[str, str], condition: dict[str, Any]) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return _document(statement | ({"Condition": condition} if condition else {}))


def _allow(action: str | list[str], resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}
