"""Taking in accounts and testing the connection to them."""

import json

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from governance.models import AuditEvent, Tenant, User
from governance.vocabulary import Verb
from hub import account_setup
from hub.actions import accounts
from hub.models import AwsAccount
from portal.aws.errors import AccessDenied
from portal.aws.session import for_account
from portal.jobs.models import SyncRun
from portal.lib.errors import NotAllowed, Refused
from tests.hub.conftest import DEV, PROD, an_account, install_stack

pytestmark = pytest.mark.django_db

NEW = {"number": PROD, "name": "group-prod", "environment": "prod", "regions": ["eu-central-1", "eu-west-1"]}


def test_atrium_makes_the_external_id_of_an_account(platform_person: User) -> None:
    account = accounts.add(**NEW, by=platform_person)
    other = accounts.add(**NEW | {"number": DEV}, by=platform_person)
    assert len(account.external_id) >= 43
    assert account.external_id != other.external_id
    assert account.role_arn == f"arn:aws:iam::{PROD}:role/atrium-control"
    assert account.state == AwsAccount.State.UNKNOWN


def test_the_external_id_is_not_in_the_audit(platform_person: User) -> None:
    account = accounts.add(**NEW, by=platform_person)
    event = AuditEvent.objects.get(verb=Verb.ACCOUNT_ADDED)
    assert account.external_id not in json.dumps(event.details)


def test_an_account_is_connected_once(platform_person: User) -> None:
    accounts.add(**NEW, by=platform_person)
    with pytest.raises(Refused, match="connected already") as refused:
        accounts.add(**NEW, by=platform_person)
    assert refused.value.field == "number"


def test_a_builder_cannot_connect_accounts(builder_retail: User) -> None:
    with pytest.raises(NotAllowed):
        accounts.add(**NEW, by=builder_retail)
    assert not AwsAccount.objects.exists()


def test_the_database_refuses_a_number_that_is_none() -> None:
    with pytest.raises(IntegrityError, match="aws_account_number_has_12_digits"), transaction.atomic():
        an_account("12345")


def test_the_template_trusts_atrium_with_the_external_id_of_the_account_alone() -> None:
    account = an_account()
    template = json.loads(account_setup.template(account, "111122223333"))
    role = template["Resources"]["AtriumControl"]["Properties"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": account.external_id}}
    assert role["RoleName"] == "atrium-control"


def test_the_template_lets_atrium_change_policies_of_its_own_name_only() -> None:
    statements = {one["Sid"]: one for one in account_setup.permissions(an_account())["Statement"]}
    assert statements["KeepOwnPolicies"]["Resource"] == f"arn:aws:iam::{PROD}:policy/atrium-*"
    assert not [one for one in statements.values() if "iam:*" in one["Action"] or "*" in one["Action"]]
    attaching = [one for one in statements.values() if "iam:AttachRolePolicy" in one["Action"]]
    assert [one["Condition"] for one in attaching if one["Effect"] == "Allow"] == [
        {"ArnLike": {"iam:PolicyARN": f"arn:aws:iam::{PROD}:policy/atrium-*"}}
    ]


def test_the_template_keeps_atrium_from_changing_its_own_role() -> None:
    """Else a request, or whoever holds Atrium's credentials, could give that role more than the account agreed to."""
    account = an_account()
    (denial,) = [one for one in account_setup.permissions(account)["Statement"] if one["Effect"] == "Deny"]
    assert denial["Resource"] == account.role_arn
    assert {"iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy"} <= set(denial["Action"])


def test_a_connection_that_works_says_what_it_read(sandbox_url: str, platform_person: User) -> None:
    account = accounts.add(**NEW, by=platform_person)
    install_stack(sandbox_url, account)
    checks = accounts.test(account=account, by=platform_person)
    assert account.state == AwsAccount.State.CONNECTED
    assert all(check.ok for check in checks)
    said = [check.sentence for check in checks]
    assert f"Invocation logs go to atrium-bedrock-logs-{PROD}-eu-central-1." in said
    assert "Invocation logging to S3 is off." in said
    assert AuditEvent.objects.get(verb=Verb.ACCOUNT_TESTED).details["failed"] == 0


def test_a_connection_without_trust_fails_with_a_sentence_and_stays_failing(
    sandbox_url: str, platform_person: User
) -> None:
    account = accounts.add(**NEW, by=platform_person)
    checks = accounts.test(account=account, by=platform_person)
    assert [check.ok for check in checks] == [False, False]
    assert account.state == AwsAccount.State.FAILING
    assert account.error.startswith("AWS refused sts AssumeRole")


def test_a_test_asks_aws_again_instead_of_using_what_it_remembers(sandbox_url: str, platform_person: User) -> None:
    account = accounts.add(**NEW, by=platform_person)
    install_stack(sandbox_url, account)
    accounts.test(account=account, by=platform_person)
    install_stack(sandbox_url, AwsAccount(number=PROD, external_id="somebody-elses", role_arn=account.role_arn))
    for_account(account.ref, "eu-central-1")  # remembered for up to an hour
    accounts.test(account=account, by=platform_person)
    assert account.state == AwsAccount.State.FAILING


def test_another_external_id_does_not_open_the_account(sandbox_url: str) -> None:
    account = an_account()
    install_stack(sandbox_url, account)
    account.external_id = "guessed"
    with pytest.raises(AccessDenied):
        for_account(account.ref, "eu-central-1")


def test_a_change_keeps_what_was_before(platform_person: User) -> None:
    account = an_account()
    accounts.change(account=account, name="Retail production", by=platform_person)
    assert AwsAccount.objects.get().name == "Retail production"
    assert AuditEvent.objects.get(verb=Verb.ACCOUNT_CHANGED).details == {"formerly": {"name": "group-212"}}


def test_the_external_id_cannot_be_changed(platform_person: User) -> None:
    with pytest.raises(TypeError, match="external_id"):
        accounts.change(account=an_account(), external_id="mine", by=platform_person)


def test_an_account_of_a_tenant_is_seen_by_its_people_and_a_shared_one_by_all(
    retail: Tenant, builder_retail: User, builder_insurance: User, platform_person: User, nobody: User
) -> None:
    own, shared = an_account(PROD, tenant=retail), an_account(DEV)
    assert set(AwsAccount.objects.visible_to(builder_retail)) == {own, shared}
    assert set(AwsAccount.objects.visible_to(builder_insurance)) == {shared}
    assert set(AwsAccount.objects.visible_to(platform_person)) == {own, shared}
    assert set(AwsAccount.objects.visible_to(nobody)) == set()


def test_an_account_is_called_as_aws_is_written() -> None:
    assert (AwsAccount._meta.verbose_name, AwsAccount._meta.verbose_name_plural) == ("AWS account", "AWS accounts")


def test_the_syncs_are_told_in_words_with_what_they_changed(platform_person: User, client: Client) -> None:
    account = an_account()
    SyncRun.objects.create(kind="catalogue", scope=f"{account.number}/eu-central-1", state="done", rows=0)
    client.force_login(platform_person)
    page = client.get(reverse("platform:sync-list")).content.decode()
    assert "Models, profiles and guardrails" in page
    assert f"{account.name} · Frankfurt" in page
    assert "nothing changed" in page
    assert "Sealing the audit trail" in page
