"""The first screen."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from governance.actions import approvals
from hub.models import Artefact, Grant
from portal import home
from portal.lib import clock
from portal.lib.uid import new_uid
from tests.cast import Cast, use_case
from tests.governance.conftest import KIND, purpose_kind  # noqa: F401  (a fixture)
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


def test_all_that_waits_is_counted_though_one_page_of_it_is_listed(cast: Cast, client: Client) -> None:
    for number in range(27):
        case = use_case(cast.retail, cast.builder_retail, f"Case {number}")
        approvals.open(kind=KIND, subject=case, by=cast.builder_retail)
    client.force_login(cast.owner_retail)
    page = client.get(reverse("home")).content.decode()
    assert "27 things wait for you" in page
    assert "2 more in the inbox" in page
    client.force_login(cast.builder_retail)
    page = client.get(reverse("home")).content.decode()
    assert "<small>27</small>" in page
    assert "19 more that you asked for" in page


@pytest.mark.parametrize("more", [0, 3])
def test_the_estate_is_counted_by_the_worst_of_each_grant_in_one_question(
    cast: Cast,
    world: World,  # noqa: F811
    more: int,
    django_assert_num_queries: Callable[..., Any],
) -> None:
    first = world.approved()
    held(first, "in_sync", "in_sync")
    held(another(first), "in_sync", "unknown", "drifted")
    held(another(first), "in_sync", "unknown", "not_checked")
    held(another(first), "not_checked", state="frozen")
    Grant.objects.filter(pk=another(first).pk).update(state="provisioning_failed")
    Grant.objects.filter(pk=another(first).pk).update(state="revoked", wanted="nothing")
    for _ in range(more):
        held(another(first), "in_sync")
    with django_assert_num_queries(1) as asked:
        found = {item.title: item.status.label for item in home.estate(cast.builder_retail)}
    assert found == {
        "Approved and true in AWS": f"{1 + more} of {5 + more}",
        "Drifted": "1",
        "Unknown": "1",
        "Not checked yet": "1",
        "Not in place": "1",
    }
    assert "GROUP BY" not in asked[0]["sql"], "the database counts, no row for each grant is read"
    assert home.estate(cast.builder_insurance) == []


def another(grant: Grant) -> Grant:
    """A grant like it, of a request like its own, with nothing in AWS yet."""
    request = grant.request
    request.pk = None
    request.uid = new_uid()
    request.save(force_insert=True)
    number = Grant.objects.count()
    copied = ("plan", "tenant", "use_case", "model", "account", "region", "environment", "ends_at", "approved_digest")
    given = {name: getattr(grant, name) for name in copied}
    return Grant.objects.create(request=request, slug=f"{grant.slug}-{number}", **given)


def held(grant: Grant, *drifts: str, state: str = "active") -> None:
    """The grant is in place, with one artefact for each of `drifts`."""
    Grant.objects.filter(pk=grant.pk).update(state=state, activated_at=clock.now())
    grant.artefacts.all().delete()
    Artefact.objects.bulk_create(
        Artefact(grant=grant, position=number, key=str(number), kind="tag", name="x", desired={}, drift=drift)
        for number, drift in enumerate(drifts)
    )
