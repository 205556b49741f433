"""An account whose administrator installed the role without writing: all is read there, and nothing is changed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from finops.actions.log_sync import KIND as LOGS
from finops.actions.log_sync import sync_logs
from governance.models import User
from hub import account_policy
from hub.actions import catalogue, grants
from hub.inventory import SYNC_KIND
from hub.models import Grant
from hub.provisioning import observing
from hub.provisioning.reconciler import reconcile
from portal.aws import iam
from portal.aws import session as aws
from portal.aws.errors import AccessDenied
from portal.aws.runtime import converse
from portal.jobs.models import SyncRun
from tests.aws_record import CONTROL, actions, rows
from tests.cast import Cast
from tests.hub.access_world import REGION, World
from tests.hub.conftest import install_stack

READING = account_policy.actions(account_policy.READING)


@pytest.fixture
def granted(world: World, sandbox_url: str) -> Iterator[Grant]:
    """An active grant, made and called while Atrium could write."""
    grant = driven(world.approved())
    assert grant.state == "active", grant.error
    workload = aws.assume(world.account.ref, world.role_arn, "workload", REGION)
    pin = world.guardrail
    converse(workload, grant.profile_arn, "Say ready.", guardrail=(pin.guardrail.guardrail_id, pin.version))
    yield grant
    # The account outlives the test's database: nothing of a grant may stay in it.
    install_stack(sandbox_url, world.account)
    aws.forget(world.account.ref)
    for one in Grant.objects.exclude(state__in=Grant.ENDED):
        Grant.objects.filter(pk=one.pk).update(wanted="nothing")
        reconcile(one.pk)


@pytest.fixture
def read_only(world: World, granted: Grant, sandbox_url: str) -> Grant:
    """The grant, in an account where Atrium can only read from now on."""
    install_stack(sandbox_url, world.account, writing=False)
    return granted


@pytest.fixture
def record(read_only: Grant, world: World, tmp_path: Path) -> Iterator[Path]:
    """The calls of this test alone, made with keys that no other test uses."""
    aws.forget(world.account.ref)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(django_settings, "AWS_CALL_LOG", str(tmp_path / "calls"))
        yield tmp_path / "calls"
    aws.forget(world.account.ref)


def driven(grant: Grant) -> Grant:
    reconcile(grant.pk)
    grant.refresh_from_db()
    return grant


def observed(grant: Grant) -> dict[str, str]:
    observing.observe(grant.pk)
    return dict(grant.artefacts.exclude(state="absent").values_list("kind", "drift"))


def read_everything(world: World, grant: Grant) -> None:
    """The catalogue, the logs and the grant, as the schedules do."""
    world.account.regions = [REGION]
    world.account.save()
    catalogue.sync_account(world.account)
    sync_logs(world.account.found_regions.get(region=REGION))
    assert set(observed(grant).values()) == {"in_sync"}
    for kind, scope in ((SYNC_KIND, world.account.number), (LOGS, f"{world.account.number}/{REGION}")):
        run = SyncRun.objects.filter(kind=kind, scope=scope).latest("pk")
        assert (run.state, run.error) == (SyncRun.State.DONE, ""), kind
        assert run.rows > 0, kind


def test_all_that_reads_works_and_uses_exactly_what_the_policy_for_reading_permits(
    world: World, granted: Grant, cast: Cast, sandbox_url: str, request: pytest.FixtureRequest
) -> None:
    """A frozen grant is read too: its denial is an inline policy, which nothing else is."""
    grants.freeze(granted, reason="Odd traffic.", by=cast.security)
    assert driven(granted).state == "frozen"
    record: Path = request.getfixturevalue("record")
    read_everything(world, granted)
    assert actions(rows(record))[CONTROL] == READING


def test_drift_is_found(world: World, read_only: Grant, sandbox_url: str) -> None:
    install_stack(sandbox_url, world.account)
    opened = aws.for_account(world.account.ref, REGION)
    policy = iam.get_policy(opened, f"atrium-{read_only.slug}")
    assert policy is not None
    changed = policy.document | {"Statement": policy.document["Statement"][:1]}
    changed["Statement"][0]["Resource"] = "*"
    iam.put_policy(opened, policy.arn, changed)
    install_stack(sandbox_url, world.account, writing=False)
    assert observed(read_only)["iam_policy"] == "drifted"


def test_a_grant_there_fails_with_a_sentence_that_names_what_is_missing(
    world: World, read_only: Grant, record: Path, another_builder: User
) -> None:
    refused = driven(world.approved(by=another_builder, environment="dev"))
    assert refused.state != "active"
    assert "is not authorized to perform: " in refused.error
    assert "because no identity-based policy allows the " in refused.error
    made = [row for row in rows(record) if row["event"] == "asked" and row["role"].endswith(CONTROL)]
    assert made, "nothing was tried"


@pytest.mark.parametrize("writing", [False, True])
def test_atriums_own_role_is_out_of_its_reach(world: World, granted: Grant, sandbox_url: str, writing: bool) -> None:
    install_stack(sandbox_url, world.account, writing=writing)
    opened = aws.for_account(world.account.ref, REGION)
    why = "with an explicit deny in an identity-based policy" if writing else "because no identity-based policy allows"
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    with pytest.raises(AccessDenied, match=rf"iam:PutRolePolicy on resource: {world.account.role_arn} {why}"):
        iam.put_inline(opened, CONTROL, "more", everything)


def test_only_policies_of_atriums_own_can_be_attached(world: World, granted: Grant) -> None:
    opened = aws.for_account(world.account.ref, REGION)
    administrators = f"arn:aws:iam::{world.account.number}:policy/AdministratorAccess"
    with pytest.raises(AccessDenied, match="because no identity-based policy allows the iam:AttachRolePolicy action"):
        iam.attach(opened, administrators, world.role_arn.rpartition("/")[2])
