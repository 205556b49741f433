"""List prices of Bedrock models, read from the package genai-prices and turned into our classes.

The package counts input inclusive of cached tokens and takes those out before it prices them, so its rates are those
of our exclusive classes. It names a model's regional price by its bare or geographic id, and its global one by the id
of the global profile. It is imported where it is read: it takes 10 MB, and most processes never read a price list.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from hub.bands import bands_above
from hub.models import Price

if TYPE_CHECKING:
    from genai_prices.types import TieredPrices

# General availability of Bedrock: a price without a date of its own has held at most since then.
# Source: AWS News Blog, "Amazon Bedrock Is Now Generally Available", 28 September 2023.
BEGINNING = datetime(2023, 9, 28, tzinfo=UTC)
PACKAGE = "genai-prices"

_KEYS = {
    "input_mtok": Price.TokenClass.INPUT,
    "output_mtok": Price.TokenClass.OUTPUT,
    "cache_read_mtok": Price.TokenClass.CACHE_READ,
    "cache_write_mtok": Price.TokenClass.CACHE_WRITE_5M,
    "cache_write_1h_mtok": Price.TokenClass.CACHE_WRITE_1H,
}
_GEOGRAPHIES = ("us", "eu")


@dataclass(frozen=True, slots=True)
class Listed:
    """One rate of the list: USD per million tokens from `since` until the next one of the same key."""

    model_id: str
    scope: str
    band: str
    token_class: str
    usd_per_million: Decimal
    since: datetime
    source: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.model_id, self.scope, self.band, self.token_class


def listed(model_id: str) -> list[Listed]:
    """What the list says about a model, [] if it does not know it. Raises LookupError for an edge between our bands."""
    return [
        row
        for scope, entry in _entries(model_id).items()
        for since, prices in _periods(entry)
        for row in _rows(model_id, scope, entry.id, since, prices)
    ]


def context_window(model_id: str) -> int | None:
    """The number of tokens that the model takes, if the list knows it."""
    return next((entry.context_window for entry in _entries(model_id).values()), None)


def _entries(model_id: str) -> dict[str, Any]:
    """scope → entry of the list: one for any scope, another for global where that has its own price."""
    provider = _provider()
    bare = provider.find_model(model_id)
    geo = next((found for g in _GEOGRAPHIES if (found := provider.find_model(f"{g}.{model_id}"))), None)
    worldwide = provider.find_model(f"global.{model_id}")
    entries: dict[str, Any] = {}
    if bare is not None:
        entries[Price.Scope.ANY] = bare
    if geo is not None and geo is not bare:
        entries[Price.Scope.GEO] = geo
    if worldwide is not None and worldwide is not bare and worldwide is not geo:
        entries[Price.Scope.GLOBAL] = worldwide
    return entries


def _periods(entry: Any) -> Iterator[tuple[datetime, Any]]:
    from genai_prices.types import ConditionalPrice, StartDateConstraint

    conditional: list[ConditionalPrice] = (
        entry.prices if isinstance(entry.prices, list) else [ConditionalPrice(prices=entry.prices)]
    )
    for one in conditional:
        if one.constraint is None:
            yield BEGINNING, one.prices
        elif isinstance(one.constraint, StartDateConstraint):
            yield datetime.combine(one.constraint.start_date, time(), UTC), one.prices


def _rows(model_id: str, scope: str, entry_id: str, since: datetime, prices: Any) -> Iterator[Listed]:
    source = f"{PACKAGE} {version(PACKAGE)}: {entry_id}"[:160]
    for key, token_class in _KEYS.items():
        price = getattr(prices, key)
        for band, rate in _by_band(price).items():
            yield Listed(model_id, scope, band, token_class, rate, since, source)


def _by_band(price: "Decimal | TieredPrices | None") -> dict[str, Decimal]:
    """band → rate; "" is the rate of every band that has none of its own."""
    from genai_prices.types import TieredPrices

    if price is None:
        return {}
    if not isinstance(price, TieredPrices):
        return {"": price}
    rates = {"": price.base}
    for tier in price.tiers:
        rates |= dict.fromkeys(bands_above(tier.start), tier.price)
    return rates


@cache
def _provider() -> Any:
    from genai_prices.data_snapshot import get_snapshot

    return next(provider for provider in get_snapshot().providers if provider.id == "aws")
