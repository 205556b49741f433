"""The budget that a request asks for, beside what the use would cost and beside what the use case may spend."""

from hub.answers import Answers
from hub.models import Plan
from hub.needs import SetBudget, set_budget
from hub.plans.lines import BudgetFacts
from hub.provisioning.kinds.aws_budget import in_use, shares
from portal.lib.numbers import usd


def exceeded(answers: Answers) -> str:
    """How the estimate exceeds the budget that is asked for, as a sentence; "" if it does not, or is not known."""
    estimate, budget = answers.estimate, answers.monthly_budget_nano
    if estimate is None or not budget or estimate.high_nano <= budget:
        return ""
    if estimate.low_nano > budget:
        return f"The estimate begins at {usd(estimate.low_nano)} a month, above the budget of {usd(budget)}."
    return f"The estimate reaches {usd(estimate.high_nano)} a month, above the budget of {usd(budget)}."


def budget_facts(plan: Plan) -> BudgetFacts | None:
    """What is known now of the AWS Budget that the plan has a share in; None if it has none."""
    request = plan.request
    own = next((artefact for artefact in plan.artefacts if artefact["kind"] == "aws_budget"), None)
    if own is None or request.account_id is None or request.use_case is None:
        return None
    others = shares(own["name"], request.account_id).exclude(grant__request=request)
    others_nano = sum(int(desired["share_nano"]) for desired in others.values_list("desired", flat=True))
    return BudgetFacts(
        others_nano=others_nano,
        in_use=in_use().values("name", "grant__account").distinct().count(),
        differs=_differs(set_budget(request.use_case), others_nano + int(own["share_nano"])),
    )


def _differs(own: SetBudget | None, alerts_at: int) -> str:
    if own is None or own.amount_nano == alerts_at:
        return ""
    return (
        f"Atrium's own budget of the use case is {usd(own.amount_nano)} a month, set by {own.set_by}; "
        f"AWS Budgets alerts at {usd(alerts_at)}."
    )
