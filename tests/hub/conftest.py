"""Accounts of the sandbox that trust Atrium, and a model that is cleared without any account."""

from collections.abc import Callable
from urllib.request import Request, urlopen

import pytest

from hub.account_setup import role_arn, template
from hub.models import AwsAccount
from portal.aws.session import AccountRef
from tests.hub.access_world import another_builder, world  # noqa: F401  # fixtures

PROD, DEV = "447100000212", "447100000339"
HOME_ACCOUNT = "111122223333"
REGIONS = ["eu-central-1", "eu-west-1"]


def install_stack(sandbox_url: str, account: AwsAccount | AccountRef, *, writing: bool = True) -> None:
    """Do what an administrator does in AWS with the template that Atrium shows."""
    shown = template(account, HOME_ACCOUNT, writing=writing)
    path = f"/_sandbox/accounts/{account.number}/stack"
    request = Request(f"{sandbox_url}{path}", data=shown.encode(), method="PUT")
    with urlopen(request) as answer:
        assert answer.status == 200


def an_account(number: str = PROD, **changes: object) -> AwsAccount:
    """An account as a row, in Frankfurt and Ireland; nobody trusts Atrium yet."""
    given = {
        "number": number,
        "name": f"group-{number[-3:]}",
        "regions": REGIONS,
        "role_arn": role_arn(number),
        "external_id": f"external-id-of-{number}",
        "home_account": HOME_ACCOUNT,
    }
    return AwsAccount.objects.create(**(given | changes))


@pytest.fixture
def connect(db: None, sandbox_url: str) -> Callable[..., AwsAccount]:
    """connect(number, regions=…): an account that trusts Atrium."""

    def make(number: str = PROD, **changes: object) -> AwsAccount:
        account = an_account(number, **changes)
        install_stack(sandbox_url, account)
        return account

    return make


@pytest.fixture
def prod_account(connect: Callable[..., AwsAccount]) -> AwsAccount:
    return connect(PROD)
