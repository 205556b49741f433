"""The sentences on top of the pages of costs: the finding first."""

from decimal import Decimal

from finops.reports.coverage import Reading
from finops.reports.spend import Line, Month, Move
from portal.lib import months
from portal.lib.numbers import percent, usd

ALL = 1_000
PACE = "pace of the last 4 weeks, no forecast"
PACE_LATER = "follows when history is read"
SO_FAR = "Every figure is what was counted so far; what it comes to is said once history is whole."


def headline(month: Month, current: bool, reading: Reading | None) -> str:
    """What the month comes to, against its budget; no finding while history is known to be missing."""
    if reading:
        return reading.words
    name = f"{month.first:%B}"
    if not month.so_far:
        return f"Nothing was spent in {name} yet" if current else f"Nothing was spent in {name}"
    if month.over_budget is None:
        return f"{name} {'is on the way to' if current else 'came to'} {usd(month.run_rate)}; no budget is set"
    verb = "will end" if current else "ended"
    if abs(month.over_budget) < Decimal("0.005"):
        return f"{name} {verb} on its budget"
    side = "over" if month.over_budget > 0 else "under"
    return f"{name} {verb} {percent(abs(month.over_budget))} {side} budget"


def reason(found: list[Line], current: bool, reading: Reading | None) -> str:
    """Which lines of business stand out."""
    if reading:
        return SO_FAR
    over = [str(line.tenant) for line in found if line.budget and line.spent > line.budget]
    heading = [
        str(line.tenant) for line in found if line.budget and line.spent <= line.budget < line.run_rate and current
    ]
    parts = []
    if over:
        verb = ("is" if len(over) == 1 else "are") if current else ("was" if len(over) == 1 else "were")
        parts.append(f"{listed(over, ALL)} {verb} over budget{' already' if current else ''}")
    if heading:
        parts.append(f"{listed(heading, ALL)} will be {'' if over else 'over budget '}at the present pace")
    if parts:
        return f"{'; '.join(parts)}."
    if not any(line.budget for line in found):
        return "No budget is set."
    who = str(found[0].tenant) if len(found) == 1 else "Every line of business"
    return f"{who} {'keeps within its budget at the present pace' if current else 'kept within its budget'}."


def trend(month: Month, moved: list[Move], reading: Reading | None) -> str:
    """How the month compares with the same days of the one before, and what moved it most."""
    if reading:
        return "Spend a day, as far as it was counted"
    before = f"{months.previous(month.first):%B}"
    if month.change is None:
        return f"No spend in the same days of {before} to compare with"
    verb = "rose" if month.change >= 0 else "fell"
    words = f"Spend {verb} {percent(abs(month.change))} against the same days of {before}"
    same_way = [move for move in moved if (move.difference > 0) == (month.change > 0)]
    return f"{words}; {same_way[0].name} moved most" if same_way else words


def listed(names: list[str], most: int = 3) -> str:
    """ "a, b and 2 more": so many names, the others counted."""
    more = [f"{len(names) - most} more"] if len(names) > most else []
    shown = names[:most] + more
    return " and ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))
