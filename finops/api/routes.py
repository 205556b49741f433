"""Which resource of finops stands at which address under /api/v1/."""

from finops.api import budgets, usage
from portal.lib.api.resource import Resource

ROUTES: tuple[tuple[str, type[Resource]], ...] = (
    ("usage", usage.Usage),
    ("budgets", budgets.Budgets),
)
