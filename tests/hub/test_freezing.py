"""Freezing when something else went wrong before: the deny names what is there, and only AWS's refusal proves it."""

from datetime import timedelta

import pytest

from governance.models import AuditEvent
from governance.vocabulary import Verb
from hub.actions import grants
from hub.models import Grant
from hub.provisioning import observing, probing
from hub.provisioning.ground import Ground
from hub.provisioning.reconciler import _give_access, reconcile
from portal.aws import profiles
from portal.aws import session as aws
from portal.aws.errors import AccessDenied
from portal.aws.runtime import converse
from portal.aws.sts import Credentials
from portal.lib import clock
from tests.hub.access_world import REGION, World


@pytest.fixture
def active(world: World) -> Grant:
    made = driven(world.approved())
    assert made.state == "active", made.error
    yield made
    # The account outlives the test's database: nothing of the grant may stay in it.
    Grant.objects.filter(pk=made.pk).exclude(state__in=Grant.ENDED).update(wanted="nothing")
    aws.forget(world.account.ref)
    reconcile(made.pk)


def driven(grant: Grant) -> Grant:
    reconcile(grant.pk)
    grant.refresh_from_db()
    return grant


def frozen(grant: Grant, by: object) -> Grant:
    grants.freeze(grant, reason="Odd traffic.", by=by)
    return driven(grant)


def test_a_second_freeze_denies_the_profile_that_was_made_anew(world, active, cast):
    frozen(active, cast.security)
    grants.unfreeze(active, reason="A load test.", by=cast.security)
    former = driven(active).profile_arn
    profiles.delete(aws.for_account(world.account.ref, REGION), former)
    grants.retry(active, by=cast.owner_retail)
    assert driven(active).state == "active", active.error
    assert active.profile_arn != former
    assert frozen(active, cast.security).state == "frozen"
    session = aws.assume(world.account.ref, world.role_arn, f"workload-{active.pk}", REGION)
    pin = (world.guardrail.guardrail.guardrail_id, world.guardrail.version)
    with pytest.raises(AccessDenied, match="explicit deny"):
        converse(session, active.profile_arn, "Say ready.", guardrail=pin)


def test_what_is_made_anew_is_asked_for_by_another_token(active):
    """AWS ignores a token that it has met, so a repair with the first one would make nothing."""
    asked = Ground.of(active).token("inference_profile")
    assert asked == Ground.of(Grant.objects.get(pk=active.pk)).token("inference_profile")
    active.profile_arn = ""
    assert asked != Ground.of(active).token("inference_profile")


def test_credentials_that_are_over_prove_no_denial(world, active):
    """A session that AWS does not know is refused too, and says nothing about what the role may do."""
    ground = Ground.of(active)
    known = (world.role_arn, f"grant-{active.uid}", world.account.external_id)
    later = clock.wall() + timedelta(hours=1)
    unknown = Credentials("ASIAUNKNOWNSESSION01", "secret", "token", later, world.role_arn)
    aws._keep(aws._cache, known, unknown, aws.KEPT)
    probe = next(one for one in active.plan.artefacts if one["kind"] == "probe")
    (result,) = probing.prove_denial(ground, probe)
    assert not result.ok
    assert "for another reason" in result.detail


def test_what_was_seen_while_people_decided_otherwise_is_no_drift(world, active, cast):
    """An observation that began before a revocation ends after it."""
    stale = Grant.objects.select_related("account", "plan", "tenant", "use_case", "model").get(pk=active.pk)
    seen = [(one, "drifted", None, "It is not there any more.") for one in stale.artefacts.all()]
    grants.revoke(active, reason="The project ended.", by=cast.owner_retail)
    observing._write(stale, seen)
    assert not active.artefacts.filter(drift="drifted").exists()
    assert not AuditEvent.objects.filter(verb=Verb.GRANT_DRIFTED, subject_uid=str(active.uid)).exists()


def test_a_run_that_began_before_the_decision_makes_nothing_after_it(world, cast):
    grant = world.approved()
    begun = Grant.objects.select_related("account", "plan", "request", "tenant", "use_case", "model").get(pk=grant.pk)
    grants.revoke(grant, reason="Not needed after all.", by=cast.owner_retail)
    _give_access(begun)
    assert not grant.artefacts.exclude(state="planned").exists()
    assert driven(grant).state == "revoked"
