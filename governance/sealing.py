"""Sealing the audit trail: chaining its events in commit order, after the fact and by one sealer at a time.

Inside the writing transactions it would make every writer wait for every other.
"""

from django.db import connection, transaction

from governance.chain import CONTENT, GENESIS, contained, hash_of, rows
from governance.models import AuditEvent, AuditSeal

BATCH = 2_000
# Any constant will do; it names this lock among the transaction-level advisory locks of the database.
_LOCK = 7_305_018_221

UNSEALED = f"""
    SELECT e.id, {CONTENT} FROM governance_auditevent e
    WHERE (e.transaction_id, e.id) > (%(transaction_id)s, %(id)s) AND e.transaction_id < %(xmin)s
    ORDER BY e.transaction_id, e.id LIMIT %(batch)s
"""  # noqa: S608  # made of constants


def seal() -> int:
    """Chain the committed events that no running transaction can still precede; returns how many.

    Order: (transaction id, id). A transaction id below the snapshot's xmin belongs to a finished transaction, so no
    event can appear before the last sealed one later on. A second sealer at the same time does nothing.
    """
    with transaction.atomic():
        if not _alone():
            return 0
        head = AuditSeal.objects.order_by("-sequence").first()
        sequence, previous = (head.sequence, head.hash) if head else (0, GENESIS)
        made = []
        for event_id, content in _unsealed_after(head):
            sequence, previous = sequence + 1, hash_of(previous, content)
            made.append(AuditSeal(sequence=sequence, event_id=event_id, hash=previous))
        AuditSeal.objects.bulk_create(made)
    return len(made)


def _unsealed_after(head: AuditSeal | None) -> list[tuple[int, bytes]]:
    """The next events in order, behind no running transaction: id and canonical JSON."""
    last = AuditEvent.objects.get(pk=head.event_id) if head else None
    transaction_id, pk = (last.transaction_id, last.pk) if last else (0, 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        xmin = cursor.fetchone()[0]
    if transaction_id >= xmin:
        raise RuntimeError(
            "The audit trail knows transactions that this database cluster has not reached: it was restored into a new "
            "one. Stop web, worker and sweeper, and run `manage.py after_restore`; then sealing goes on."
        )
    values = {"transaction_id": transaction_id, "id": pk, "xmin": xmin, "batch": BATCH}
    return [(event_id, contained(*texts)) for event_id, *texts in rows(UNSEALED, values)]


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])
