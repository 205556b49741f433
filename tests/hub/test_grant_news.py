"""Who is told that a grant was stopped or given back, what holds one up, and who runs its code."""

from datetime import timedelta

import pytest
from django.urls import reverse

from governance.models import Notification
from governance.roles import Auditor
from hub.account_setup import logging_command
from hub.actions import grants
from hub.models import Artefact, Grant
from portal.lib import clock
from tests.cast import person


@pytest.fixture
def active(world):
    """Active by the database's word alone."""
    made = world.approved()
    now = clock.now()
    arn = "arn:aws:bedrock:eu-central-1:447100000212:application-inference-profile/abc"
    Grant.objects.filter(pk=made.pk).update(state="active", activated_at=now, applied_at=now, profile_arn=arn)
    made.refresh_from_db()
    return made


def told(user):
    return [one.sentence for one in Notification.objects.filter(user=user, kind="stopped").order_by("pk")]


def page(client, user, grant):
    client.force_login(user)
    return client.get(reverse("access:grant-detail", args=[grant.uid])).text


# News


def test_who_asked_and_the_owners_read_who_froze_it_and_why(active, cast):
    grants.freeze(active, reason="Odd traffic.", by=cast.security)
    sentence = f"{active}: {cast.security} froze it; Atrium denies every call of it in AWS now. Why: Odd traffic."
    assert told(cast.builder_retail) == told(cast.owner_retail) == [sentence]
    assert told(cast.security) == told(cast.owner_insurance) == []


def test_each_turn_is_told_and_nobody_is_told_what_they_did(active, cast):
    grants.freeze(active, reason="Odd traffic.", by=cast.security)
    grants.unfreeze(active, reason="A load test.", by=cast.security)
    grants.freeze(active, reason="Odd traffic.", by=cast.security)
    grants.revoke(active, reason="The project ended.", by=cast.owner_retail)
    assert [sentence.partition(": ")[2].partition(";")[0] for sentence in told(cast.builder_retail)] == [
        f"{cast.security} froze it",
        f"{cast.security} unfroze it",
        f"{cast.security} froze it",
        f"{cast.owner_retail} revoked it for good",
    ]
    assert len(told(cast.owner_retail)) == 3


def test_a_long_reason_is_cut_at_a_mark(active, cast):
    grants.revoke(active, reason="because " * 60, by=cast.owner_retail)
    [sentence] = told(cast.builder_retail)
    assert sentence.endswith("…")


def test_the_end_date_is_told_once(active, cast):
    with clock.set_to(active.ends_at + timedelta(hours=1)):
        grants.expire_due()
        grants.expire_due()
    for user in (cast.builder_retail, cast.owner_retail):
        assert told(user) == [f"{active}: It reached its end date; Atrium removes it from AWS now."]


# What holds it up


def test_logging_that_is_off_is_cured_by_the_command_of_the_accounts_page(client, world, cast):
    grant = world.approved()
    assert "put-model-invocation-logging-configuration" not in page(client, cast.builder_retail, grant)
    Grant.objects.filter(pk=grant.pk).update(state="provisioning_failed", error="Logging is off.")
    Artefact.objects.filter(grant=grant, kind="invocation_logging").update(state="failed", error="Logging is off.")
    account = reverse("hub:account-detail", args=[grant.account.uid])
    cure = logging_command(grant.account.number, grant.region).splitlines()[0]
    for user, sees in ((cast.builder_retail, False), (cast.platform_person, True), (person("Ada", Auditor.name), True)):
        shown = page(client, user, grant)
        assert cure in shown
        assert (account in shown) is sees


# Who runs its code


def test_the_code_says_as_whom_it_runs_and_how_to_become_that_in_the_sandbox(
    client, active, cast, world, settings, sandbox_url
):
    settings.AWS_ENDPOINT_URL = sandbox_url
    shown = page(client, cast.builder_retail, active)
    assert f"It runs as <code>{world.role_arn}</code>: your workload" in shown
    for words in (
        "In the sandbox, not AWS",
        f"AWS_ENDPOINT_URL={sandbox_url}",
        "AWS_ACCESS_KEY_ID=AKIASANDBOXWORK00212",
    ):
        assert words in shown
    assert f"--role-arn {world.role_arn}" in shown


def test_a_sandbox_that_is_away_leaves_the_page_as_it_is(client, active, cast, world, settings):
    settings.AWS_ENDPOINT_URL = "http://127.0.0.1:9"
    shown = page(client, cast.builder_retail, active)
    assert "The sandbox does not answer" in shown
    assert world.role_arn in shown
    assert "AKIASANDBOX" not in shown


def test_at_aws_a_made_role_says_how_to_become_it_and_a_named_one_needs_nothing(client, world, cast, settings):
    settings.SANDBOX = False
    for changes, words in (
        ({"role_arns": (), "create_role": True}, "the role that Atrium made"),
        ({}, "your workload"),
    ):
        grant = world.approved(**changes)
        Grant.objects.filter(pk=grant.pk).update(state="active", activated_at=clock.now())
        shown = page(client, cast.builder_retail, grant)
        assert words in shown
        assert ("sts assume-role" in shown) is bool(changes)
        assert "AWS_ENDPOINT_URL" not in shown
