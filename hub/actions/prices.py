"""Changing the price book: list prices from the package, and rates that FinOps enters over them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from governance import audit, policy
from governance.models import User
from governance.roles import Permission
from governance.vocabulary import Verb
from hub import price_list
from hub.effects import Event, emit
from hub.models import FoundationModel, Price
from hub.models.price import PriceQuerySet
from hub.price_list import Listed
from hub.prices import STANDARD
from portal.lib import clock
from portal.lib.errors import Refused

EMBEDDING = "EMBEDDING"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading the list did. unpriced: ids of models that the list does not know, or prices by other edges."""

    changed: int
    unpriced: tuple[str, ...]


def load_list_prices(*, by: User | None) -> Loaded:
    """Bring the list prices of every model of the catalogue into the price book; by=None is Atrium itself.

    A rate that somebody entered stands until its period ends. A rate that changed closes the former period.
    """
    if by is not None:
        policy.check_can(by, Permission.MANAGE_PRICES, what="change prices")
    wanted, unpriced = _wanted()
    with transaction.atomic():
        known = {_key(price): price for price in _listable().select_for_update().order_by("since")}
        changed = [price for periods in wanted for price in _news(periods, known.get(periods[-1].key))]
        Price.objects.bulk_create(changed)
        if changed:
            first = min(changed, key=lambda price: price.since)
            audit.record(Verb.PRICES_LOADED, first, by=by, rates=len(changed), source=first.source)
            emit(Event.PRICE_CHANGED, first.pk)
    return Loaded(len(changed), tuple(unpriced))


def set_price(*, price: Price, reason: str, by: User) -> Price:
    """Enter a rate (an unsaved Price with its key, rate and `since`) that holds from then on; ends the former period.

    Raises Refused if a period of the same key begins at that moment or later.
    """
    policy.check_can(by, Permission.MANAGE_PRICES, what="change prices")
    price.source = f"{by.name}: {reason}"[:160]
    with transaction.atomic():
        former = list(_same_key(price).select_for_update().order_by("-since")[:1])
        if former and former[0].since >= price.since:
            begins = f"{former[0].since:%d %B %Y, %H:%M} UTC"
            raise Refused(f"This rate already has a period from {begins}; choose a later moment.", field="since")
        if former and (former[0].until is None or former[0].until > price.since):
            Price.objects.filter(pk=former[0].pk).update(until=price.since)
        price.save(force_insert=True)
        audit.record(
            Verb.PRICE_SET,
            price,
            by=by,
            usd_per_million=str(price.usd_per_million),
            formerly=str(former[0].usd_per_million) if former else None,
            since=price.since.isoformat(),
            reason=reason,
        )
        emit(Event.PRICE_CHANGED, price.pk)
    return price


def _wanted() -> tuple[list[list[Listed]], list[str]]:
    """The periods of each key, oldest first, and the ids of models without a price."""
    wanted: list[list[Listed]] = []
    unpriced: list[str] = []
    for model in FoundationModel.objects.order_by("model_id"):
        try:
            rows = price_list.listed(model.model_id)
        except LookupError:
            # An edge that would cut one of our bands in two: any rate that we chose would be wrong for some calls.
            rows = []
        if not rows:
            unpriced.append(model.model_id)
        if EMBEDDING in model.output_modalities:
            rows += list(_no_output(rows))
        wanted += _by_key(rows)
    return wanted, unpriced


def _no_output(rows: Iterable[Listed]) -> Iterator[Listed]:
    """An embedding model has no output price because it makes no output tokens: its rate is a true 0."""
    for row in rows:
        if row.token_class == Price.TokenClass.INPUT:
            output = Price.TokenClass.OUTPUT
            yield Listed(row.model_id, row.scope, row.band, output, Decimal(0), row.since, row.source)


def _by_key(rows: Iterable[Listed]) -> list[list[Listed]]:
    grouped: dict[tuple[str, ...], list[Listed]] = defaultdict(list)
    for row in rows:
        grouped[row.key].append(row)
    return [sorted(periods, key=lambda row: row.since) for periods in grouped.values()]


def _news(periods: list[Listed], former: Price | None) -> list[Price]:
    """The rows that the periods of one key ask for; ends the former period where the rate changed."""
    latest = periods[-1]
    if former is None:
        ends = [later.since for later in periods[1:]] + [None]
        return [_price(row, until=until) for row, until in zip(periods, ends, strict=True)]
    ours = former.source.startswith(price_list.PACKAGE)
    if not ours or former.usd_per_million == latest.usd_per_million:
        return []
    price = _price(latest)
    price.since = latest.since if latest.since > former.since else clock.now()
    Price.objects.filter(pk=former.pk).update(until=price.since)
    return [price]


def _listable() -> PriceQuerySet:
    """The rows that the list can speak about: any region, standard tier."""
    return Price.objects.filter(region="", tier=STANDARD)


def _key(price: Price) -> tuple[str, str, str, str]:
    return price.model_id, price.scope, price.band, price.token_class


def _price(row: Listed, until: datetime | None = None) -> Price:
    return Price(
        model_id=row.model_id,
        scope=row.scope,
        band=row.band,
        token_class=row.token_class,
        usd_per_million=row.usd_per_million,
        since=row.since,
        until=until,
        source=row.source,
    )


def _same_key(price: Price) -> PriceQuerySet:
    return Price.objects.filter(
        model_id=price.model_id,
        region=price.region,
        scope=price.scope,
        tier=price.tier,
        band=price.band,
        token_class=price.token_class,
    )
