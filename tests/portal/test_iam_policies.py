"""The shipped IAM policies: what a linter that knows AWS's actions says, and that the checks of the record bite."""

import json
from pathlib import Path
from typing import Any

import pytest

from hub import account_policy
from tests.aws_record import Row, actions, strangers
from tests.portal.iam_lint import access_level, findings

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ["read-only", "with-writing", "home"]
PROD, DEV = "447100000212", "447100000339"


def shipped(name: str) -> dict[str, Any]:
    return json.loads((ROOT / f"docs/iam/{name}.json").read_text())


def allowing(action: str | list[str], resource: str = "*") -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}


@pytest.mark.parametrize(
    ("policy", "issue"),
    [
        (allowing("bedrock:ListNothing"), "UNKNOWN_ACTION"),
        (allowing("iam:CreatePolicyVersion"), "RESOURCE_STAR"),
        (allowing("s3:GetObject", "arn:aws:iam::447100000212:role/x"), "RESOURCE_MISMATCH"),
        (allowing("nothing:*"), "UNKNOWN_PREFIX"),
        ({"Statement": {}}, "MALFORMED"),
    ],
)
def test_the_linter_finds_what_is_wrong(policy: dict[str, Any], issue: str) -> None:
    assert issue in findings(policy)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_linter_finds_nothing_in_what_is_shipped(name: str) -> None:
    assert findings(shipped(name)) == set()


def test_the_policy_for_reading_permits_nothing_else() -> None:
    reading = account_policy.actions(account_policy.READING)
    assert {access_level(action) for action in reading} == {"List", "Read"}
    writing = account_policy.actions(account_policy.WRITING) - {"iam:ListPolicyVersions"}  # read to delete the oldest
    assert {access_level(action) for action in writing} == {"Write", "Tagging", "Permissions management"}


@pytest.mark.parametrize("name", SHIPPED)
def test_no_action_is_a_pattern(name: str) -> None:
    allowed = [one for one in shipped(name)["Statement"] if one["Effect"] == "Allow"]
    assert [action for one in allowed for action in one["Action"] if "*" in action] == []


def a_call(event: str, *, account: str = PROD, role: str = "atrium-control", **more: Any) -> Row:
    arn = f"arn:aws:iam::{account}:role/{role}" if account else ""
    place = {"process": 1, "host": "h", "account": account, "role": arn, "region": "eu-central-1", "service": "iam"}
    return {"event": event, "operation": "GetRole", **place, **more}


def issued(key: str, account: str, role: str = "atrium-control") -> Row:
    arn = f"arn:aws:sts::{account}:assumed-role/{role}/atrium"
    return a_call("answered", account="", operation="AssumeRole", issued=key, arn=arn)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (a_call("sent", key="KEYDEV"), f"carried the key of arn:aws:sts::{DEV}"),
        (a_call("sent", key="KEYWORK"), "assumed-role/retail-assistant"),
        (a_call("sent", key="KEYNOBODY"), "which no AssumeRole issued"),
        (a_call("sent", key="KEYPROD", process=2), "which no AssumeRole issued"),
        (a_call("sent", account="", key="KEYPROD"), f"carried the key of arn:aws:sts::{PROD}"),
        (a_call("asked", params=["RoleName"], named=[DEV]), f"named a thing of {DEV}"),
    ],
)
def test_a_call_with_the_key_or_a_thing_of_another_is_found(call: Row, sentence: str) -> None:
    keys = [issued("KEYPROD", PROD), issued("KEYDEV", DEV), issued("KEYWORK", PROD, "retail-assistant")]
    (found,) = strangers([*keys, a_call("sent", key="KEYPROD"), call])
    assert sentence in found


def test_calls_with_the_right_keys_are_no_strangers() -> None:
    own = [a_call("sent", account="", key="HOME"), a_call("asked", account="", params=[], named=[PROD])]
    assert strangers([issued("KEYPROD", PROD), a_call("sent", key="KEYPROD"), *own]) == []


def test_the_record_says_what_is_permitted_under_another_name_and_what_parameters_demand() -> None:
    found = [
        a_call("asked", operation="CreateRole", params=["RoleName", "Tags"], named=[]),
        a_call("asked", service="budgets", operation="DescribeBudget", params=[], named=[]),
        a_call("asked", service="s3", operation="GetObject", params=["VersionId"], named=[]),
    ]
    assert actions(found) == {
        "atrium-control": {
            "iam:CreateRole", "iam:TagRole", "budgets:ViewBudget", "s3:GetObjectVersion", "s3:GetObjectRetention",
        }
    }  # fmt: skip
