"""The first screen."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from portal import home
from portal.lib import clock
from tests.cast import Cast
from tests.hub.access_world import World, cleared_model, world  # noqa: F401  (a fixture)
from tests.hub.conftest import connect, prod_account  # noqa: F401  (fixtures)


@pytest.mark.parametrize("models", [1, 5])
def test_a_model_that_ends_is_told_to_whose_use_cases_run_on_it(
    cast: Cast,
    world: World,  # noqa: F811
    models: int,
    django_assert_num_queries: Callable[..., Any],
) -> None:
    grant = world.approved()
    for number in range(models):
        other = cleared_model(f"anthropic.other-{number}-v1:0", by=cast.platform_person, regions=["eu-central-1"])
        other.end_of_life_at = clock.now() + timedelta(days=90)
        other.save()
    grant.model.end_of_life_at = clock.now() + timedelta(days=60)
    grant.model.save()
    with django_assert_num_queries(2):  # the grants by model, the models
        (told,) = home._endings(cast.builder_retail)
    assert told.note == "1 use case must move"
    assert list(home._endings(cast.builder_insurance)) == []
