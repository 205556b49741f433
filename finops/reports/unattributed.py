"""The queue of the unattributed: money that nobody owns yet, by the mark it carries."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Max, Min, QuerySet, Sum

from finops.ingest.principal import without_path
from finops.models import CubeDay, SpendDay, UsageHandle
from governance.models import User
from portal.lib import clock

WINDOW = timedelta(days=92)
PAGE = 25


@dataclass(frozen=True)
class Stray:
    """Usage of one principal (or, where the log names none, of one account) that belongs to nobody.

    assigned: what a person said of it since, while days that this concerns wait for their costs.
    """

    kind: str
    value: str
    account: str
    requests: int
    cost_nano: int
    first: date
    last: date
    assigned: UsageHandle | None = None


def queue(user: User) -> list[Stray]:
    """What has no owner in the last 92 days, the dearest first; also what somebody has just assigned."""
    rows = _recent(user).filter(use_case=None).values("principal", "account")
    sums = rows.annotate(
        sum_cost=Sum("cost_nano"), sum_requests=Sum("requests"), first=Min("day"), last=Max("day")
    ).order_by("-sum_cost")
    strays = [
        Stray(
            kind="principal" if row["principal"] else "account",
            value=row["principal"] or row["account"],
            account=row["account"],
            requests=row["sum_requests"],
            cost_nano=row["sum_cost"],
            first=row["first"],
            last=row["last"],
        )
        for row in sums
    ]
    return [replace(stray, assigned=given) for stray, given in _with_what_was_said(strays, user)]


def _with_what_was_said(strays: list[Stray], user: User) -> Iterator[tuple[Stray, UsageHandle | None]]:
    """Each stray with what somebody said of it that its figures do not follow yet."""
    unbuilt = set(CubeDay.objects.exclude(built=F("version")).values_list("day", flat=True)) if strays else set()
    said = UsageHandle.objects.visible_to(user).of_people().select_related("use_case") if unbuilt else []
    given = {(handle.kind, handle.value): handle for handle in said}
    for stray in strays:
        handle = given.get((stray.kind, without_path(stray.value) or stray.value))
        concerned = (day for day in unbuilt if handle and handle.since.date() <= day <= stray.last)
        yield stray, handle if any(concerned) else None


@dataclass(frozen=True)
class Conflict:
    """Usage of one use case whose callers named another one. days: on how many days."""

    uid: UUID
    name: str
    days: int
    last: date
    cost_nano: int


def conflicts(user: User) -> list[Conflict]:
    """Use cases whose callers named another one than the profile proves in the last 92 days, the dearest first."""
    rows = _recent(user).filter(conflict=True).values("use_case__uid", "use_case__name")
    sums = rows.annotate(days=Count("day", distinct=True), last=Max("day"), cost=Sum("cost_nano")).order_by("-cost")
    return [
        Conflict(row["use_case__uid"], row["use_case__name"], row["days"], row["last"], row["cost"]) for row in sums
    ]


def assigned(user: User, number: int | str) -> Page[UsageHandle]:
    """A page of what people said whose it is, the latest first."""
    found = UsageHandle.objects.visible_to(user).of_people().select_related("use_case__tenant", "made_by")
    return Paginator(found.order_by("-made_at", "-pk"), PAGE).get_page(number)


def said_before(kind: str, value: str, user: User) -> UsageHandle | None:
    """What a person said already about usage that carries this mark."""
    found = UsageHandle.objects.visible_to(user).of_people().filter(kind=kind, value=value)
    return found.select_related("use_case", "made_by").first()


def _recent(user: User) -> QuerySet[SpendDay]:
    return SpendDay.objects.visible_to(user).filter(day__gt=clock.today() - WINDOW)
