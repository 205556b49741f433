"""The hourly facts behind a row of the cube: what the logs said, before anybody was named or any price applied."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import islice

from finops.meaning import CubeDim, known
from finops.models import SpendDay, UsageDim, UsageHour
from portal.lib.money import token_cost


@dataclass(frozen=True)
class Fact:
    """One hour of one dimension, with what it costs at that hour's rates (nano-USD; None if unpriced)."""

    hour: datetime
    dim: UsageDim
    usage: UsageHour
    meaning: CubeDim
    cost_nano: int | None


def facts_behind(row: SpendDay, limit: int = 500) -> list[Fact]:
    """The facts that add up to `row`, newest first, at most `limit`."""
    start = datetime.combine(row.day, time(), UTC)
    end = start + timedelta(days=1)
    wanted: dict[int, list[CubeDim]] = defaultdict(list)
    for meaning in known().meanings(start, end):
        if _identity(meaning, row.day) == _row_identity(row):
            wanted[meaning.dim_id].append(meaning)
    hours = UsageHour.objects.filter(hour__gte=start, hour__lt=end, dim__in=wanted).select_related("dim")
    return list(islice(_facts(hours.order_by("-hour", "dim_id").iterator(), wanted), limit))


def _facts(hours: Iterable[UsageHour], wanted: Mapping[int, Sequence[CubeDim]]) -> Iterator[Fact]:
    for usage in hours:
        meaning = next((meaning for meaning in wanted[usage.dim_id] if meaning.holds(usage.hour)), None)
        if meaning:
            yield Fact(usage.hour, usage.dim, usage, meaning, cost(usage, meaning))


def cost(usage: UsageHour, meaning: CubeDim) -> int | None:
    """nano-USD of one fact row, rounded once, half away from zero as PostgreSQL does in the cube."""
    if not meaning.priced:
        return None
    parts: tuple[tuple[int, Decimal], ...] = (
        (usage.input, meaning.input_rate),
        (usage.output, meaning.output_rate),
        (usage.cache_read, meaning.cache_read_rate),
        (usage.cache_write_5m, meaning.cache_write_5m_rate),
        (usage.cache_write_1h, meaning.cache_write_1h_rate),
    )
    exact = sum((token_cost(tokens, rate) for tokens, rate in parts), Decimal(0))
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _identity(meaning: CubeDim, day: date) -> tuple[object, ...]:
    return (
        day, meaning.use_case_id, meaning.model_id, meaning.account, meaning.region, meaning.principal, meaning.method,
        meaning.conflict, meaning.priced,
    )  # fmt: skip


def _row_identity(row: SpendDay) -> tuple[object, ...]:
    return (
        row.day, row.use_case_id, row.model_id, row.account, row.region, row.principal, row.method, row.conflict,
        row.priced,
    )  # fmt: skip
