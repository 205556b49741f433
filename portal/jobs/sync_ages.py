"""When each kind of sync last brought data for each scope, by two steps down an index for each of them.

A grouping would read every run that is kept, ninety days of them; this is asked by monitoring all the time.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

_NEWEST = """
    (SELECT finished_at FROM jobs_syncrun r WHERE r.kind = place.kind AND r.scope = place.scope AND r.state IN {states}
     ORDER BY r.started_at DESC LIMIT 1)
"""
PLACES = f"""
    WITH RECURSIVE place AS (
        (SELECT kind, scope FROM jobs_syncrun ORDER BY kind, scope LIMIT 1)
        UNION ALL
        SELECT following.kind, following.scope FROM place, LATERAL (
            SELECT kind, scope FROM jobs_syncrun r WHERE (r.kind, r.scope) > (place.kind, place.scope)
            ORDER BY kind, scope LIMIT 1) following
    )
    SELECT kind, scope, {_NEWEST.format(states="('done', 'partial')")}, {_NEWEST.format(states="('done')")} FROM place
"""  # noqa: S608  # made of constants


@dataclass(frozen=True, slots=True)
class Place:
    """One kind of sync over one scope.

    brought_at: when the last run ended that brought data, done or in part; done_at: the last complete one. None: never.
    """

    kind: str
    scope: str
    brought_at: datetime | None
    done_at: datetime | None


def places() -> list[Place]:
    """Every kind and scope that was ever synced, ordered so. One query."""
    with connection.cursor() as cursor:
        cursor.execute(PLACES)
        return [Place(*row) for row in cursor.fetchall()]
