"""A worker killed at every step of provisioning, before and after AWS did what it was told: the same AWS in the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from governance.models import AuditEvent
from governance.vocabulary import Verb
from hub.actions import grants
from hub.models import Grant
from portal.aws import profiles
from portal.aws.session import for_account
from portal.local.stack import Stack
from tests.cast import make_cast, use_case
from tests.conftest import CommittedDatabase
from tests.faults.aws_proxy import AwsProxy, proxied
from tests.faults.granted import of_grant, of_role
from tests.faults.harness import Hit, finish, kill_at_work, machine, until
from tests.hub.access_world import REGION, World, make_world
from tests.hub.conftest import an_account, install_stack

QUIET_ROLE, KILLED_ROLE = "retail-assistant", "retail-callsummary"

# One before and one after each call that changes AWS, and one at each call that only looks: so every pair of steps
# has a kill between them, and each change is once lost and once done without anybody knowing.
WHILE_PROVISIONING = [
    ("GET /logging", "after"),
    ("GET /guardrails", "after"),
    ("POST /inference-profiles", "before"),
    ("POST /inference-profiles", "after"),
    ("UpdateAssumeRolePolicy", "before"),
    ("UpdateAssumeRolePolicy", "after"),
    ("CreatePolicy", "before"),
    ("CreatePolicy", "after"),
    ("AttachRolePolicy", "after"),
    ("CreateBudget", "before"),
    ("CreateBudget", "after"),
    ("POST /model", "before"),
    ("POST /model", "after"),
]
WHILE_REVOKING = [
    ("DetachRolePolicy", "after"),
    ("DeletePolicy", "after"),
    ("UpdateAssumeRolePolicy", "after"),
    ("DELETE /inference-profiles", "after"),
    ("DeleteBudget", "after"),
]


@pytest.fixture
def committed_world(committed_database: CommittedDatabase, sandbox_url: str) -> World:
    cast = make_cast()
    account = an_account()
    install_stack(sandbox_url, account)
    return make_world(cast, account)


@contextmanager
def worker_through(proxy: AwsProxy, database: CommittedDatabase) -> Iterator[Stack]:
    """A worker and a sweeper whose AWS is the proxy."""
    environ = {
        **database.environ,
        "AWS_ENDPOINT_URL": proxy.url,
        "AWS_ACCESS_KEY_ID": "AKIASANDBOXHOME00001",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
    }
    with machine(replace(database, environ=environ)) as stack:
        yield stack


def kill_at(proxy: AwsProxy, stack: Stack, operation: str, phase: str) -> Hit:
    """Let the worker come to that call, kill it there, and let the call go. The kill asserts an unfinished job."""
    gate = proxy.hold(operation, phase)
    hit = kill_at_work(stack, name="hub.reconcile", when=gate.reached.is_set)
    gate.opened.set()
    return hit


def changes_told(grant: Grant) -> list[str]:
    """What the trail says that was made or changed in AWS for a grant."""
    events = AuditEvent.objects.filter(verb=Verb.GRANT_APPLIED, subject_uid=str(grant.uid))
    return sorted(event.details["artefact"] for event in events)


def reaches(grant: Grant, state: str) -> None:
    until(lambda: Grant.objects.filter(pk=grant.pk, state=state).exists(), f"the grant is {state}")
    grant.refresh_from_db()


def test_a_worker_killed_at_each_step_leaves_the_same_aws_as_one_that_was_left_alone(
    committed_world: World, committed_database: CommittedDatabase, sandbox_url: str
) -> None:
    world, cast = committed_world, committed_world.cast
    role_arn = f"arn:aws:iam::{world.account.number}:role/{{}}"
    quiet_case = use_case(cast.retail, cast.builder_retail, name="Complaint summary")
    before = of_role(world, KILLED_ROLE)
    with proxied(sandbox_url) as proxy, worker_through(proxy, committed_database) as stack:
        quiet = world.approved(use_case=quiet_case, role_arns=(role_arn.format(QUIET_ROLE),))
        reaches(quiet, "active")
        killed = world.approved(role_arns=(role_arn.format(KILLED_ROLE),))
        hits = [kill_at(proxy, stack, operation, phase) for operation, phase in WHILE_PROVISIONING]
        reaches(killed, "active")
        finish(stack)
        assert of_grant(world, killed, KILLED_ROLE) == of_grant(world, quiet, QUIET_ROLE)
        assert of_role(world, KILLED_ROLE) == of_role(world, QUIET_ROLE) != before
        assert set(killed.artefacts.values_list("state", flat=True)) == {"present"}
        assert changes_told(killed) == changes_told(quiet), "what a dead worker did is on the trail as well"

        grants.revoke(quiet, reason="The test is over.", by=cast.owner_retail)
        reaches(quiet, "revoked")
        grants.revoke(killed, reason="The test is over.", by=cast.owner_retail)
        hits += [kill_at(proxy, stack, operation, phase) for operation, phase in WHILE_REVOKING]
        reaches(killed, "revoked")
        finish(stack)
        assert of_grant(world, killed, KILLED_ROLE) == of_grant(world, quiet, QUIET_ROLE)
        assert of_role(world, KILLED_ROLE) == of_role(world, QUIET_ROLE) == before
        assert not profiles.find(for_account(world.account.ref, REGION), killed.slug)
        # Every kill took another claim away from a worker that was at work.
        assert len({(hit.job, hit.attempt) for hit in hits}) == len(WHILE_PROVISIONING) + len(WHILE_REVOKING)
