"""``budgets:UpdateBudget``, which moto lacks.

Source: docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_UpdateBudget.html.
"""

import json

from moto.budgets.responses import BudgetsResponse
from moto.core.utils import unix_time


class SandboxBudgetsResponse(BudgetsResponse):
    def update_budget(self) -> str:
        account, new = self._get_param("AccountId"), self._get_param("NewBudget")
        self.backend.describe_budget(
            account_id=account, budget_name=new["BudgetName"]
        )  # raises NotFoundException if it is not there
        budget = self.backend.budgets[account][new["BudgetName"]]
        budget.budget = {"TimePeriod": budget.budget["TimePeriod"]} | new | {"LastUpdatedTime": unix_time()}
        return json.dumps({})
