"""The rows behind each figure, down to the hourly facts."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from finops.models import SpendDay
from finops.reports import coverage
from finops.reports.facts import facts_behind
from finops.reports.rows import GROUPS, NOBODY, Selection
from finops.views.entrance import costs_page
from governance.models import Tenant, UseCase, User

GROUP_NAMES = {
    "use_case": "Use case",
    "model": "Model",
    "day": "Day",
    "line_of_business": "Line of business",
    "tenant": "Tenant",
    "method": "How it was attributed",
    "account": "Account",
}
# Choosing a group's row filters by it and shows the next grouping below.
BELOW = {
    "line_of_business": "use_case",
    "tenant": "use_case",
    "use_case": "model",
    "model": "day",
    "method": "use_case",
    "account": "use_case",
}
ROWS_SHOWN = 200


@require_safe
@costs_page
def index(request: HttpRequest, user: User) -> HttpResponse:
    """The cube, grouped; each row leads to a smaller selection, a day's rows to their facts."""
    selection = Selection.read(request.GET)
    groups = selection.grouped(user)
    for group in groups:
        group["query"] = _below(selection, group)
        group["label"] = _label(selection.group, group)
    context = {
        "selection": selection,
        "groups": groups,
        "group_name": GROUP_NAMES[selection.group],
        "total": sum(group["cost_nano"] for group in groups),
        "unpriced": sum(group["unpriced"] for group in groups),
        "all_unpriced": bool(groups) and all(group["unpriced"] == group["requests"] for group in groups),
        "choices": [(name, GROUP_NAMES[name], selection.query(group=name)) for name in GROUPS],
        "about": _about(user, selection),
        "span": selection.span(),
        "reading": coverage.reading(),
        "rows": list(_rows(user, selection)) if selection.day else [],
    }
    return render(request, "finops/rows/page.html", context)


@require_safe
@costs_page
def facts(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    """The hourly facts of one row of the cube."""
    found = get_object_or_404(SpendDay.objects.visible_to(user).select_related("use_case", "tenant"), pk=pk)
    return render(request, "finops/rows/facts.html", {"row": found, "facts": facts_behind(found)})


def _rows(user: User, selection: Selection) -> "list[SpendDay]":
    return list(selection.rows(user).select_related("use_case", "tenant").order_by("-cost_nano")[:ROWS_SHOWN])


def _below(selection: Selection, group: dict[str, object]) -> str:
    if selection.group == "day":
        return selection.query(day=str(group["key"]), month="", since="", until="", group="use_case")
    key = str(group["key"]) if group["key"] is not None else NOBODY
    return selection.query(**{selection.group: key, "group": BELOW[selection.group]})


def _label(grouping: str, group: dict[str, object]) -> str:
    if grouping == "method":
        return SpendDay.Method(str(group["name"])).label
    return str(group["name"]) if group["name"] is not None else "Unattributed"


def _named(found: "QuerySet[Tenant] | QuerySet[UseCase]", uid: str) -> str:
    return "Unattributed" if uid == NOBODY else str(get_object_or_404(found, uid=uid))


def _about(user: User, selection: Selection) -> list[tuple[str, str, str]]:
    """What the selection is narrowed to: (what, which, the query without it)."""
    chosen = []
    tenants, cases = Tenant.objects.visible_to(user), UseCase.objects.visible_to(user)
    for field, what, visible in (
        ("line_of_business", "Line of business", tenants),
        ("tenant", "Tenant", tenants),
        ("use_case", "Use case", cases),
    ):
        if key := getattr(selection, field):
            chosen.append((what, _named(visible, key), selection.query(**{field: ""})))
    for field, what in (("model", "Model"), ("account", "Account"), ("day", "Day")):
        if value := getattr(selection, field):
            chosen.append((what, value, selection.query(**{field: ""})))
    if selection.method:
        chosen.append(("Attributed by", SpendDay.Method(selection.method).label, selection.query(method="")))
    if selection.unpriced:
        chosen.append(("Price", "unknown", selection.query(unpriced="")))
    return chosen
