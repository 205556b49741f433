"""Taking the audit trail away, and the keys that prove its anchors: each an event of the trail."""

from collections.abc import Iterator

from django.db import transaction

from governance import anchoring, audit, policy
from governance.models import User
from governance.reports import audit_export
from governance.roles import Permission
from governance.vocabulary import Verb


def take_away(*, by: User | None) -> Iterator[bytes]:
    """The lines of an export of the whole trail (see governance.reports.audit_export), noted before the first one.

    by=None: somebody at the command line. Raises NotAllowed without the permission to read all of it.
    """
    if by:
        policy.check_can(by, Permission.VIEW_AUDIT, what="take the whole audit trail away")
    until = audit_export.head()
    trail = audit.Named("governance.audit_trail", str(until.sequence), f"the audit trail up to link {until.sequence}")
    with transaction.atomic():
        audit.record(Verb.AUDIT_EXPORTED, trail, by=by, head=until.hash)
    return audit_export.lines(until)


def take_keys() -> list[bytes]:
    """The keys that sign anchors, for somebody who proves their signatures. At the command line alone: it has them."""
    trail = audit.Named("governance.audit_trail", "", "the anchors of the audit trail")
    found = anchoring.keys()
    with transaction.atomic():
        audit.record(Verb.AUDIT_KEYS_TAKEN, trail, by=None, number=len(found))
    return found
