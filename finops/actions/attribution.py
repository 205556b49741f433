"""Saying whose usage it is: handles made by grants, and those that people make from the queue."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from finops.actions.cube import mark_from
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
    """The handle of a grant's own profile, from the hour it was made. None while it has no profile yet."""
    if not grant.profile_arn:
        return None
    with transaction.atomic():
        handle, created = UsageHandle.objects.get_or_create(
            kind=Kind.PROFILE,
            value=grant.profile_arn,
            defaults={"use_case": grant.use_case, "grant": grant, "since": hour_of(grant.since or grant.created_at)},
        )
        if created:
            mark_from(handle.since)
    return handle


def assign(*, kind: str, value: str, use_case: UseCase, since: datetime, by: User) -> UsageHandle:
    """Say that usage which carries `value` belongs to `use_case` from `since` on. An open handle of others ends there.

    Whole hours: facts are hourly, so `since` moves to the beginning of its hour. Raises Refused if a later handle
    exists, which would then overlap.
    """
    check_can(by, Permission.MANAGE_ATTRIBUTION, what="attribute usage")
    if kind not in {Kind.PRINCIPAL, Kind.ACCOUNT}:
        raise Refused("A profile belongs to its grant; attribute a principal or an account.", field="kind")
    start = hour_of(since)
    try:
        with transaction.atomic():
            UsageHandle.objects.filter(kind=kind, value=value, until=None, since__lt=start).update(until=start)
            handle = UsageHandle.objects.create(kind=kind, value=value, use_case=use_case, since=start, made_by=by)
            audit.record(
                Verb.USAGE_ATTRIBUTED, handle, by=by, tenant=use_case.tenant, use_case=use_case.name,
                since=start.isoformat(),
            )  # fmt: skip
            mark_from(start)
    except IntegrityError as error:
        raise Refused(
            f"Usage of {value} is already attributed for part of the time since {start:%-d %B %Y}.", field="since"
        ) from error
    return handle


def hour_of(moment: datetime) -> datetime:
    """The beginning of the hour that a moment lies in."""
    return moment - timedelta(minutes=moment.minute, seconds=moment.second, microseconds=moment.microsecond)
