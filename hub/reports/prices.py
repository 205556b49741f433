"""The price book as people read it: one line for a key, one column for a token class."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from hub.models import FoundationModel, Price
from hub.regions import place


@dataclass(slots=True)
class PriceLine:
    """The rates that share all but the token class and hold over the same period. USD per million tokens."""

    model_id: str
    region: str
    scope: str
    tier: str
    band: str
    since: datetime
    until: datetime | None
    source: str
    rates: dict[str, Decimal] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """ "in region", "global, in Frankfurt", "any"."""
        scope = Price.Scope(self.scope).label.lower() if self.scope else "any way"
        return f"{scope}, in {place(self.region)}" if self.region else scope

    @property
    def columns(self) -> list[Decimal | None]:
        """The rates in the order of `Price.TokenClass`."""
        return [self.rates.get(token_class) for token_class in Price.TokenClass.values]


def lines(prices: Iterable[Price]) -> list[PriceLine]:
    """`prices` gathered into lines, in the order in which their keys come."""
    found: dict[tuple[object, ...], PriceLine] = {}
    for price in prices:
        key = (price.model_id, price.region, price.scope, price.tier, price.band, price.since, price.until)
        line = found.setdefault(
            key,
            PriceLine(
                price.model_id, price.region, price.scope, price.tier, price.band,
                price.since, price.until, price.source,
            ),
        )  # fmt: skip
        line.rates[price.token_class] = price.usd_per_million
    return list(found.values())


def unpriced(at: datetime) -> list[FoundationModel]:
    """Models that are offered and have no rate at all: their usage is counted, and costs nothing that we know."""
    priced = Price.objects.in_force(at).values("model_id")
    return list(FoundationModel.objects.filter(vanished_at__isnull=True).exclude(model_id__in=priced))
