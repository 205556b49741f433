"""Who may use which operation of the API: the same policy as the pages of the same things."""

from governance.roles import Permission
from governance.scopes import Scope
from portal.access.rules import ASKER, DECIDER, Rule, company, operation, somewhere, within

P, S = Permission, Scope
SEEN = within(P.VIEW) | ASKER
REMARKS = ASKER | within(P.DECIDE) | within(P.REQUEST_ACCESS)
EDITS = within(P.EDIT_USE_CASES)

GOVERNANCE: dict[str, Rule] = {
    "GET /api/v1/approvals/": operation(S.APPROVALS_READ),
    "GET /api/v1/approvals/{uid}/": operation(S.APPROVALS_READ, sees=SEEN),
    "POST /api/v1/approvals/{uid}/comments/": operation(S.APPROVALS_WRITE, sees=SEEN, may=REMARKS),
    "POST /api/v1/approvals/{uid}/decisions/": operation(S.APPROVALS_DECIDE, sees=SEEN, may=DECIDER),
    "POST /api/v1/approvals/{uid}/withdraw/": operation(S.APPROVALS_WRITE, sees=SEEN, may=ASKER),
    "GET /api/v1/audit/": operation(S.AUDIT_READ, sees=somewhere(P.VIEW_AUDIT)),
    "GET /api/v1/tenants/": operation(S.TENANTS_READ),
    "GET /api/v1/tenants/{uid}/": operation(S.TENANTS_READ, sees=within(P.VIEW)),
    "PATCH /api/v1/tenants/{uid}/": operation(S.TENANTS_WRITE, sees=within(P.VIEW), may=company(P.ONBOARD_TENANT)),
    "GET /api/v1/use-cases/": operation(S.USE_CASES_READ),
    "POST /api/v1/use-cases/": operation(S.USE_CASES_WRITE, offered=EDITS),
    "GET /api/v1/use-cases/{uid}/": operation(S.USE_CASES_READ, sees=within(P.VIEW)),
    "PATCH /api/v1/use-cases/{uid}/": operation(S.USE_CASES_WRITE, sees=within(P.VIEW), may=EDITS),
    "POST /api/v1/use-cases/{uid}/stage/": operation(S.USE_CASES_WRITE, sees=within(P.VIEW), may=EDITS),
}
HUB: dict[str, Rule] = {
    "GET /api/v1/models/": operation(S.MODELS_READ),
    "GET /api/v1/models/{uid}/": operation(S.MODELS_READ, sees=somewhere(P.VIEW)),
    "GET /api/v1/access-requests/": operation(S.ACCESS_READ),
    "POST /api/v1/access-requests/": operation(
        S.ACCESS_WRITE, may=somewhere(P.REQUEST_ACCESS), offered=within(P.REQUEST_ACCESS)
    ),
    "GET /api/v1/access-requests/{uid}/": operation(S.ACCESS_READ, sees=SEEN),
    "PATCH /api/v1/access-requests/{uid}/": operation(S.ACCESS_WRITE, sees=ASKER),
    "POST /api/v1/access-requests/{uid}/clone/": operation(S.ACCESS_WRITE, sees=SEEN, may=somewhere(P.REQUEST_ACCESS)),
    "POST /api/v1/access-requests/{uid}/submit/": operation(S.ACCESS_WRITE, sees=ASKER),
    "POST /api/v1/access-requests/{uid}/withdraw/": operation(S.ACCESS_WRITE, sees=SEEN, may=ASKER),
    "GET /api/v1/grants/": operation(S.GRANTS_READ),
    "GET /api/v1/grants/{uid}/": operation(S.GRANTS_READ, sees=within(P.VIEW)),
    "POST /api/v1/grants/{uid}/freeze/": operation(S.GRANTS_WRITE, sees=within(P.VIEW), may=within(P.FREEZE_GRANT)),
    "POST /api/v1/grants/{uid}/unfreeze/": operation(S.GRANTS_WRITE, sees=within(P.VIEW), may=within(P.FREEZE_GRANT)),
    "POST /api/v1/grants/{uid}/revoke/": operation(S.GRANTS_WRITE, sees=within(P.VIEW), may=within(P.REVOKE_GRANT)),
    "POST /api/v1/grants/{uid}/retry/": operation(
        S.GRANTS_WRITE, sees=within(P.VIEW), may=ASKER | within(P.FREEZE_GRANT)
    ),
}

FINOPS: dict[str, Rule] = {
    "GET /api/v1/usage/": operation(S.USAGE_READ, may=somewhere(P.VIEW_COSTS)),
    "GET /api/v1/budgets/": operation(S.BUDGETS_READ, may=somewhere(P.VIEW_COSTS)),
    "GET /api/v1/budgets/{uid}/": operation(S.BUDGETS_READ, sees=within(P.VIEW_COSTS)),
    "POST /api/v1/budgets/": operation(S.BUDGETS_WRITE, offered=within(P.VIEW), may=within(P.MANAGE_BUDGETS)),
}

OPERATIONS: dict[str, Rule] = {**GOVERNANCE, **HUB, **FINOPS}
