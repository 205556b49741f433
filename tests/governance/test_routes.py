"""Explaining a route: who, why, by which rule, how long it usually takes."""

from datetime import UTC, datetime, timedelta

import pytest

from governance.actions import approvals
from governance.checks import kinds_in_use_have_adapters, subjects_are_whole
from governance.models import Approval, Membership
from governance.reports import reviews, routes
from governance.roles import Permission
from portal.lib import clock
from tests.cast import Cast, use_case
from tests.governance.conftest import KIND

MONDAY = datetime(2030, 11, 4, 9, tzinfo=UTC)


def test_an_explanation_tells_the_story_of_each_step(cast: Cast) -> None:
    with clock.set_to(MONDAY):
        approval = approvals.open(kind=KIND, subject=cast.call_summary, by=cast.builder_retail)
    with clock.set_to(MONDAY + timedelta(hours=3)):
        approvals.decide(approval.steps.get(role="owner"), "approve", by=cast.owner_retail)
    with clock.set_to(MONDAY + timedelta(hours=25)):
        told = routes.explain(Approval.objects.get(), cast.security)
    owner, security = told.steps
    assert (owner.state, owner.note) == ("done", "approved by Olga Owner on 4 Nov, after 3 h")
    assert (security.state, security.what) == ("now", "Security — you, or one other")
    assert security.note == "due tomorrow 12:00; waits 22 h"
    assert [rule.name for rule in told.because] == ["Owner first", "Sensitive or in production"]


def test_a_step_that_nobody_can_decide_any_more_says_so(cast: Cast) -> None:
    approval = approvals.open(kind=KIND, subject=cast.call_summary, by=cast.builder_retail)
    Membership.objects.filter(role="owner").delete()
    assert "nobody holds this role now" in routes.explain(approval).steps[0].what


def test_the_usual_time_is_told_from_five_decided_steps_on(cast: Cast) -> None:
    for number in range(routes.ENOUGH):
        assert "owner" not in routes.usual_times()
        made = use_case(cast.retail, cast.builder_retail, f"Use case {number}")
        with clock.set_to(MONDAY):
            asked = approvals.open(kind=KIND, subject=made, by=cast.builder_retail)
        with clock.set_to(MONDAY + timedelta(hours=number + 1)):
            approvals.decide(asked.steps.get(role="owner"), "approve", by=cast.owner_retail)
    with clock.set_to(MONDAY + timedelta(days=2)):
        usual = routes.usual_times()["owner"]
    assert usual.p50 == timedelta(hours=3)
    assert str(usual) == "usually 3 h, nine of ten within 4 h"


@pytest.mark.parametrize(
    ("half", "most", "words"),
    [
        (timedelta(), timedelta(hours=20), "usually under a minute, nine of ten within 20 h"),
        (timedelta(seconds=3), timedelta(seconds=50), "usually under a minute"),
        (timedelta(hours=3), timedelta(hours=4), "usually 3 h, nine of ten within 4 h"),
    ],
)
def test_nobody_decides_in_no_time(half: timedelta, most: timedelta, words: str) -> None:
    assert str(routes.Usual(half, most)) == words


def test_where_one_stands_is_one_step_or_one_sentence(cast: Cast) -> None:
    approval = approvals.open(kind=KIND, subject=cast.call_summary, by=cast.builder_retail)
    assert reviews.stand_of(cast.owner_retail, approval).step == approval.steps.get(role="owner")
    approvals.withdraw(approval, by=cast.builder_retail)
    stand = reviews.stand_of(cast.owner_retail, Approval.objects.get())
    assert (stand.step, stand.why) == (None, "Nothing waits for a decision: it is withdrawn.")


def test_a_kind_in_use_without_an_adapter_fails_a_check(cast: Cast) -> None:
    approvals.open(kind=KIND, subject=cast.call_summary, by=cast.builder_retail)
    assert kinds_in_use_have_adapters(None, databases=["default"]) == []
    Approval.objects.update(kind="gone.kind")
    (error,) = kinds_in_use_have_adapters(None, databases=["default"])
    assert "gone.kind" in error.msg


def test_what_apps_registered_is_whole(cast: Cast) -> None:
    assert subjects_are_whole(None) == []


def test_every_permission_is_held_by_some_role() -> None:
    from governance.roles import ROLES

    assert set(Permission) == {permission for role in ROLES.values() for permission in role.permissions}
