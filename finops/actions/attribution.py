"""Saying whose usage it is: handles made by grants, and those that people make from the queue."""

import re
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from finops.actions.cube import mark_from
from finops.ingest.principal import without_path
from finops.models import UsageHandle
from governance import audit
from governance.models import UseCase, User
from governance.policy import check_can
from governance.roles import Permission
from governance.vocabulary import Verb
from hub.models import Grant
from portal.lib.errors import Refused

Kind = UsageHandle.Kind


def register_grant(grant: Grant) -> UsageHandle | None:
    """The handle of a grant's own profile, from the hour the grant was made. None while it has no profile yet.

    It has no end: AWS gives no ARN twice, and logs of its last hours arrive after the grant is over.
    """
    if not grant.profile_arn:
        return None
    with transaction.atomic():
        handle, created = UsageHandle.objects.get_or_create(
            kind=Kind.PROFILE,
            value=grant.profile_arn,
            defaults={"use_case": grant.use_case, "grant": grant, "since": hour_of(grant.created_at)},
        )
        if created:
            mark_from(handle.since)
    return handle


def assign(*, kind: str, value: str, use_case: UseCase, since: datetime, by: User) -> UsageHandle:
    """Say that usage which carries `value` belongs to `use_case` from `since` on.

    An open handle that began before ends there. One that a person made and that begins at the same time or later is
    corrected: the new one takes its place. Handles of grants are never touched.

    value: an account number, or the ARN of a role (kept without its path, as the logs tell it), of a session or a user.
    Whole hours: facts are hourly, so `since` moves to the beginning of its hour. Raises Refused where an ended handle,
    or one that no person made, would overlap, and if nothing would change.
    """
    check_can(by, Permission.MANAGE_ATTRIBUTION, what="attribute usage")
    value, start = _as_logged(kind, value), hour_of(since)
    try:
        with transaction.atomic():
            wrong = _make_room(kind, value, use_case, start)
            handle = UsageHandle.objects.create(kind=kind, value=value, use_case=use_case, since=start, made_by=by)
            _record(handle, wrong, by)
            mark_from(start)
    except IntegrityError as error:
        raise Refused(
            f"Usage of {value} is already attributed for part of the time since {start:%-d %B %Y}.", field="since"
        ) from error
    return handle


def _make_room(kind: str, value: str, use_case: UseCase, start: datetime) -> UsageHandle | None:
    """End the open handle at `start`. Where that would leave nothing of it, remove and return it: it is corrected."""
    handles = UsageHandle.objects.filter(kind=kind, value=value, until=None, grant=None)
    current = handles.select_for_update(of=("self",)).select_related("use_case").first()
    if current and (current.use_case_id, current.since) == (use_case.pk, start):
        raise Refused(f"It belongs to {use_case} since then already.", field="use_case")
    if current and current.since < start:
        current.until = start
        current.save(update_fields=["until"])
    elif current and current.made_by_id:
        current.delete()
        return current
    return None


def _record(handle: UsageHandle, wrong: UsageHandle | None, by: User) -> None:
    """The trail keeps what was said before: its row is gone."""
    said = {"use_case": handle.use_case.name, "since": handle.since.isoformat()}
    verb = Verb.USAGE_ATTRIBUTED
    if wrong:
        verb = Verb.USAGE_CORRECTED
        said |= {"before_use_case": wrong.use_case.name, "before_since": wrong.since.isoformat()}
    audit.record(verb, handle, by=by, tenant=handle.use_case.tenant, **said)


def _as_logged(kind: str, value: str) -> str:
    """The mark as usage carries it. Raises Refused for what no usage carries."""
    if kind == Kind.ACCOUNT:
        if not re.fullmatch(r"[0-9]{12}", value):
            raise Refused("An account number has exactly 12 digits.", field="value")
        return value
    if kind != Kind.PRINCIPAL:
        raise Refused("A profile belongs to its grant; attribute a principal or an account.", field="kind")
    found = without_path(value)
    if not found:
        raise Refused("Name the ARN of a role or user, like arn:aws:iam::111122223333:role/name.", field="value")
    return found


def hour_of(moment: datetime) -> datetime:
    """The beginning of the hour that a moment lies in."""
    return moment - timedelta(minutes=moment.minute, seconds=moment.second, microseconds=moment.microsecond)
