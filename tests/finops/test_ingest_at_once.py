"""Several loaders at once, with real commits: one of them counts an object, and nobody waits in a ring."""

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from finops.actions.ingest import Loaded, load
from finops.ingest.objects import Parsed
from finops.models import LogObject, UsageHour
from tests.finops.log_objects import made, record

LOADERS, OBJECTS, BATCH = 4, 60, 7


def load_all(objects: list[Parsed], seed: int, together: Barrier) -> Loaded:
    """What one worker does: all objects, in an order and in batches of its own."""
    together.wait(timeout=30)
    order = list(objects)
    random.Random(seed).shuffle(order)
    total = Loaded()
    try:
        for start in range(0, len(order), BATCH):
            total = total.plus(load(order[start : start + BATCH]))
    finally:
        connection.close()
    return total


def test_loaders_at_once_count_each_object_once(committed_database):
    objects = [made(f"{number:03}", *(record(7 * number + line) for line in range(7))) for number in range(OBJECTS)]
    with ThreadPoolExecutor(LOADERS) as pool:
        results = list(pool.map(load_all, [objects] * LOADERS, range(LOADERS), [Barrier(LOADERS)] * LOADERS))
    assert sum(result.objects for result in results) == OBJECTS
    assert sum(1 for result in results if result.objects) > 1
    assert LogObject.objects.filter(state="loaded").count() == OBJECTS
    assert sum(UsageHour.objects.values_list("requests", flat=True)) == 7 * OBJECTS
    assert sum(UsageHour.objects.values_list("input", flat=True)) == sum(range(7 * OBJECTS))
