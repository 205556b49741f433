"""Carrying on after a restore into a new database cluster, whose transaction counter starts again from the beginning.

The sealer puts events in the order of their transactions. In a new cluster new events would stand before the old ones,
and none of them could ever be sealed: the counter must be past the trail before anything is written.
"""

from collections.abc import Callable

from django.db import connection
from django.db.models import Max

from governance.models import AuditEvent

# So many in one statement: far below the time that a statement may take (docs/roles.sql).
BATCH = 200_000
# An empty transaction that takes a number; PostgreSQL does not wait for the disk at its end. Works on a managed server,
# where nobody can set the counter by pg_resetwal.
TAKE = "DO $$ BEGIN FOR i IN 1..{number} LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"


def behind() -> int:
    """How many transaction numbers this cluster must still give out before the trail may go on; 0 if it may."""
    last = AuditEvent.objects.aggregate(last=Max("transaction_id"))["last"] or 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        following = int(cursor.fetchone()[0])
    return max(last + 1 - following, 0)


def catch_up(tell: Callable[[int], None]) -> int:
    """Use up transaction numbers until the cluster is past the trail; tell(how many are left) after each batch.

    Outside any transaction. Returns how many were missing.
    """
    missing = left = behind()
    while left:
        with connection.cursor() as cursor:
            cursor.execute(TAKE.format(number=min(left, BATCH)))
        left = behind()
        tell(left)
    return missing
