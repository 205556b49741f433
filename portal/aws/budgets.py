"""AWS Budgets: one monthly cost budget by a tag. Amounts are nano-USD here and decimal strings there.

Source: docs.aws.amazon.com/aws-cost-management/latest/APIReference/. The service has one endpoint, in us-east-1.
A budget without actions is free of charge.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.aws.errors import NotFound, translated
from portal.aws.session import Session
from portal.lib.money import to_nano, to_usd

REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class BudgetInfo:
    """A monthly cost budget over what carries the tag `tag` with `value`."""

    name: str
    limit_nano: int
    tag: str
    value: str


def get(session: Session, name: str) -> BudgetInfo | None:
    """The account's budget called `name`, None if there is none."""
    try:
        with translated("budgets", "DescribeBudget"):
            answer = _client(session).describe_budget(AccountId=session.account, BudgetName=name)
    except NotFound:
        return None
    return _budget(answer["Budget"])


def create(session: Session, budget: BudgetInfo) -> None:
    """Raises Conflict if the name is taken."""
    with translated("budgets", "CreateBudget"):
        _client(session).create_budget(AccountId=session.account, Budget=_written(budget))


def update(session: Session, budget: BudgetInfo) -> None:
    """Set limit and filter of a budget. Raises NotFound."""
    with translated("budgets", "UpdateBudget"):
        _client(session).update_budget(AccountId=session.account, NewBudget=_written(budget))


def delete(session: Session, name: str) -> None:
    """Remove a budget; one that is gone already is fine."""
    try:
        with translated("budgets", "DeleteBudget"):
            _client(session).delete_budget(AccountId=session.account, BudgetName=name)
    except NotFound:
        return


def _client(session: Session) -> Any:
    return session.client("budgets", REGION)


def _budget(found: dict[str, Any]) -> BudgetInfo:
    filters = found.get("CostFilters", {}).get("TagKeyValue", [])
    tag, _, value = (filters[0] if filters else "").removeprefix("user:").partition("$")
    limit = to_nano(Decimal(found["BudgetLimit"]["Amount"]))
    return BudgetInfo(found["BudgetName"], limit, tag, value)


def _written(budget: BudgetInfo) -> dict[str, Any]:
    return {
        "BudgetName": budget.name,
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": str(to_usd(budget.limit_nano)), "Unit": "USD"},
        "CostFilters": {"TagKeyValue": [f"user:{budget.tag}${budget.value}"]},
    }
