"""Reading the record of all calls to AWS (portal/aws/recording.py): which actions were used, and whose keys."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Row = dict[str, Any]

# Where an operation is permitted under another name; the rest are permitted under their own.
# Source: docs.aws.amazon.com/service-authorization/latest/reference/.
PERMITTED_AS = {
    "bedrock-runtime:Converse": "bedrock:InvokeModel",
    "bedrock-runtime:InvokeModel": "bedrock:InvokeModel",
    "budgets:CreateBudget": "budgets:ModifyBudget",
    "budgets:DeleteBudget": "budgets:ModifyBudget",
    "budgets:DescribeBudget": "budgets:ViewBudget",
    "budgets:DescribeBudgets": "budgets:ViewBudget",
    "budgets:UpdateBudget": "budgets:ModifyBudget",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
}
# What a parameter demands beside the operation, in which (service, operation).
PARAMETERS = {
    ("bedrock:CreateInferenceProfile", "tags"): ("bedrock:TagResource",),
    ("iam:CreatePolicy", "Tags"): ("iam:TagPolicy",),
    ("iam:CreateRole", "Tags"): ("iam:TagRole",),
    ("s3:GetObject", "VersionId"): ("s3:GetObjectRetention", "s3:GetObjectVersion"),
    ("s3:PutObject", "ObjectLockMode"): ("s3:PutObjectRetention",),
}
CONTROL = "atrium-control"
HOME = ""


def rows(path: Path) -> list[Row]:
    """The record, in the order in which it was written."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def actions(found: Iterable[Row]) -> dict[str, set[str]]:
    """The actions that were used, by the name of the role that used them ("" for Atrium's own identity)."""
    used: dict[str, set[str]] = {}
    for row in found:
        if row["event"] == "asked":
            used.setdefault(row["role"].rpartition("/")[2], set()).update(_actions(row))
    return used


def _actions(row: Row) -> set[str]:
    called = f"{row['service']}:{row['operation']}"
    more = {action for name in row["params"] for action in PARAMETERS.get((called, name), ())}
    if "s3:GetObjectVersion" in more:  # asked for instead of s3:GetObject
        return more
    return {PERMITTED_AS.get(called, called)} | more


def strangers(found: Iterable[Row], planted: frozenset[str] = frozenset()) -> list[str]:
    """A sentence for each call that carried another account's or role's key, or named another account's thing.

    A key belongs to the role for which AssumeRole issued it, in the same process and from the same endpoint.
    planted: keys that a test made up, which no AssumeRole issued.
    """
    issued: dict[tuple[int, str, str], str] = {}
    wrong = []
    for row in found:
        if row["event"] == "answered":
            issued[row["process"], row["host"], row["issued"]] = row["arn"]
        elif row["event"] == "sent" and row["key"] not in planted:
            wrong += _stranger(row, issued.get((row["process"], row["host"], row["key"]), ""))
        elif row["event"] == "asked" and row["account"]:
            wrong += [f"{_call(row)} named a thing of {other}" for other in row["named"] if other != row["account"]]
    return wrong


def _stranger(row: Row, arn: str) -> list[str]:
    """arn: the session that the key was issued for, "" if it was not issued."""
    if row["account"] == HOME:
        return [f"{_call(row)} carried the key of {arn}"] if arn else []
    if not arn:
        return [f"{_call(row)} carried the key {row['key']}, which no AssumeRole issued"]
    account, role = arn.split(":")[4], arn.split("/")[1]
    right = account == row["account"] and role == row["role"].rpartition("/")[2]
    return [] if right else [f"{_call(row)} carried the key of {arn}"]


def _call(row: Row) -> str:
    where, who = row["account"] or "the account of Atrium", row["role"] or "itself"
    return f"{row['service']}:{row['operation']} in {where} as {who}"
