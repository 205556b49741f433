"""The AWS Budget of a use case in an account: one for all of its grants, its limit the sum of their shares."""

from typing import Any

from django.db.models import Q, QuerySet

from hub.models import Artefact, Grant
from hub.provisioning.found import Found
from hub.provisioning.ground import Ground
from hub.provisioning.kinds.kind import Desired
from portal.aws import budgets
from portal.aws.budgets import BudgetInfo


class AwsBudget:
    def wanted(self, ground: Ground, desired: Desired) -> dict[str, Any]:
        return _content(_budget(desired, others_nano(ground.grant, desired["name"]) + desired["share_nano"]))

    def observe(self, ground: Ground, desired: Desired) -> Found | None:
        budget = budgets.get(ground.session, desired["name"])
        return (
            Found(f"arn:aws:budgets::{ground.account.number}:budget/{budget.name}", _content(budget))
            if budget
            else None
        )

    def create(self, ground: Ground, desired: Desired) -> None:
        budgets.create(ground.session, self._total(ground, desired))

    def update(self, ground: Ground, desired: Desired, found: Found) -> None:
        budgets.update(ground.session, self._total(ground, desired))

    def delete(self, ground: Ground, desired: Desired) -> None:
        """Take this grant's share out; the last one takes the budget along."""
        rest = others_nano(ground.grant, desired["name"])
        if rest and budgets.get(ground.session, desired["name"]):
            budgets.update(ground.session, _budget(desired, rest))
        elif not rest:
            budgets.delete(ground.session, desired["name"])

    def _total(self, ground: Ground, desired: Desired) -> BudgetInfo:
        return _budget(desired, others_nano(ground.grant, desired["name"]) + desired["share_nano"])


def shares(name: str, account_id: int) -> QuerySet[Artefact]:
    """The shares in the budget called `name` in an account: see `in_use`."""
    return in_use().filter(name=name, grant__account_id=account_id)


def in_use() -> QuerySet[Artefact]:
    """The budget shares of grants that want access or are only frozen.

    One on its way counts before its step is done: two that are made at the same moment both count the other.
    One that failed before that step has no share until it is tried again.
    """
    never_came = Q(grant__state=Grant.State.PROVISIONING_FAILED, applied_at__isnull=True)
    return Artefact.objects.filter(kind="aws_budget").exclude(grant__wanted=Grant.Wanted.NOTHING).exclude(never_came)


def others_nano(grant: Grant, name: str) -> int:
    """What the other grants share in the budget, nano-USD a month."""
    found = shares(name, grant.account_id).exclude(grant=grant)
    return sum(int(desired["share_nano"]) for desired in found.values_list("desired", flat=True))


def _budget(desired: Desired, limit_nano: int) -> BudgetInfo:
    return BudgetInfo(desired["name"], limit_nano, desired["tag"], desired["value"])


def _content(budget: BudgetInfo) -> dict[str, Any]:
    return {"limit_nano": budget.limit_nano, "tag": budget.tag, "value": budget.value}
