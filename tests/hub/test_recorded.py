"""What Atrium changed in AWS is on the trail, also when the attempt that changed it did not live to say so."""

import json
from collections.abc import Iterator

import pytest

from governance.models import AuditEvent
from governance.vocabulary import Verb
from hub.actions import grants
from hub.models import Artefact, Grant
from hub.provisioning import observing
from hub.provisioning.found import Unsettled
from hub.provisioning.reconciler import reconcile
from portal.aws import iam, sandbox
from portal.aws.session import for_account
from tests.hub.access_world import REGION, ROLE, World, use_case_of
from tests.hub.test_provisioning import driven, in_aws


@pytest.fixture
def grant(world: World, sandbox_url: str) -> Iterator[Grant]:
    made = world.approved()
    yield made
    sandbox.clear_faults()
    # The account outlives the test's database: nothing of the grant may stay in it.
    Grant.objects.filter(pk=made.pk).exclude(state__in=Grant.ENDED).update(wanted="nothing")
    reconcile(made.pk)


def fault(world: World, kind: str, operation: str, seconds: float | None = None) -> None:
    sandbox.set_fault(account=world.account.number, operation=operation, kind=kind, rate=1, seconds=seconds, seed=1)


def hits() -> int:
    (set_now,) = sandbox.faults().faults
    return set_now.hits


def told(grant: Grant, verb: Verb = Verb.GRANT_APPLIED) -> list[tuple[str, str]]:
    """(kind of artefact, how) of each event, in their order."""
    events = AuditEvent.objects.filter(verb=verb, subject_uid=str(grant.uid)).order_by("pk")
    return [(event.details.get("artefact", ""), event.details.get("how", "")) for event in events]


EVERYTHING = [(kind, "created") for kind in ("inference_profile", "role_trust", "iam_policy", "aws_budget")]


def test_what_aws_shows_late_is_told_once_it_shows(world: World, grant: Grant) -> None:
    fault(world, "late-reads", "iam:CreatePolicy", seconds=60)
    with pytest.raises(Unsettled):
        reconcile(grant.pk)
    assert hits() == 1
    assert "iam_policy" not in dict(told(grant))
    sandbox.clear_faults()  # and shows everything from now on
    assert driven(grant).state == "active", grant.error
    assert sorted(told(grant)) == sorted(EVERYTHING)


def test_a_step_that_stopped_half_way_is_told_when_people_did_the_rest(world: World, grant: Grant) -> None:
    fault(world, "access-denied", "iam:AttachRolePolicy")
    assert driven(grant).state == "provisioning_failed"
    assert hits() == 1
    sandbox.clear_faults()
    session = for_account(world.account.ref, REGION)
    policy = iam.get_policy(session, f"atrium-{grant.slug}")
    assert policy, "it was made before the step stopped"
    iam.attach(session, policy.arn, ROLE)
    grants.retry(grant, by=world.cast.builder_retail)
    assert driven(grant).state == "active", grant.error
    assert sorted(told(grant)) == sorted(EVERYTHING)


def test_a_deny_that_was_put_back_is_told_although_its_run_was_lost(world: World, grant: Grant) -> None:
    driven(grant)
    grants.freeze(grant, reason="Odd traffic.", by=world.cast.security)
    driven(grant)
    assert told(grant)[-1] == ("denial", "created")
    for_account(world.account.ref, REGION).client("iam").delete_role_policy(
        RoleName=ROLE, PolicyName=f"atrium-freeze-{grant.slug}"
    )
    fault(world, "late-reads", "iam:PutRolePolicy", seconds=60)
    with pytest.raises(Unsettled):
        reconcile(grant.pk)
    assert hits() == 1
    sandbox.clear_faults()
    before = len(told(grant))
    assert driven(grant).state == "frozen"
    assert told(grant)[before:] == [("denial", "created")]


def test_a_deny_that_nobody_wrote_down_is_taken_away_all_the_same(world: World, grant: Grant) -> None:
    driven(grant)
    for by_whom in (grants.freeze, grants.unfreeze):
        by_whom(grant, reason="A drill.", by=world.cast.security)
        driven(grant)
    grants.freeze(grant, reason="Odd traffic.", by=world.cast.security)
    fault(world, "late-reads", "iam:PutRolePolicy", seconds=60)
    with pytest.raises(Unsettled):
        reconcile(grant.pk)
    # As a process leaves it that died before it wrote the failure down.
    Artefact.objects.filter(grant=grant, kind="denial").update(state="absent", error="")
    sandbox.clear_faults()
    grants.unfreeze(grant, reason="It was a load test.", by=world.cast.security)
    assert driven(grant).state == "active", grant.error
    assert in_aws(world, grant)["inline"] == []


def test_what_is_there_already_is_told_as_found(world: World, grant: Grant) -> None:
    driven(grant)
    other = driven(world.approved(use_case=use_case_of(world)))
    assert ("role_trust", "found") in told(other)
    grants.revoke(other, reason="The project ended.", by=world.cast.owner_retail)
    driven(other)


def test_looking_again_tells_nothing(world: World, grant: Grant) -> None:
    driven(grant)
    count = AuditEvent.objects.count()
    observing.observe(grant.pk)
    driven(grant)
    assert AuditEvent.objects.count() == count


def test_a_run_that_goes_on_says_so_before_it_changes_aws(world: World, grant: Grant) -> None:
    fault(world, "throttling", "iam:CreatePolicy")
    with pytest.raises(Exception, match=r"(?i)thrott|rate"):
        reconcile(grant.pk)
    assert hits() > 0
    sandbox.clear_faults()
    assert driven(grant).state == "active", grant.error
    begun = AuditEvent.objects.filter(verb=Verb.GRANT_PROVISIONING, subject_uid=str(grant.uid)).order_by("pk")
    assert [event.details.get("again", False) for event in begun] == [False, True]
    assert json.dumps(told(grant)).count("created") == len(EVERYTHING)
