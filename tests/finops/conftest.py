"""Usage facts and prices for the tests of money."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from finops.actions.cube import mark_days
from finops.ingest.rollup import Dimension, dimension_id
from finops.models import UsageDim, UsageHour
from hub.models import Price

SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0"
DAY = datetime(2026, 11, 18, tzinfo=UTC)
BLANK = Dimension(
    account="447100000212", region="eu-central-1", scope="geo", model_ref=f"eu.{SONNET}", model_id=SONNET,
    profile_arn="", principal="", session="", use_case="", tenant="", app="", env="", prompt="", prompt_version="",
    tier="standard", context_band="<=100k", operation="Converse", status="ok",
)  # fmt: skip

Use = Callable[..., UsageHour]


@pytest.fixture
def use(db: None) -> Use:
    """One hour of one dimension: `use(at, input=…, profile_arn=…)`."""

    def add(at: datetime, *, requests: int = 1, **given: Any) -> UsageHour:
        dimension = BLANK._replace(**{k: v for k, v in given.items() if k in Dimension._fields})
        dim, _ = UsageDim.objects.get_or_create(id=dimension_id(dimension), defaults=dimension._asdict())
        zero = dict.fromkeys(
            ("errors", "input", "output", "cache_read", "cache_write_5m", "cache_write_1h", "latency_ms", "latency_n"),
            0,
        )
        counted = {k: v for k, v in given.items() if k in zero}
        hour = UsageHour.objects.create(
            hour=at.replace(minute=0), dim=dim, requests=requests, latency_histogram=[], **(zero | counted)
        )
        mark_days([at.date()])
        return hour

    return add


@pytest.fixture
def sonnet_prices(db: None) -> None:
    """3.30 in, 16.50 out, 0.33 and 4.125 for the cache, 6.60 for an hour of it: USD per million tokens."""
    rates = {
        "input": "3.30",
        "output": "16.50",
        "cache_read": "0.33",
        "cache_write_5m": "4.125",
        "cache_write_1h": "6.60",
    }
    for token_class, rate in rates.items():
        Price.objects.create(
            model_id=SONNET, token_class=token_class, usd_per_million=Decimal(rate),
            since=datetime(2026, 1, 1, tzinfo=UTC), source="test",
        )  # fmt: skip
