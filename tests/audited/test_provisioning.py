"""Nothing changes in AWS while nobody can add to the trail: a run says what it is about before it does it."""

from collections.abc import Callable

import psycopg
import pytest
from django.conf import settings

from governance.models import AuditEvent
from hub.actions import grants
from hub.models import Artefact, Grant
from hub.provisioning.reconciler import reconcile
from portal.jobs.models import Job
from tests.audited.attempts import new_case
from tests.audited.closed_trail import Closed, changed, contents
from tests.faults.granted import of_grant, of_role
from tests.hub.access_world import ROLE, Aws, World


def driven(grant: Grant) -> Grant:
    reconcile(grant.pk)
    return Grant.objects.get(pk=grant.pk)


def approved(w: World) -> Grant:
    return w.approved(use_case=new_case(w))


def begun(w: World) -> Grant:
    """As a process leaves it that died right after it began."""
    grant = approved(w)
    Grant.objects.filter(pk=grant.pk).update(state="provisioning")
    return grant


def half_verified(w: World) -> Grant:
    """Its policy was lost while it was proved."""
    grant = driven(approved(w))
    client, arn = administrator(w), f"arn:aws:iam::{w.account.number}:policy/atrium-{grant.slug}"
    client.detach_role_policy(RoleName=ROLE, PolicyArn=arn)
    Grant.objects.filter(pk=grant.pk).update(state="verifying")
    return grant


def to_freeze(w: World) -> Grant:
    grant = driven(approved(w))
    grants.freeze(grant, reason="Odd traffic.", by=w.cast.security)
    return grant


def deny_gone(w: World) -> Grant:
    grant = driven(to_freeze(w))
    administrator(w).delete_role_policy(RoleName=ROLE, PolicyName=f"atrium-freeze-{grant.slug}")
    Artefact.objects.filter(grant=grant, kind="denial").update(drift="drifted")
    return grant


def to_unfreeze(w: World) -> Grant:
    grant = driven(to_freeze(w))
    grants.unfreeze(grant, reason="It was a load test.", by=w.cast.security)
    return grant


def to_revoke(w: World) -> Grant:
    grant = driven(approved(w))
    grants.revoke(grant, reason="The project ended.", by=w.cast.owner_retail)
    return grant


def half_revoked(w: World) -> Grant:
    """As a process leaves it that died right after it began."""
    grant = to_revoke(w)
    Grant.objects.filter(pk=grant.pk).update(state="revoking")
    return grant


def administrator(w: World) -> object:
    return Aws(settings.AWS_ENDPOINT_URL, w.account.number).client("iam")


# What a run notes that only looks: what is there and where it logs, which is read from then on.
SEEN = {"hub_artefact", "hub_accountregion", "jobs_job"}


def others() -> list[int]:
    """The jobs that do not read logs."""
    return list(Job.objects.exclude(name="finops.sync_region_logs").order_by("pk").values_list("pk", flat=True))


def in_aws(w: World, grant: Grant) -> tuple[str, str]:
    return of_grant(w, grant, ROLE), of_role(w, ROLE)


MAKES: list[tuple[Callable[[World], Grant], str]] = [
    (approved, "active"),
    (begun, "active"),
    (half_verified, "active"),
    (to_freeze, "frozen"),
    (deny_gone, "frozen"),
    (to_unfreeze, "active"),
    (to_revoke, "revoked"),
    (half_revoked, "revoked"),
]


@pytest.mark.parametrize(("make", "becomes"), MAKES, ids=lambda one: getattr(one, "__name__", one))
def test_aws_is_left_as_it_is_while_the_trail_is_closed(
    make: Callable[[World], Grant], becomes: str, world: World, owner: psycopg.Connection
) -> None:
    grant = make(world)
    there = in_aws(world, grant)
    with Closed(owner):
        before, jobs = contents(owner), others()
        with pytest.raises(Exception, match="governance_auditevent"):
            reconcile(grant.pk)
        assert in_aws(world, grant) == there, "without the trail AWS may not change"
        assert changed(before, contents(owner)) <= SEEN
        assert others() == jobs
    last = AuditEvent.objects.latest("pk").pk
    assert driven(grant).state == becomes
    assert in_aws(world, Grant.objects.get(pk=grant.pk)) != there
    first = AuditEvent.objects.filter(pk__gt=last, subject_uid=str(grant.uid)).earliest("pk")
    assert first.verb in ("grant.provisioning", "grant.freezing", "grant.revoking"), "first said, then done"
    gone(world, grant)


def gone(w: World, grant: Grant) -> None:
    """The account is shared by all tests of this file: nothing of a grant may stay in it."""
    Grant.objects.filter(pk=grant.pk).exclude(state__in=Grant.ENDED).update(wanted="nothing")
    assert driven(grant).has_ended
