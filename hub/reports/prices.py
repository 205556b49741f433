"""The price book as people read it: one line for a key, one column for a token class."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from hub.bands import BANDS
from hub.models import FoundationModel, Price
from hub.price_list import BEGINNING, PACKAGE
from hub.regions import place

Key = tuple[str, str, str, str, datetime, datetime | None, str]
LOWER_EDGES = {band: edge for edge, band in BANDS.items()}
LONGEST = list(BANDS.values())[-1]


@dataclass(slots=True)
class PriceLine:
    """The rates that share all but the token class and hold over the same period. USD per million tokens."""

    model_id: str
    region: str
    scope: str
    tier: str
    bands: list[str]
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
    def prompts(self) -> str:
        """Which prompts the rates are for: "above 100,000 tokens", "" for those of any size."""
        if not any(self.bands):
            return ""
        if self.bands[-1] == LONGEST:
            return f"above {LOWER_EDGES[self.bands[0]]:,} tokens"
        return f"of {' or '.join(self.bands)} tokens"

    @property
    def begin(self) -> datetime | None:
        """When the rates began, None if that was before anything that we know."""
        return self.since if self.since > BEGINNING else None

    @property
    def source_words(self) -> str:
        """The package of a list price without its entry, or who entered the rate and why."""
        return self.source.partition(":")[0] if self.source.startswith(PACKAGE) else self.source

    @property
    def columns(self) -> list[Decimal | None]:
        """The rates in the order of `Price.TokenClass`."""
        return [self.rates.get(token_class) for token_class in Price.TokenClass.values]


def lines(prices: Iterable[Price]) -> list[PriceLine]:
    """`prices` gathered into lines, in the order in which their keys come; bands with equal rates share one."""
    found: dict[Key, PriceLine] = {}
    for price in prices:
        key = (price.model_id, price.region, price.scope, price.tier, price.since, price.until, price.band)
        if key not in found:
            found[key] = PriceLine(*key[:4], [price.band], price.since, price.until, price.source)
        found[key].rates[price.token_class] = price.usd_per_million
    ordered = sorted(found.items(), key=lambda item: LOWER_EDGES.get(item[0][-1], -1))
    merged: dict[tuple[object, ...], PriceLine] = {}
    for (*rest, band), line in ordered:
        same = merged.setdefault((*rest, bool(band), *sorted(line.rates.items())), line)
        if same is not line:
            same.bands += line.bands
    return sorted(merged.values(), key=lambda line: (line.model_id, line.tier, line.scope, line.region, line.since))


def unpriced(at: datetime) -> list[FoundationModel]:
    """Models that are offered and have no rate at all: their usage is counted, and costs nothing that we know."""
    priced = Price.objects.in_force(at).values("model_id")
    return list(FoundationModel.objects.filter(vanished_at__isnull=True).exclude(model_id__in=priced))
