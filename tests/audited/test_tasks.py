"""Every job that changes what is governed does it with its event or not at all."""

import fnmatch
from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest

from governance.models import AuditEvent, Onboarding, User
from hub.models import FoundationModel, Grant
from portal.jobs.registry import TASKS
from portal.lib import clock
from tests.audited.attempts import approval, grant, onboarding
from tests.audited.closed_trail import Closed, changed, contents
from tests.audited.test_routes import DOCUMENT
from tests.hub.access_world import World

ROWS = [line.split("|")[1] for line in DOCUMENT.partition("| job |")[2].splitlines() if line.startswith("| `")]
WITHOUT_EVENT = [name for row in ROWS for name in row.split("`")[1::2]]


def due_approval(w: World) -> int | None:
    asked = approval(w)
    type(asked).objects.filter(pk=asked.pk).update(expires_at=clock.now() - timedelta(days=1))
    return None


def due_grant(w: World) -> int | None:
    Grant.objects.filter(pk=grant(w).pk).update(ends_at=clock.now() - timedelta(days=1))
    return None


def ending_grant(w: World) -> int:
    made = grant(w, wanted="nothing", profile_arn="")
    return made.pk


def approved_grant(w: World) -> int:
    return grant(w).pk


def new_tenant(w: World) -> int:
    """A tenant as its approval has just made it."""
    from governance.actions import onboardings
    from tests.governance.test_tenants import decide_all

    asked = onboarding(w)
    decide_all(onboardings.submit(asked, by=w.cast.platform_person), w.cast.platform_two, w.cast.finops_person)
    made = Onboarding.objects.get(pk=asked.pk).tenant
    assert made
    return made.pk


def unpriced_model(w: World) -> int | None:
    FoundationModel.objects.get_or_create(model_id="amazon.nova-lite-v1:0", provider="Amazon", name="Nova Lite")
    return None


JOBS: dict[str, Callable[[World], int | None]] = {
    "governance.expire_approvals": due_approval,
    "hub.expire_grants": due_grant,
    "hub.reconcile": ending_grant,
    "finops.granted_budget": approved_grant,
    "finops.default_budget": new_tenant,
    "hub.load_prices": unpriced_model,
}


@pytest.mark.parametrize("name", list(JOBS))
def test_a_job_changes_nothing_without_its_event(name: str, world: World, owner: psycopg.Connection) -> None:
    handler, argument = TASKS[name].handler, JOBS[name](world)
    last = AuditEvent.objects.latest("pk").pk
    with Closed(owner):
        before = contents(owner)
        with pytest.raises(Exception, match=r"governance_auditevent|could not|failed"):
            handler(argument)
        assert changed(before, contents(owner)) == set()
    handler(argument)
    assert changed(before, contents(owner)) > {"governance_auditevent"}
    assert AuditEvent.objects.filter(pk__gt=last, actor_id=None).exists()
    assert User.objects.filter(pk=world.cast.auditor.pk).exists()


# They note drift and end approvals through actions that are tried above; the tests of the hub hold their events.
ALIKE = {"hub.observe_grants", "hub.observe_grant", "hub.follow_use_case"}


def test_every_job_is_tried_or_published() -> None:
    silent = {name for name in TASKS if any(fnmatch.fnmatch(name, one) for one in WITHOUT_EVENT)}
    declared = {name for name in TASKS if not name.startswith("tests.")}
    assert sorted(declared - silent - set(JOBS) - ALIKE) == []
    assert [one for one in WITHOUT_EVENT if not fnmatch.filter(declared, one)] == []
