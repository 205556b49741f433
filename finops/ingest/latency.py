"""Latencies as counts in fixed buckets, so that they add up and a percentile can still be told."""

from bisect import bisect_left
from collections.abc import Sequence

# Upper edges in milliseconds, each about 1.41 times the one before; the last bucket is open. Stored by position, so an
# edge may never change: a new scale is a new column.
EDGES_MS = (
    50, 71, 100, 141, 200, 283, 400, 566, 800, 1131, 1600, 2263, 3200, 4525, 6400, 9051, 12800, 18102, 25600, 36204,
    51200, 72408, 102400, 144815, 204800,
)  # fmt: skip
BUCKETS = len(EDGES_MS) + 1


def bucket(milliseconds: int) -> int:
    """The position of the bucket that a latency falls into; an edge belongs to the bucket below it."""
    return bisect_left(EDGES_MS, milliseconds)


def percentile(histogram: Sequence[int], share: float) -> int | None:
    """The upper edge in ms of the bucket in which the `share` (0–1) of all requests is reached.

    None for an empty histogram; the last edge for the open bucket, which then reads "or more".
    """
    needed = share * sum(histogram)
    reached = 0
    for position, count in enumerate(histogram):
        reached += count
        if count and reached >= needed:
            return EDGES_MS[min(position, len(EDGES_MS) - 1)]
    return None
