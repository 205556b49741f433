"""Usage in the API: requests, tokens and estimated cost over a period, by whose it is, by model, day or method."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from finops.models import SpendDay
from finops.reports import ages
from finops.reports.rows import GROUPS, MOST_DAYS, Selection
from governance import policy
from governance.models import Tenant, UseCase, User
from governance.roles import Permission
from governance.scopes import Scope
from portal.lib.api.money import Usd
from portal.lib.api.references import Named, visible
from portal.lib.api.resource import Listed
from portal.lib.errors import NotAllowed, Refused

LIMIT, MOST = 1_000, 10_000
COUNTED = ("requests", "errors", "input", "output", "cache_read", "cache_write", "unpriced", "cost_nano")
Sums = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """The sums of a selection. groups: how many there are; items: the first of them."""

    since: date
    until: date
    group_by: str
    data_until: datetime | None
    total: Sums
    groups: int
    items: list[Sums]
    estimate: bool = True


class TokensShape(serializers.Serializer[Sums]):
    """By the class that they are charged in; none is counted twice."""

    input = serializers.IntegerField()
    output = serializers.IntegerField()
    cache_read = serializers.IntegerField()
    cache_write = serializers.IntegerField()


class SumsShape(serializers.Serializer[Sums]):
    """cost: USD; cost_nano: the same in 1/1,000,000,000 USD; unpriced_requests: their cost is unknown, not zero."""

    requests = serializers.IntegerField()
    errors = serializers.IntegerField()  # type: ignore[assignment]
    unpriced_requests = serializers.IntegerField(source="unpriced")
    tokens = TokensShape(source="*")
    cost = Usd(source="cost_nano")
    cost_nano = serializers.IntegerField()


class GroupShape(SumsShape):
    """key: the uid, model id, day, method or account; null: what is nobody's."""

    key = serializers.CharField(allow_null=True)
    name = serializers.CharField(allow_null=True)


@extend_schema_serializer(many=False)
class UsageShape(serializers.Serializer[Report]):
    """estimate: from invocation logs at list price, never the bill; data_until: all logs were read up to then."""

    since = serializers.DateField()
    until = serializers.DateField()
    group_by = serializers.CharField()
    estimate = serializers.BooleanField()
    data_until = serializers.DateTimeField(allow_null=True)
    total = SumsShape()
    groups = serializers.IntegerField(help_text="How many there are; items hold the first `limit`.")
    items = GroupShape(many=True)


class UsageFilters(serializers.Serializer[Any]):
    since = serializers.DateField(required=False, help_text="The first day, UTC; else the first of its month.")
    until = serializers.DateField(required=False, help_text=f"The last day; at most {MOST_DAYS} days. Else today.")
    group_by = serializers.ChoiceField([(name, name) for name in GROUPS], required=False)
    line_of_business = Named(visible(Tenant), required=False)
    tenant = Named(visible(Tenant), required=False, help_text="This one alone, without its teams.")
    use_case = Named(visible(UseCase), required=False)
    model = serializers.CharField(required=False, max_length=2048, help_text="Its id, as AWS spells it.")
    account = serializers.RegexField(r"^\d{12}\Z", required=False)
    method = serializers.ChoiceField(SpendDay.Method.choices, required=False, help_text="How it was attributed.")
    limit = serializers.IntegerField(required=False, min_value=1, max_value=MOST, help_text=f"Else {LIMIT:,}.")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Into the selection that the page of rows reads."""
        limit, named = given.pop("limit", LIMIT), {"group_by": "group"}
        chosen = Selection(**{named.get(name, name): _text(value) for name, value in given.items()})
        try:
            chosen.span()
        except Refused as refusal:
            raise serializers.ValidationError({refusal.field: refusal.sentence}) from refusal
        return {"selection": chosen, "limit": limit}


class Usage(Listed):
    """What was used and what it cost, as far as the caller may see costs. Days in order, else the dearest first."""

    reads = Scope.USAGE_READ
    shape = UsageShape
    filters = UsageFilters
    pagination_class = None

    def visible(self) -> QuerySet[SpendDay]:
        check_sees_costs(self.person)
        return SpendDay.objects.visible_to(self.person)

    @extend_schema(responses={200: UsageShape})
    def list(self, request: Request) -> Response:
        """Sums over a period."""
        check_sees_costs(self.person)
        chosen = self.chosen()
        return Response(UsageShape(report(chosen["selection"], chosen["limit"], self.person)).data)


def report(selection: Selection, limit: int, person: User) -> Report:
    """The sums of what this person may see of a selection."""
    groups = selection.grouped(person)
    since, until = selection.span()
    return Report(
        since=since,
        until=until,
        group_by=selection.group,
        data_until=ages.data_age(),
        total={name: sum(group[name] for group in groups) for name in COUNTED},
        groups=len(groups),
        items=groups[:limit],
    )


def check_sees_costs(person: User) -> None:
    """Raise NotAllowed for somebody who may see costs nowhere."""
    if not policy.can_somewhere(person, Permission.VIEW_COSTS):
        raise NotAllowed("Your roles do not let you see costs.")


def _text(value: Any) -> str:
    return str(getattr(value, "uid", value))
