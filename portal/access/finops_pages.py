"""Who may use the pages of costs."""

from governance.roles import Permission
from portal.access.rules import Rule, company, form, page, somewhere, within

P = Permission
COSTS = somewhere(P.VIEW_COSTS)

PAGES: dict[str, Rule] = {
    "costs:index": page(door=COSTS),
    "costs:rows": page(door=COSTS),
    "costs:facts": page(door=COSTS, sees=within(P.VIEW_COSTS)),
    "costs:budget-list": page(door=COSTS),
    "costs:budget-new": form(door=COSTS, may=somewhere(P.MANAGE_BUDGETS), offered=within(P.MANAGE_BUDGETS)),
    "costs:budget-detail": page(door=COSTS, sees=within(P.VIEW_COSTS)),
    "costs:unattributed": page(door=COSTS),
    "costs:assign": form(door=COSTS, may=company(P.MANAGE_ATTRIBUTION)),
    "costs:meters": page(door=COSTS, may=company(P.VIEW_COSTS)),
    "costs:use-case-panel": page(door=COSTS, sees=within(P.VIEW)),
    "costs:tenant-panel": page(door=COSTS, sees=within(P.VIEW)),
}
