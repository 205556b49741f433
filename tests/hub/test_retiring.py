"""A use case is retired when nothing of it lives in AWS any more."""

import pytest
from django.core.checks import run_checks

from governance import needs
from governance.actions import use_cases
from governance.models import UseCase
from hub.models import Grant
from portal.lib.errors import Refused
from tests.cast import Cast
from tests.hub.access_world import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", ["approved", "provisioning_failed", "frozen"])
def test_a_use_case_with_a_live_grant_is_not_retired(world: World, cast: Cast, state: str) -> None:
    grant = world.approved()
    Grant.objects.filter(pk=grant.pk).update(state=state)
    with pytest.raises(Refused, match="still has access: Claude") as refused:
        use_cases.move_stage(grant.use_case, "retired", by=cast.builder_retail)
    assert refused.value.field == "stage"
    assert UseCase.objects.get(pk=grant.use_case.pk).stage != "retired"


def test_a_use_case_whose_grants_ended_is_retired(world: World, cast: Cast) -> None:
    grant = world.approved()
    Grant.objects.filter(pk=grant.pk).update(state="revoked", wanted="nothing")
    assert use_cases.move_stage(grant.use_case, "retired", by=cast.builder_retail).stage == "retired"


def test_a_need_that_nobody_answers_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "_live_access", [])
    assert "governance.E004" in {message.id for message in run_checks(tags=["models"])}
