"""Numbers as people read them: money, counts, shares. Money in is integer nano-USD or Decimal USD, never a float."""

from decimal import ROUND_HALF_EVEN, Decimal

from portal.lib.money import to_usd

NOTHING = "—"
MINUS = "\u2212"
CENT = Decimal("0.01")


def usd(amount: int | Decimal | None) -> str:
    """An amount for reading: whole dollars from $100, cents below, "< $0.01" under half a cent, "—" for None."""
    if amount is None:
        return NOTHING
    exact = _dollars(amount)
    if exact and abs(exact) < CENT / 2:
        return "< $0.01" if exact > 0 else f"> {MINUS}$0.01"
    step = Decimal(1) if abs(exact) >= 100 else CENT
    rounded = exact.quantize(step, rounding=ROUND_HALF_EVEN)
    if not rounded:
        return "$0"
    return f"{_sign(rounded)}${abs(rounded):,}"


def usd_exact(amount: int | Decimal | None) -> str:
    """An amount to the last digit that is kept, at least cents: 4_712_345_000_000 → "$4,712.345"."""
    if amount is None:
        return NOTHING
    exact = _dollars(amount).normalize()
    exponent = exact.as_tuple().exponent
    places = max(2, -exponent if isinstance(exponent, int) else 2)
    return f"{_sign(exact)}${abs(exact):,.{places}f}"


def count(number: int | None) -> str:
    """250000 → "250,000"; None → "—"."""
    return NOTHING if number is None else f"{_sign(number)}{abs(number):,}"


def short(number: int | None) -> str:
    """A large count in three digits: 1_930_000 → "1.93 M", 12_400 → "12.4 k", 950 → "950"; None → "—"."""
    if number is None:
        return NOTHING
    for size, letter in ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "k")):
        # 999,950 would round to "1000 k".
        if abs(number) * 2000 >= size * 1999:
            scaled = Decimal(abs(number)) / size
            places = 2 if scaled < 10 else 1 if scaled < 100 else 0
            digits = f"{scaled:.{places}f}"
            return f"{_sign(number)}{digits.rstrip('0').rstrip('.') if places else digits}\u00a0{letter}"
    return count(number)


def percent(share: Decimal | int | None, places: int = 0) -> str:
    """A share of one as per cent: Decimal("0.973"), 1 → "97.3 %"; None → "—"."""
    if share is None:
        return NOTHING
    rounded = round(Decimal(share) * 100, places)
    return f"{_sign(rounded)}{abs(rounded):,}\u00a0%"


def _dollars(amount: int | Decimal) -> Decimal:
    if isinstance(amount, int):
        return to_usd(amount)
    if isinstance(amount, Decimal):
        return amount
    raise TypeError(f"Money is integer nano-USD or Decimal USD, not {type(amount).__name__}.")


def _sign(number: int | Decimal) -> str:
    return MINUS if number < 0 else ""
