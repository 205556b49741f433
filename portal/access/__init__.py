"""Who may use which address: the policy as tables. The addresses enforce it; tests hold every cell to it."""

from portal.access import finops_pages, governance_pages, hub_pages, portal_pages
from portal.access.operations import OPERATIONS
from portal.access.rules import Rule

PAGES: dict[str, Rule] = {**portal_pages.PAGES, **governance_pages.PAGES, **hub_pages.PAGES, **finops_pages.PAGES}

__all__ = ["OPERATIONS", "PAGES"]
