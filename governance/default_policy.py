"""The routing policy that a new installation starts with; it changes by activating another version."""

from typing import Any


def _step(role: str, *, stage: int, due_hours: int = 48, quorum: int = 1) -> dict[str, Any]:
    return {"role": role, "stage": stage, "quorum": quorum, "due_hours": due_hours}


# Kinds that are decided by the company, not by a tenant and then by the company.
_ASKED_BY_A_TENANT = '!(kind in ["hub.model_review", "governance.onboarding", "finops.budget_change"])'


def _asked(condition: str) -> str:
    return f"{_ASKED_BY_A_TENANT} && ({condition})"


RULES: list[dict[str, Any]] = [
    {
        "name": "Owner first",
        "because": "The owner of a line of business answers for what its teams use and spend.",
        "when": _ASKED_BY_A_TENANT,
        "steps": [_step("owner", stage=1, due_hours=24)],
    },
    {
        "name": "Sensitive or in production",
        "because": "The data is confidential or restricted, the risk is medium or high, or it runs in production.",
        "when": _asked(
            'data_class in ["confidential", "restricted"] || risk in ["medium", "high"] || environment == "prod"'
        ),
        "steps": [_step("security", stage=2)],
    },
    {
        "name": "Effect on people",
        "because": "Customers see it, it takes part in decisions about people, it acts by itself, or the risk is high.",
        "when": _asked('audience == "customers" || affects_people || autonomy >= 2 || risk == "high"'),
        "steps": [_step("responsible_ai", stage=2)],
    },
    {
        "name": "Restricted data or the whole world",
        "because": "Restricted data, or answers from any region of the world, touch contracts and privacy law.",
        "when": _asked('data_class == "restricted" || global_profile'),
        "steps": [_step("legal", stage=2, due_hours=72)],
    },
    {
        "name": "Large spend",
        "because": "It is expected to cost 5,000 USD a month or more.",
        "when": _asked("monthly_cost_usd >= 5000"),
        "steps": [_step("finops", stage=2)],
    },
    {
        "name": "Model enters the hub",
        "because": "A model is approved for the whole company, for a class of data and for regions.",
        "when": 'kind == "hub.model_review"',
        "steps": [_step("security", stage=1), _step("legal", stage=1, due_hours=72), _step("responsible_ai", stage=1)],
    },
    {
        "name": "New tenant",
        "because": "A new tenant gets members, a budget and a place in the accounts.",
        "when": 'kind == "governance.onboarding"',
        "steps": [_step("platform", stage=1), _step("finops", stage=1)],
    },
    {
        "name": "Budget change",
        "because": "A budget changes what the company may spend.",
        "when": 'kind == "finops.budget_change"',
        "steps": [_step("finops", stage=1)],
    },
]
