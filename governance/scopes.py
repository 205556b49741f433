"""The closed list of what a token may be made for. Roles say what a person may do; scopes narrow a token further."""

from django.db import models


class Scope(models.TextChoices):
    """value, and what it lets a token do, for the page on which tokens are made."""

    TENANTS_READ = "tenants:read", "Read tenants"
    TENANTS_WRITE = "tenants:write", "Change tenants"
    USE_CASES_READ = "use_cases:read", "Read use cases"
    USE_CASES_WRITE = "use_cases:write", "Create and change use cases"
    APPROVALS_READ = "approvals:read", "Read approvals with their steps"
    APPROVALS_WRITE = "approvals:write", "Comment on approvals and withdraw one's own"
    APPROVALS_DECIDE = "approvals:decide", "Decide steps of approvals"
    MODELS_READ = "models:read", "Read models, where they are offered, and prices"
    ACCESS_READ = "access:read", "Read access requests with their plans"
    ACCESS_WRITE = "access:write", "Ask for access, and change or withdraw one's own requests"
    GRANTS_READ = "grants:read", "Read grants and the code that calls them"
    GRANTS_WRITE = "grants:write", "Freeze, unfreeze, revoke and retry grants"
    USAGE_READ = "usage:read", "Read usage and what it cost"
    BUDGETS_READ = "budgets:read", "Read budgets and how much of them is used"
    BUDGETS_WRITE = "budgets:write", "Set budgets"
    AUDIT_READ = "audit:read", "Read the audit trail"
