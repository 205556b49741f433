"""The rows behind a figure: the cube filtered and grouped, and the hourly facts behind one row of it."""

from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum

from finops.models import OwnerDay, SpendDay
from governance.models import User
from portal.lib import clock, months
from portal.lib.errors import Refused

KEYS = ("line_of_business", "tenant", "use_case")
NOBODY = "none"
MOST_DAYS = 366
EARLIEST = date(2023, 1, 1)  # the year in which Amazon Bedrock began
SUMS = ("requests", "errors", "input", "output", "cache_read", "cache_write", "cost_nano")
GROUPS = {
    "use_case": ("use_case__name", "use_case__uid"),
    "model": ("model_id",),
    "day": ("day",),
    "line_of_business": ("line_of_business__name", "line_of_business__uid"),
    "tenant": ("tenant__name", "tenant__uid"),
    "method": ("method",),
    "account": ("account",),
}
BY_OWNER = frozenset({"use_case", "day", "line_of_business", "tenant"})


@dataclass(frozen=True)
class Selection:
    """Which rows: every field is a part of the address, so a link is a view. "" is any; a key "none" is nobody's."""

    month: str = ""
    day: str = ""
    since: str = ""
    until: str = ""
    line_of_business: str = ""
    tenant: str = ""
    use_case: str = ""
    model: str = ""
    account: str = ""
    method: str = ""
    unpriced: str = ""
    group: str = "use_case"

    @classmethod
    def read(cls, query: Any) -> "Selection":
        """From the query of a request. Raises Refused for a month, day or grouping that cannot be read."""
        given = {field.name: str(query.get(field.name, "")).replace("\0", "").strip() for field in fields(cls)}
        chosen = cls(**{key: value for key, value in given.items() if value})
        if chosen.group not in GROUPS:
            raise Refused(f"Rows cannot be grouped by “{chosen.group}”.", field="group")
        if chosen.method and chosen.method not in SpendDay.Method.values:
            raise Refused(f"Nothing is attributed by “{chosen.method}”.", field="method")
        for field in KEYS:
            _check_key(getattr(chosen, field), field)
        chosen.span()
        return chosen

    def query(self, **changes: str) -> str:
        """The query string of this selection with changes."""
        chosen = replace(self, **changes)
        return urlencode({f.name: v for f in fields(self) if (v := getattr(chosen, f.name)) and v != f.default})

    def span(self) -> tuple[date, date]:
        """First and last day: of a day, of a period, or of a month, the present one unless told."""
        if self.day:
            day = _date(self.day, "day", "2026-11-20")
            return day, day
        if self.since or self.until:
            return self._period()
        month = _date(f"{self.month}-01", "month", "2026-11") if self.month else months.first_of(clock.today())
        return month, months.days_of(month)[-1]

    def _period(self) -> tuple[date, date]:
        last = _date(self.until, "until", "2026-11-20") if self.until else clock.today()
        first = _date(self.since, "since", "2026-11-01") if self.since else months.first_of(last)
        if first > last:
            raise Refused("The period ends before it begins.", field="since")
        if (last - first).days >= MOST_DAYS:
            raise Refused(f"A period has at most {MOST_DAYS} days.", field="since")
        return first, last

    def rows(self, user: User) -> QuerySet[SpendDay]:
        """The rows of the cube, as far as this person may see them."""
        exact = {"model_id": self.model, "account": self.account, "method": self.method}
        found = SpendDay.objects.visible_to(user).filter(self._owned())
        return found.filter(**{path: value for path, value in exact.items() if value})

    def _owned(self) -> Q:
        """What the selection says of days, owners and prices: the cube and its sums by owner have these columns."""
        first, last = self.span()
        found = Q(day__gte=first, day__lte=last)
        for field in KEYS:
            if key := getattr(self, field):
                found &= Q(**({field: None} if key == NOBODY else {f"{field}__uid": key}))
        return found & Q(priced=False) if self.unpriced else found

    def _summed(self, user: User) -> QuerySet[Any]:
        """The fewest rows that add up to the groups."""
        if self.group in BY_OWNER and not (self.model or self.account or self.method):
            return OwnerDay.objects.visible_to(user).filter(self._owned())
        return self.rows(user)

    def grouped(self, user: User) -> list[dict[str, Any]]:
        """Sums by the chosen grouping, the dearest first (days in order). `name` and `key` say what the group is."""
        names = GROUPS[self.group]
        sums = (
            self._summed(user)
            .values(name=F(names[0]), key=F(names[-1]))
            .annotate(unpriced=Sum("requests", filter=Q(priced=False), default=0), **{s: Sum(s) for s in SUMS})
        )
        return [dict(group) for group in sums.order_by("-day" if self.group == "day" else "-cost_nano", "key")]


def _check_key(text: str, field: str) -> None:
    try:
        if text not in ("", NOBODY):
            UUID(text)
    except ValueError:
        raise Refused(f"“{text}” is no {field.replace('_', ' ')}; choose one from its page.", field=field) from None


def _date(text: str, field: str, example: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise Refused(f"Enter a {field} like {example}. “{text}” could not be read.", field=field) from None
    if not EARLIEST <= found <= clock.today():
        raise Refused(f"There are no figures for {found:%-d %B %Y}; choose a {field} like {example}.", field=field)
    return found
