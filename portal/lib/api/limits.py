"""How much each caller may ask: a token bucket in PostgreSQL, taken from by one statement, whichever process asks."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from rest_framework.exceptions import Throttled

from portal.lib import clock
from portal.lib.api.models import Bucket

# The level is brought up to date, and one request taken out of it if one is left. In ON CONFLICT every expression
# sees the row as it was, locked.
TAKE = """
    INSERT INTO api_bucket AS b (caller, level, filled_at, granted)
    VALUES (%(caller)s, %(burst)s - 1, %(now)s, true)
    ON CONFLICT (caller) DO UPDATE SET
        (level, granted) = (
            SELECT CASE WHEN filled.level >= 1 THEN filled.level - 1 ELSE filled.level END, filled.level >= 1
            FROM (SELECT least(%(burst)s, b.level + %(rate)s * greatest(0, extract(epoch FROM %(now)s - b.filled_at)))
                  AS level) AS filled),
        filled_at = greatest(b.filled_at, %(now)s)
    RETURNING granted, level
"""


def take(caller: str, now: datetime | None = None) -> None:
    """Count one request of `caller`. Raises Throttled, with the seconds until one is allowed, if none is left."""
    rate = settings.API_REQUESTS_A_MINUTE / 60
    values: dict[str, Any] = {
        "caller": caller,
        "burst": float(settings.API_BURST),
        "rate": rate,
        "now": now or clock.wall(),
    }
    with connection.cursor() as cursor:
        cursor.execute(TAKE, values)
        granted, level = cursor.fetchone()
    if not granted:
        raise Throttled(wait=(1 - level) / rate)


def prune() -> int:
    """Forget the buckets that are full again by now. Returns how many."""
    full_after = timedelta(minutes=settings.API_BURST / settings.API_REQUESTS_A_MINUTE)
    return Bucket.objects.filter(filled_at__lt=clock.wall() - full_after - timedelta(minutes=1)).delete()[0]
