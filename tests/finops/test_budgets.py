"""Budgets: set by who may, told once for each threshold."""

from datetime import UTC, datetime, timedelta

import pytest

from finops.actions import budgets, cube
from finops.models import Budget, BudgetAlert
from governance.models import AuditEvent, Notification
from portal.lib import clock
from portal.lib.errors import NotAllowed, Refused
from tests.cast import Cast
from tests.finops.conftest import DAY, Use
from tests.finops.test_cube import ROLE, handle

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
USD = 1_000_000_000


def test_thresholds_are_told_once_each_to_owner_and_finops(cast: Cast, use: Use, sonnet_prices: None) -> None:
    handle(cast, "principal", ROLE)
    with clock.set_to(NOW):
        budgets.set_monthly(tenant=cast.retail, use_case=None, amount_nano=10 * USD, by=cast.owner_retail)
        use(DAY, input=2_500_000, principal=ROLE)  # 8.25 USD
        cube.build_marked()
        assert budgets.check_all() == 2
        assert budgets.check_all() == 0
    assert list(BudgetAlert.objects.order_by("threshold").values_list("threshold", flat=True)) == [50, 80]
    told = Notification.objects.filter(kind="budget", key__endswith=":80")
    assert {note.user for note in told} == {cast.owner_retail, cast.finops_person}
    assert "80 % of its budget for November: $8 of $10" in told[0].sentence
    assert AuditEvent.objects.filter(verb="budget.crossed").count() == 2


def test_a_budget_that_was_raised_tells_again_when_the_new_amount_is_near(
    cast: Cast, use: Use, sonnet_prices: None
) -> None:
    handle(cast, "principal", ROLE)
    given = {"tenant": cast.retail, "use_case": None, "thresholds": [80], "by": cast.owner_retail}
    with clock.set_to(NOW):
        budgets.set_monthly(amount_nano=10 * USD, **given)
        use(DAY, input=2_500_000, principal=ROLE)  # 8.25 USD
        cube.build_marked()
        assert budgets.check_all() == 1
        budgets.set_monthly(amount_nano=9 * USD, **given)
        assert budgets.check_all() == 0, "80 % of less was told already"
        budgets.set_monthly(amount_nano=20 * USD, **given)
        assert budgets.check_all() == 0
        use(DAY + timedelta(hours=1), input=2_500_000, principal=ROLE)  # 16.50 USD
        cube.build_marked()
        assert budgets.check_all() == 1
    assert Notification.objects.filter(kind="budget", user=cast.owner_retail).count() == 2


def test_a_new_amount_in_the_same_month_replaces_the_old_one(cast: Cast) -> None:
    with clock.set_to(NOW):
        first = budgets.set_monthly(tenant=cast.retail, use_case=None, amount_nano=USD, by=cast.owner_retail)
        again = budgets.set_monthly(tenant=cast.retail, use_case=None, amount_nano=2 * USD, by=cast.owner_retail)
    assert again == first
    assert Budget.objects.get().amount_nano == 2 * USD


def test_a_new_amount_in_a_later_month_keeps_the_history(cast: Cast) -> None:
    with clock.set_to(datetime(2026, 9, 5, tzinfo=UTC)):
        budgets.set_monthly(tenant=cast.retail, use_case=None, amount_nano=USD, by=cast.owner_retail)
    with clock.set_to(NOW):
        budgets.set_monthly(tenant=cast.retail, use_case=None, amount_nano=2 * USD, by=cast.owner_retail)
    assert list(Budget.objects.order_by("since").values_list("since__month", "until__month")) == [(9, 11), (11, None)]


@pytest.mark.parametrize("who", ["builder_retail", "owner_insurance", "executive", "auditor", "nobody"])
def test_who_may_not_set_a_budget_is_refused(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        budgets.set_monthly(tenant=cast.retail, use_case=None, amount_nano=USD, by=getattr(cast, who))


def test_a_budget_of_nothing_or_for_a_stranger_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused, match="more than zero"):
        budgets.set_monthly(tenant=cast.retail, use_case=None, amount_nano=0, by=cast.owner_retail)
    with pytest.raises(Refused, match="not a use case of Insurance"):
        budgets.set_monthly(tenant=cast.insurance, use_case=cast.call_summary, amount_nano=USD, by=cast.finops_person)
    with pytest.raises(Refused, match="whole percentages"):
        budgets.set_monthly(tenant=cast.retail, use_case=None, amount_nano=USD, thresholds=[0], by=cast.owner_retail)


def test_the_default_budget_of_a_tenant_is_set_once(cast: Cast) -> None:
    assert budgets.set_default(cast.retail, 5 * USD) is not None
    assert budgets.set_default(cast.retail, 7 * USD) is None
    assert Budget.objects.get().amount_nano == 5 * USD
