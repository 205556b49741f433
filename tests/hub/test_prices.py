"""The price book: which rate holds, what is unpriced, what a month costs."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from governance.models import AuditEvent, User
from governance.vocabulary import Verb
from hub import prices
from hub.actions.prices import load_list_prices, set_price
from hub.bands import band_of, bands_above
from hub.models import FoundationModel, Price
from hub.price_list import BEGINNING, listed
from portal.lib import clock
from portal.lib.errors import NotAllowed, Refused

SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0"
SOL = "openai.gpt-5.6-sol"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def price(**changes: object) -> Price:
    given = {"model_id": "acme.one", "token_class": "input", "usd_per_million": Decimal(3), "since": BEGINNING}
    return Price(**(given | changes), source="test")


def book(*rows: Price) -> None:
    """Rows of one model; an output rate of 15 is there already."""
    Price.objects.bulk_create([price(token_class="output", usd_per_million=Decimal(15)), *rows])


def model(model_id: str, **changes: object) -> FoundationModel:
    return FoundationModel.objects.create(
        model_id=model_id, provider="p", name=model_id, output_modalities=["TEXT"], **changes
    )


def test_in_region_calls_of_claude_sonnet_4_5_cost_a_tenth_more_than_global_ones() -> None:
    # aws.amazon.com/bedrock/pricing: 3.30 and 16.50 USD per million in region, 3 and 15 by the global profile.
    found = {(row.scope, row.token_class): row.usd_per_million for row in listed(SONNET)}
    assert (found["", "input"], found["", "output"]) == (Decimal("3.3"), Decimal("16.5"))
    assert (found["global", "input"], found["global", "output"]) == (Decimal(3), Decimal(15))
    assert (found["global", "cache_read"], found["global", "cache_write_5m"]) == (Decimal("0.3"), Decimal("3.75"))
    assert found["global", "cache_write_1h"] == Decimal(6)


def test_a_model_with_its_own_geographic_price_has_none_for_other_scopes() -> None:
    assert {row.scope for row in listed("zai.glm-5.3")} == {"geo", "global"}


def test_long_prompts_have_the_rate_of_their_band() -> None:
    rates = {
        (row.band, row.since): row.usd_per_million for row in listed(SOL) if row.key[1:] == ("", row.band, "input")
    }
    assert rates[">272k", BEGINNING] == 2 * rates["", BEGINNING]


def test_a_price_with_a_start_date_follows_the_former_one() -> None:
    assert {row.since for row in listed(SOL)} == {BEGINNING, datetime(2026, 8, 21, tzinfo=UTC)}


def test_the_list_says_nothing_about_a_model_that_it_does_not_know() -> None:
    assert listed("acme.unheard-of-v1:0") == []


@pytest.mark.parametrize(
    ("tokens", "band"),
    [(0, "<=100k"), (100_000, "<=100k"), (100_001, "<=200k"), (272_000, "<=272k"), (272_001, ">272k")],
)
def test_a_band_includes_its_upper_edge(tokens: int, band: str) -> None:
    assert band_of(tokens) == band


def test_an_edge_that_would_cut_a_band_in_two_is_refused() -> None:
    with pytest.raises(LookupError, match="128000"):
        bands_above(128_000)


@pytest.mark.django_db
class TestRates:
    def ask(self, **changes: str) -> prices.Rates | None:
        return prices.rates("acme.one", **({"region": "eu-central-1", "scope": "geo"} | changes), at=NOW)

    def test_a_model_without_a_price_is_unpriced(self) -> None:
        assert self.ask() is None

    def test_a_model_without_an_output_price_is_unpriced(self) -> None:
        Price.objects.bulk_create([price()])
        assert self.ask() is None

    def test_the_rate_of_the_region_beats_that_of_the_scope(self) -> None:
        book(price(), price(scope="geo", usd_per_million=4), price(region="eu-central-1", usd_per_million=5))
        assert self.ask().input == 5
        assert self.ask(region="us-east-1").input == 4
        assert self.ask(region="us-east-1", scope="global").input == 3

    def test_the_rate_of_the_band_beats_that_of_any_band(self) -> None:
        book(price(), price(band=">272k", usd_per_million=6))
        assert (self.ask(band=">272k").input, self.ask(band="<=100k").input) == (6, 3)

    def test_cache_classes_without_a_price_cost_what_stands_above_them(self) -> None:
        book(price())
        assert self.ask() == prices.Rates(Decimal(3), Decimal(15), Decimal(3), Decimal(3), Decimal(3))

    def test_writes_for_an_hour_cost_as_those_for_five_minutes_if_no_price_says_otherwise(self) -> None:
        book(price(), price(token_class="cache_write_5m", usd_per_million=Decimal("3.75")))
        assert self.ask().cache_write_1h == Decimal("3.75")

    @pytest.mark.parametrize("tier", ["", "default", "standard"])
    def test_a_call_that_tells_no_tier_is_a_standard_one(self, tier: str) -> None:
        book(price())
        assert self.ask(tier=tier).input == 3

    def test_a_tier_without_a_price_is_unpriced(self) -> None:
        book(price())
        assert self.ask(tier="priority") is None

    def test_a_scope_may_be_spelled_as_the_logs_spell_it(self) -> None:
        book(price(), price(scope="in_region", usd_per_million=7))
        assert self.ask(scope="in-region").input == 7

    def test_a_period_holds_from_its_beginning_until_before_its_end(self) -> None:
        change = NOW - timedelta(days=1)
        book(price(until=change), price(since=change, usd_per_million=4))
        assert prices.rate_table(change).rates("acme.one", region="", scope="").input == 4
        before = prices.rate_table(change - timedelta(microseconds=1))
        assert before.rates("acme.one", region="", scope="").input == 3
        whole = prices.price_book()
        assert [whole.at(at).rates("acme.one", region="", scope="").input for at in (change, NOW)] == [4, 4]
        assert whole.at(change - timedelta(microseconds=1)).rates("acme.one", region="", scope="").input == 3
        assert whole.changes_between(NOW - timedelta(days=2), NOW) == {change}
        assert whole.changes_between(change, NOW) == set()

    def test_two_periods_of_a_rate_never_overlap(self) -> None:
        book(price())
        with pytest.raises(IntegrityError, match="price_periods_never_overlap"), transaction.atomic():
            price(since=NOW).save()


@pytest.mark.django_db
class TestEstimate:
    def test_a_month_by_hand(self) -> None:
        book(price(), price(token_class="cache_read", usd_per_million=Decimal("0.3")))
        found = prices.estimate(
            "acme.one",
            region="eu-central-1",
            scope="geo",
            calls_per_day=1000,
            input_tokens=2000,
            output_tokens=500,
            cached_share=Decimal("0.5"),
        )
        # Cached half: 1000 × 3 + 1000 × 0.3 + 500 × 15 = 10,800 millionths of a dollar a call; 21 days of 1,000 calls.
        assert found.low_nano == 226_800_000_000
        # No cache: 2000 × 3 + 500 × 15 = 13,500 millionths of a dollar a call; 31 days of 1,000 calls.
        assert found.high_nano == 418_500_000_000

    def test_an_unpriced_model_has_no_estimate(self) -> None:
        calls = {"calls_per_day": 1, "input_tokens": 1, "output_tokens": 1}
        assert prices.estimate("acme.one", region="", scope="", **calls) is None


@pytest.mark.django_db
class TestListPrices:
    def test_the_list_is_loaded_once_with_its_history(self) -> None:
        model(SONNET), model(SOL)
        loaded = load_list_prices(by=None)
        assert loaded.changed == Price.objects.count() == len(listed(SONNET)) + len(listed(SOL))
        old, new = Price.objects.filter(model_id=SOL, scope="", band="", token_class="input").order_by("since")
        assert (old.until, new.until) == (new.since, None)
        assert load_list_prices(by=None).changed == 0
        assert AuditEvent.objects.get(verb=Verb.PRICES_LOADED).details["rates"] == loaded.changed

    def test_models_that_the_list_does_not_know_are_named(self) -> None:
        model("acme.one")
        assert load_list_prices(by=None).unpriced == ("acme.one",)

    def test_an_embedding_model_has_an_output_rate_of_nothing(self) -> None:
        FoundationModel.objects.create(
            model_id="amazon.titan-embed-text-v2:0", provider="Amazon", name="Titan", output_modalities=["EMBEDDING"]
        )
        load_list_prices(by=None)
        assert prices.rates("amazon.titan-embed-text-v2:0", region="", scope="").output == 0

    def test_a_rate_that_changed_in_the_list_begins_now(self) -> None:
        model(SONNET)
        load_list_prices(by=None)
        row = {"model_id": SONNET, "scope": "global", "token_class": "input"}
        Price.objects.filter(**row).update(usd_per_million=99)
        with clock.set_to(NOW):
            assert load_list_prices(by=None).changed == 1
        old, new = Price.objects.filter(**row).order_by("since")
        assert (old.until, new.since, new.usd_per_million) == (NOW, NOW, 3)

    def test_a_rate_that_somebody_entered_stands(self, finops_person: User) -> None:
        model(SONNET)
        load_list_prices(by=None)
        mine = price(model_id=SONNET, scope="global", usd_per_million=Decimal("2.4"), since=NOW)
        set_price(price=mine, reason="private offer", by=finops_person)
        assert load_list_prices(by=None).changed == 0
        assert prices.rates(SONNET, region="", scope="global", at=NOW).input == Decimal("2.4")

    def test_only_finops_loads_prices_by_hand(self, platform_person: User) -> None:
        with pytest.raises(NotAllowed):
            load_list_prices(by=platform_person)


@pytest.mark.django_db
class TestSetPrice:
    def test_a_new_rate_ends_the_former_period(self, finops_person: User) -> None:
        book(price())
        set_price(price=price(since=NOW, usd_per_million=Decimal("2.5")), reason="contract 17", by=finops_person)
        old, new = Price.objects.filter(token_class="input").order_by("since")
        assert (old.until, new.since, new.until) == (NOW, NOW, None)
        assert new.source == "Finn Finops: contract 17"
        event = AuditEvent.objects.get(verb=Verb.PRICE_SET)
        assert (event.details["formerly"], event.details["usd_per_million"]) == ("3.00000000", "2.5")

    def test_a_rate_cannot_begin_before_the_one_that_holds(self, finops_person: User) -> None:
        book(price(since=NOW))
        with pytest.raises(Refused, match="already has a period from 20 November 2026, 12:00 UTC") as refused:
            set_price(price=price(since=NOW), reason="late", by=finops_person)
        assert refused.value.field == "since"

    def test_a_builder_cannot_change_prices(self, builder_retail: User) -> None:
        with pytest.raises(NotAllowed):
            set_price(price=price(since=NOW), reason="cheaper", by=builder_retail)
        assert not Price.objects.exists()
