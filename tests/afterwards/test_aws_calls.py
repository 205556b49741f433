"""What the whole suite called in AWS, looked at when it is over: `make test` without arguments runs this last."""

import os
from functools import cache
from pathlib import Path

import pytest

from hub import account_policy
from tests.aws_record import CONTROL, HOME, Row, actions, rows, strangers

SHIPPED = account_policy.actions((*account_policy.READING, *account_policy.WRITING))
SHIPPED_HOME = account_policy.actions(account_policy.HOME)
# Used by Atrium's role in an account and not in its policy, with the reason.
NOT_NEEDED = {
    "sts:AssumeRole": "a workload's role lets Atrium in by its own trust, which is enough within one account",
}
# The same for Atrium's own identity.
NOT_NEEDED_AT_HOME = {"sts:GetCallerIdentity": "AWS asks for no permission"}
# Shipped and not used in any test, with the reason.
OUT_OF_REACH: dict[str, str] = {}
# Keys that a test made up to see a refusal; no AssumeRole issued them.
PLANTED = frozenset({"ASIAUNKNOWNSESSION01"})


@cache
def record() -> list[Row]:
    path = Path(os.environ["ATRIUM_AWS_CALL_LOG"])
    assert path.exists(), "nothing was recorded: this runs after the whole suite, by `make test`"
    return rows(path)


def test_the_record_holds_the_calls_of_many_processes() -> None:
    assert len({row["process"] for row in record()}) > 2
    assert len(record()) > 1000


def test_what_is_used_in_an_account_is_shipped_and_what_is_shipped_is_used() -> None:
    used = actions(record())[CONTROL]
    assert used - SHIPPED - set(NOT_NEEDED) == set(), "used, and not in docs/iam/with-writing.json"
    assert SHIPPED - used - set(OUT_OF_REACH) == set(), "in docs/iam/with-writing.json, and never used"


def test_what_atrium_itself_uses_is_shipped_and_what_is_shipped_is_used() -> None:
    used = actions(record())[HOME]
    assert used - SHIPPED_HOME - set(NOT_NEEDED_AT_HOME) == set(), "used, and not in docs/iam/home.json"
    assert SHIPPED_HOME - used == set(), "in docs/iam/home.json, and never used"


def test_a_reason_stands_only_beside_what_still_needs_one() -> None:
    used = actions(record())
    assert set(NOT_NEEDED) <= used[CONTROL] - SHIPPED
    assert set(NOT_NEEDED_AT_HOME) <= used[HOME] - SHIPPED_HOME
    assert set(OUT_OF_REACH) <= SHIPPED - used[CONTROL]


def test_as_a_workload_atrium_only_calls_models() -> None:
    used = {role: found for role, found in actions(record()).items() if role not in (HOME, CONTROL)}
    assert used, "no workload's role was probed"
    assert set().union(*used.values()) == {"bedrock:InvokeModel"}


def test_no_call_for_one_account_or_role_carried_the_key_of_another() -> None:
    assert strangers(record(), PLANTED) == []


@pytest.mark.parametrize("role", [CONTROL, HOME])
def test_both_identities_were_at_work(role: str) -> None:
    assert any(row["event"] == "sent" and row["role"].rpartition("/")[2] == role for row in record())
