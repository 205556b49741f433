"""The budget that an access request names becomes that of its use case, until a person sets one."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from finops.actions import budgets
from finops.models import Budget
from governance.models import AuditEvent, User
from governance.reports import audit_sentences
from hub import effects, needs
from hub.access_plans import plan_lines
from hub.checks import needs_are_answered
from hub.evidence import evidence
from hub.models import Grant
from portal.jobs.models import Job
from portal.jobs.registry import find
from portal.lib import clock
from tests.cast import Cast
from tests.hub.access_world import World, world  # noqa: F401  (a fixture)
from tests.hub.conftest import connect, prod_account  # noqa: F401  (fixtures)

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
USD = 1_000_000_000


def granted(world: World, *, usd: int) -> Grant:  # noqa: F811
    """A grant of Call summary whose request names this budget; nothing of it works yet."""
    return world.approved(monthly_budget_nano=usd * USD)


def becomes(grant: Grant, state: str) -> None:
    """The row as the reconciler leaves it; where it became active, the jobs that follow have run."""
    wanted = "nothing" if state in Grant.ENDED else "access"
    Grant.objects.filter(pk=grant.pk).update(state=state, wanted=wanted, activated_at=grant.activated_at or NOW)
    if state == Grant.State.ACTIVE:
        before = set(Job.objects.values_list("pk", flat=True))
        effects.emit(effects.Event.GRANT_ACTIVE, grant.pk)
        for job in Job.objects.exclude(pk__in=before).order_by("pk"):
            find(job.name).handler(job.argument)


def amounts() -> list[int]:
    """USD a month of the budgets of use cases that have no end, oldest first."""
    open_ended = Budget.objects.exclude(use_case=None).filter(until=None).order_by("pk")
    return [budget.amount_nano // USD for budget in open_ended]


@pytest.fixture(autouse=True)
def november(db: None) -> None:
    with clock.set_to(NOW):
        yield


def test_a_use_case_may_spend_what_its_request_named_once_the_grant_is_active(world: World) -> None:  # noqa: F811
    grant = granted(world, usd=600)
    assert amounts() == []
    becomes(grant, "active")
    assert amounts() == [600]
    event = AuditEvent.objects.filter(verb="budget.set").latest("pk")
    sentence = str(audit_sentences.of_event(event))
    assert sentence.startswith("Atrium set Budget of Call summary to $600.00 a month, as Bea Builder asked and ")
    assert "Olga Owner" in sentence


def test_a_budget_that_a_person_set_is_left_alone(world: World) -> None:  # noqa: F811
    cast = world.cast
    budgets.set_monthly(tenant=cast.retail, use_case=cast.call_summary, amount_nano=5 * USD, by=cast.owner_retail)
    becomes(granted(world, usd=600), "active")
    assert amounts() == [5]


def test_each_further_grant_raises_it_and_one_that_never_worked_does_not(world: World) -> None:  # noqa: F811
    becomes(granted(world, usd=600), "active")
    stuck = granted(world, usd=10_000)
    Grant.objects.filter(pk=stuck.pk).update(state="provisioning_failed")
    becomes(granted(world, usd=150), "active")
    assert amounts() == [750]
    assert Budget.objects.exclude(use_case=None).count() == 1, "in the same month it is the same budget"


def test_becoming_active_again_changes_nothing(world: World) -> None:  # noqa: F811
    grant = granted(world, usd=600)
    becomes(grant, "active")
    becomes(grant, "active")
    assert amounts() == [600]
    assert AuditEvent.objects.filter(verb="budget.set").count() == 1


def test_a_grant_that_ended_lowers_nothing_and_no_longer_counts(world: World) -> None:  # noqa: F811
    first = granted(world, usd=600)
    becomes(first, "active")
    becomes(first, "revoked")
    assert amounts() == [600]
    becomes(granted(world, usd=150), "active")
    assert amounts() == [600]


def test_once_a_person_took_it_over_further_grants_do_not_touch_it(world: World) -> None:  # noqa: F811
    cast = world.cast
    becomes(granted(world, usd=600), "active")
    budgets.set_monthly(tenant=cast.retail, use_case=cast.call_summary, amount_nano=400 * USD, by=cast.finops_person)
    becomes(granted(world, usd=150), "active")
    assert amounts() == [400]


def test_its_page_says_where_it_came_from(world: World, client: Client, cast: Cast) -> None:  # noqa: F811
    becomes(granted(world, usd=600), "active")
    budget = Budget.objects.get(use_case=cast.call_summary)
    where = "from the access requests of its live grants"
    assert where in page(client, cast.owner_retail, "costs:budget-detail", budget.uid)
    assert where in page(client, cast.builder_retail, "costs:use-case-panel", cast.call_summary.uid)


def page(client: Client, user: User, name: str, *args: object) -> str:
    client.force_login(user)
    return client.get(reverse(name, args=args)).content.decode()


def test_a_budget_that_a_person_set_is_said_beside_the_alert_of_aws(world: World) -> None:  # noqa: F811
    """Both watch the same use case, and would be taken for one."""
    cast = world.cast
    asked = world.submitted(monthly_budget_nano=9_100 * USD)
    assert asked.plan
    said = "Atrium's own budget of the use case is $1,600 a month, set by "
    assert not any(said in text for _, text in plan_lines(asked.plan))
    budgets.set_monthly(
        tenant=cast.call_summary.tenant, use_case=cast.call_summary, amount_nano=1_600 * USD, by=cast.finops_person
    )
    sentence = f"{said}{cast.finops_person}; AWS Budgets alerts at $9,100."
    assert ("", sentence) in plan_lines(asked.plan)
    line = next(one for one in evidence(asked) if one.title == "Budget of the use case")
    assert line.note == sentence
    budgets.set_monthly(
        tenant=cast.call_summary.tenant, use_case=cast.call_summary, amount_nano=9_100 * USD, by=cast.finops_person
    )
    assert not any(said in text for _, text in plan_lines(asked.plan))


def test_a_need_of_the_hub_that_nobody_answers_fails_a_check(monkeypatch: pytest.MonkeyPatch) -> None:
    assert needs_are_answered(None) == []
    monkeypatch.setattr(needs, "_set_budget", [])
    assert [error.id for error in needs_are_answered(None)] == ["hub.E002"]
