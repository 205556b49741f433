"""Whether a model may be asked for, and what to ask for instead."""

from datetime import timedelta
from decimal import Decimal

import pytest

from hub.clearance import NotRequestable, alternatives, check_requestable
from hub.models import Clearance, FoundationModel, ModelReview, Price
from hub.price_list import BEGINNING
from portal.lib import clock
from tests.cast import Cast

pytestmark = pytest.mark.django_db

EU = ["eu-central-1", "eu-west-1"]


def a_model(cast: Cast, name: str, *, data_class: str = "internal", regions: list[str] = EU, price: int | None = None,
            **changes: object) -> FoundationModel:  # fmt: skip
    """An approved model that reads and writes text, cleared for `data_class` in `regions`."""
    given = {"model_id": f"acme.{name}", "provider": "Acme", "name": name, "status": "approved"}
    modalities = {"input_modalities": ["TEXT"], "output_modalities": ["TEXT"]}
    model = FoundationModel.objects.create(**(given | modalities | changes))
    review = ModelReview.objects.create(model=model, requested_by=cast.platform_person, state="approved")
    Clearance.objects.create(model=model, review=review, data_class=data_class, regions=regions, since=BEGINNING)
    if price is not None:
        for token_class in ("input", "output"):
            rate = {"token_class": token_class, "usd_per_million": Decimal(price), "since": BEGINNING}
            Price.objects.create(model_id=model.model_id, source="test", **rate)
    return model


def refusal(model: FoundationModel, data_class: str = "internal", regions: list[str] = EU) -> str:
    with pytest.raises(NotRequestable) as refused:
        check_requestable(model, data_class, regions)
    assert refused.value.field == "model"
    return refused.value.sentence


def test_a_cleared_model_may_be_asked_for(cast: Cast) -> None:
    model = a_model(cast, "One")
    assert [clearance.data_class for clearance in check_requestable(model, "internal", EU)] == ["internal"]


def test_a_clearance_covers_less_sensitive_data(cast: Cast) -> None:
    model = a_model(cast, "One", data_class="confidential")
    for data_class in ("public", "internal", "confidential"):
        assert check_requestable(model, data_class, ["eu-west-1"])


def test_a_clearance_does_not_cover_more_sensitive_data(cast: Cast) -> None:
    assert refusal(a_model(cast, "One"), "confidential") == "One is not cleared for confidential data."


def test_the_refusal_names_the_regions_that_are_missing(cast: Cast) -> None:
    sentence = refusal(a_model(cast, "One"), regions=[*EU, "us-east-1", "us-west-2"])
    assert sentence == "One is cleared for internal data in Frankfurt and Ireland, not in Virginia and Oregon."


def test_a_global_profile_needs_a_clearance_for_the_world(cast: Cast) -> None:
    assert refusal(a_model(cast, "One"), regions=["global"]) == (
        "One is cleared for internal data in Frankfurt and Ireland, not in every region of the world."
    )
    assert check_requestable(a_model(cast, "Two", regions=["global"]), "internal", ["global"])
    assert check_requestable(a_model(cast, "Three", regions=["global"]), "internal", ["us-east-1"])


@pytest.mark.parametrize("status", ["unreviewed", "in_review", "restricted", "deprecated", "retired", "blocked"])
def test_only_an_approved_model_may_be_asked_for(status: str, cast: Cast) -> None:
    sentence = refusal(a_model(cast, "One", status=status))
    assert sentence.startswith(f"One is {status.replace('_', ' ')}. ")


def test_a_model_at_its_end_of_life_is_refused(cast: Cast) -> None:
    ended = a_model(cast, "One", end_of_life_at=clock.now() - timedelta(days=1))
    assert refusal(ended).startswith("One reached the end of its life on ")


def test_a_model_that_nobody_offers_any_more_is_refused(cast: Cast) -> None:
    assert refusal(a_model(cast, "One", vanished_at=clock.now())) == (
        "One is no longer offered in any connected account."
    )


def test_a_clearance_that_ended_gives_nothing(cast: Cast) -> None:
    model = a_model(cast, "One")
    Clearance.objects.update(until=clock.now())
    assert refusal(model) == "One is not cleared for internal data."


class TestAlternatives:
    def names(self, model: FoundationModel, regions: list[str] = EU) -> list[str]:
        return [one.model.name for one in alternatives(model, "internal", regions)]

    def test_the_cheapest_comes_first_and_the_unpriced_last(self, cast: Cast) -> None:
        asked = a_model(cast, "Asked", status="unreviewed")
        a_model(cast, "Dear", price=9), a_model(cast, "Cheap", price=1), a_model(cast, "Unpriced")
        assert self.names(asked) == ["Cheap", "Dear", "Unpriced"]

    def test_they_take_and_make_at_least_the_same(self, cast: Cast) -> None:
        asked = a_model(cast, "Asked", input_modalities=["TEXT", "IMAGE"])
        a_model(cast, "Reads only text")
        a_model(cast, "Sees more", input_modalities=["IMAGE", "TEXT", "VIDEO"])
        a_model(cast, "Embeds", input_modalities=["TEXT", "IMAGE"], output_modalities=["EMBEDDING"])
        assert self.names(asked) == ["Sees more"]

    def test_they_are_cleared_for_the_same_data_in_the_same_regions(self, cast: Cast) -> None:
        asked = a_model(cast, "Asked")
        a_model(cast, "Public only", data_class="public"), a_model(cast, "Elsewhere", regions=["us-east-1"])
        a_model(cast, "Fits", data_class="restricted", regions=[*EU, "us-east-1"])
        assert self.names(asked) == ["Fits"]

    def test_a_refusal_carries_at_most_three(self, cast: Cast) -> None:
        asked = a_model(cast, "Asked", status="blocked")
        for number in range(5):
            a_model(cast, f"Other {number}", price=number)
        with pytest.raises(NotRequestable) as refused:
            check_requestable(asked, "internal", EU)
        assert [one.model.name for one in refused.value.alternatives] == ["Other 0", "Other 1", "Other 2"]
