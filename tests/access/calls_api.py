"""For each operation of the API: which thing it names, and a body that would be taken."""

from typing import Any

from tests.access.calls import REASON, TEXT, Call, typed
from tests.access.estate import Belongings, Estate
from tests.governance.test_forms import USE_CASE


def new_case(_estate: Estate, of: Belongings) -> dict[str, Any]:
    return USE_CASE | {"people": 120, "autonomy": 1, "tenant": str(of.tenant.uid), "name": "Another one"}


def new_request(_estate: Estate, of: Belongings) -> dict[str, Any]:
    return {"use_case": str(of.use_case.uid), "why": "For the agents."}


def new_budget(_estate: Estate, of: Belongings) -> dict[str, Any]:
    return {"tenant": str(of.tenant.uid), "amount": "60.50", "thresholds": [80]}


API_CALLS: dict[str, Call] = {
    "GET approvals/{uid}/": Call("approval"),
    "POST approvals/{uid}/comments/": Call("approval", TEXT),
    "POST approvals/{uid}/decisions/": Call("approval", typed(role="owner", verdict="approve")),
    "POST approvals/{uid}/withdraw/": Call("approval"),
    "GET tenants/{uid}/": Call("tenant"),
    "PATCH tenants/{uid}/": Call("tenant", typed(cost_centre="CC-9")),
    "POST use-cases/": Call(data=new_case),
    "GET use-cases/{uid}/": Call("use_case"),
    "PATCH use-cases/{uid}/": Call("use_case", typed(sponsor="Somebody else")),
    "POST use-cases/{uid}/stage/": Call("use_case", typed(stage="pilot")),
    "GET models/{uid}/": Call("model", common=True),
    "POST access-requests/": Call(data=new_request),
    "GET access-requests/{uid}/": Call("request"),
    "PATCH access-requests/{uid}/": Call("draft", typed(why="For all agents.")),
    "POST access-requests/{uid}/clone/": Call("request"),
    "POST access-requests/{uid}/submit/": Call("ready"),
    "POST access-requests/{uid}/withdraw/": Call("request"),
    "GET grants/{uid}/": Call("active"),
    "POST grants/{uid}/freeze/": Call("active", REASON),
    "POST grants/{uid}/unfreeze/": Call("frozen", REASON),
    "POST grants/{uid}/revoke/": Call("active", REASON),
    "POST grants/{uid}/retry/": Call("failed"),
    "GET budgets/{uid}/": Call("budget"),
    "POST budgets/": Call(data=new_budget),
}


def call_of(operation: str) -> Call:
    """The call of "GET /api/v1/tenants/{uid}/"."""
    return API_CALLS.get(operation.replace("/api/v1/", ""), Call())
