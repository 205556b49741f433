"""What each dimension of the facts means at a time: whose it is, which model, at which rates. Read only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from finops.attribution import Book
from finops.handles import book
from finops.inventory import Inventory, inventory
from finops.models import UsageDim, UsageHour
from hub import prices

ZERO = Decimal(0)


class CubeDim(NamedTuple):
    """What one dimension means from `since` until `until`: whose, which model, at which rates (USD per million)."""

    dim_id: int
    since: datetime
    until: datetime
    line_of_business_id: int | None
    tenant_id: int | None
    use_case_id: int | None
    model_id: str
    mapped: bool
    priced: bool
    account: str
    region: str
    principal: str
    method: str
    conflict: bool
    input_rate: Decimal
    output_rate: Decimal
    cache_read_rate: Decimal
    cache_write_5m_rate: Decimal
    cache_write_1h_rate: Decimal

    def holds(self, hour: datetime) -> bool:
        """Whether this is what the dimension means in that hour."""
        return self.since <= hour < self.until


@dataclass(frozen=True)
class Known:
    """All handles, profiles and prices as they stood when this was read, for any number of periods."""

    owners: Book
    accounts: Inventory
    rates: prices.PriceBook

    def meanings(self, start: datetime, end: datetime) -> Iterator[CubeDim]:
        """What each dimension with usage in the period means, piece by piece between changes of handles and prices."""
        changes = self.owners.changes_between(start, end) | self.rates.changes_between(start, end)
        used = UsageHour.objects.filter(hour__gte=start, hour__lt=end).values("dim_id")
        dims = list(UsageDim.objects.filter(pk__in=used))
        for since, until in pairwise(sorted({start, end} | changes)):
            table = self.rates.at(since)
            for dim in dims:
                yield _meaning(dim, since, until, self.owners, self.accounts, table)


def known() -> Known:
    """What is known now."""
    return Known(book(), inventory(), prices.price_book())


def _meaning(
    dim: UsageDim, since: datetime, until: datetime, owners: Book, accounts: Inventory, table: prices.RateTable
) -> CubeDim:
    verdict = owners.attribute(
        profile=dim.profile_arn,
        metadata_use_case=dim.use_case,
        principal=dim.principal,
        account=dim.account,
        at=since,
    )
    model_id, scope = accounts.model_behind(dim)
    rates = table.rates(model_id, region=dim.region, scope=scope, tier=dim.tier, band=dim.context_band)
    owner = verdict.owner
    return CubeDim(
        dim.pk, since, until,
        owner.line_of_business if owner else None, owner.tenant if owner else None, owner.use_case if owner else None,
        model_id or dim.model_ref, bool(model_id), rates is not None, dim.account, dim.region,
        "" if owner else dim.principal, verdict.method, verdict.conflict,
        *((rates.input, rates.output, rates.cache_read, rates.cache_write_5m, rates.cache_write_1h)
          if rates else (ZERO, ZERO, ZERO, ZERO, ZERO)),
    )  # fmt: skip
