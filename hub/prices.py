"""What tokens cost: the price book as rates, and estimates. A model without a price is unpriced, never free."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal

from hub.bands import band_of
from hub.models import Price
from portal.lib import clock
from portal.lib.money import token_cost

STANDARD = "standard"
# Other spellings of the same: AWS's API says "default" for the standard tier, a log that tells no tier means it too.
_TIERS = {"": STANDARD, "default": STANDARD}
_SCOPES = {"in-region": Price.Scope.IN_REGION, "unresolved": Price.Scope.ANY}

# A month of working days, and one of all days.
WORKING_DAYS, ALL_DAYS = 21, 31


@dataclass(frozen=True, slots=True)
class Rates:
    """USD per million tokens of each class."""

    input: Decimal
    output: Decimal
    cache_read: Decimal
    cache_write_5m: Decimal
    cache_write_1h: Decimal


@dataclass(frozen=True, slots=True)
class Estimate:
    """Cost of a month in nano-USD: low on 21 working days with the cache as stated, high on 31 days without a cache."""

    low_nano: int
    high_nano: int
    rates: Rates


@dataclass(slots=True)
class RateTable:
    """The price book at one moment, for many questions."""

    prices: dict[tuple[str, str], list[Price]]
    _answers: dict[tuple[str, str, str, str, str], Rates | None] = field(default_factory=dict)

    def rates(self, model_id: str, *, region: str, scope: str, tier: str = STANDARD, band: str = "") -> Rates | None:
        """The rates of a call, None if it is unpriced.

        Among the rows that fit, one for the region beats one for any region, then scope, then context band.
        A cache class without a price costs what the class above it costs: 1 h as 5 min, both and reads as input.
        """
        asked = (model_id, region, _SCOPES.get(scope, scope), _TIERS.get(tier, tier), band)
        if asked not in self._answers:
            self._answers[asked] = self._find(*asked)
        return self._answers[asked]

    def _find(self, model_id: str, region: str, scope: str, tier: str, band: str) -> Rates | None:
        best: dict[str, Price] = {}
        for price in self.prices.get((model_id, tier), ()):
            fits = price.region in ("", region) and price.scope in ("", scope) and price.band in ("", band)
            known = best.get(price.token_class)
            if fits and (known is None or _specificity(price) > _specificity(known)):
                best[price.token_class] = price
        found = {token_class: price.usd_per_million for token_class, price in best.items()}
        if "input" not in found or "output" not in found:
            return None
        write_5m = found.get("cache_write_5m", found["input"])
        return Rates(
            input=found["input"],
            output=found["output"],
            cache_read=found.get("cache_read", found["input"]),
            cache_write_5m=write_5m,
            cache_write_1h=found.get("cache_write_1h", write_5m),
        )


class PriceBook:
    """All prices of all times, for questions about many moments."""

    def __init__(self, prices: Sequence[Price]) -> None:
        self._prices = prices
        self._edges = sorted({edge for price in prices for edge in (price.since, price.until) if edge})
        self._tables: dict[int, RateTable] = {}

    def at(self, moment: datetime) -> RateTable:
        """The price book as it holds at a moment; the same table for all moments between two changes."""
        period = bisect_right(self._edges, moment)
        if period not in self._tables:
            self._tables[period] = _table(price for price in self._prices if price.holds(moment))
        return self._tables[period]

    def changes_between(self, start: datetime, end: datetime) -> set[datetime]:
        """The moments strictly between `start` and `end` at which some price begins or ends."""
        return {edge for edge in self._edges if start < edge < end}


def price_book() -> PriceBook:
    """Every price that was ever entered."""
    return PriceBook(list(Price.objects.all()))


def rate_table(at: datetime) -> RateTable:
    """The whole price book as it holds at `at`."""
    return _table(Price.objects.in_force(at))


def rates(
    model_id: str, *, region: str, scope: str, tier: str = STANDARD, band: str = "", at: datetime | None = None
) -> Rates | None:
    """The rates of one call at a moment (now unless told), None if it is unpriced. See `RateTable.rates`."""
    table = _table(Price.objects.in_force(at or clock.now()).filter(model_id=model_id))
    return table.rates(model_id, region=region, scope=scope, tier=tier, band=band)


def estimate(
    model_id: str,
    *,
    region: str,
    scope: str,
    calls_per_day: int,
    input_tokens: int,
    output_tokens: int,
    cached_share: Decimal = Decimal(0),
    tier: str = STANDARD,
) -> Estimate | None:
    """What a month of such calls would cost at today's list, None if the model is unpriced.

    input_tokens, output_tokens: of one call; cached_share: the share (0 to 1) of the input that is read from the cache.
    """
    found = rates(model_id, region=region, scope=scope, tier=tier, band=band_of(input_tokens))
    if found is None:
        return None
    cached = cached_share * input_tokens
    answer = token_cost(output_tokens, found.output)
    with_cache = answer + 1000 * ((input_tokens - cached) * found.input + cached * found.cache_read)
    without = answer + token_cost(input_tokens, found.input)
    low, high = sorted((with_cache * calls_per_day * WORKING_DAYS, without * calls_per_day * ALL_DAYS))
    return Estimate(low_nano=_whole(low), high_nano=_whole(high), rates=found)


def _table(prices: Iterable[Price]) -> RateTable:
    grouped: dict[tuple[str, str], list[Price]] = defaultdict(list)
    for price in prices:
        grouped[price.model_id, price.tier].append(price)
    return RateTable(dict(grouped))


def _specificity(price: Price) -> tuple[bool, bool, bool]:
    return bool(price.region), bool(price.scope), bool(price.band)


def _whole(nano: Decimal) -> int:
    return int(nano.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
