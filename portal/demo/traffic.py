"""How much is called when: the rhythm of days and weeks, growth, and one spike. Pure; everything by the seed."""

from datetime import datetime
from random import Random

from portal.demo.records import Tokens

# Share of a working day's calls by hour (UTC).
OFFICE = (0, 0, 0, 0, 1, 3, 8, 13, 15, 14, 11, 9, 12, 13, 11, 8, 5, 3, 2, 1, 1, 0, 0, 0)
PUBLIC = (1, 1, 1, 1, 1, 2, 3, 5, 7, 8, 8, 8, 8, 7, 7, 7, 8, 9, 9, 8, 6, 4, 2, 1)
LARGEST_PROMPT = 180_000


def intensity(at: datetime, *, public: bool, began: datetime, now: datetime) -> float:
    """Calls in this hour against a working day of 1.0 at the end; before `began` 0."""
    if at < began:
        return 0.0
    hours = PUBLIC if public else OFFICE
    weekend = (0.75 if public else 0.12) if at.weekday() >= 5 else 1.0
    growth = 0.55 + 0.45 * (1 - (now - at).days / 90)
    ramp = min(1.0, 0.25 + (at - began).days / 20)
    return hours[at.hour] / sum(hours) * weekend * growth * ramp


def count(expected: float, random: Random) -> int:
    """A whole number of calls around `expected`."""
    wobbled = expected * random.lognormvariate(0, 0.18)
    return int(wobbled) + (random.random() < wobbled % 1)


def tokens(size: tuple[int, int], cached: float, random: Random) -> Tokens:
    """A call of about this size; `cached` of its prompt comes from the cache, a twelfth of such calls writes it."""
    prompt = min(int(size[0] * random.lognormvariate(-0.06, 0.35)), LARGEST_PROMPT)
    output = max(1, int(size[1] * random.lognormvariate(-0.06, 0.35)))
    if not cached:
        return Tokens(prompt, output)
    kept = int(prompt * cached)
    if random.random() < 1 / 12:
        return Tokens(prompt - kept, output, cache_write=kept)
    return Tokens(prompt - kept, output, cache_read=kept)
