"""Which resource stands at which address under /api/v1/."""

from governance.api import approvals, audit, tenants, use_cases
from portal.lib.api.resource import Resource

ROUTES: tuple[tuple[str, type[Resource]], ...] = (
    ("approvals", approvals.Approvals),
    ("audit", audit.Audit),
    ("tenants", tenants.Tenants),
    ("use-cases", use_cases.UseCases),
)
