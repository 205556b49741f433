"""Money inside is integer nano-USD, money at the edges is Decimal USD; never a float."""

from decimal import ROUND_HALF_EVEN, Decimal

NANO = 1_000_000_000


def to_nano(usd: Decimal) -> int:
    """USD → nano-USD, rounded half to even."""
    return int((usd * NANO).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def to_usd(nano: int) -> Decimal:
    """nano-USD → USD, exactly."""
    return Decimal(nano) / NANO


def token_cost(tokens: int, usd_per_million: Decimal) -> Decimal:
    """The unrounded cost in nano-USD of `tokens` at a rate in USD per million tokens.

    A rate of 1 USD per million is 1,000 nano-USD a token. Sum these per fact row, then round once.
    """
    return tokens * usd_per_million * 1000
