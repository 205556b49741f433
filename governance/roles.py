"""Roles and permissions, in code. Declarations: nothing is imported but the standard library."""

from enum import StrEnum
from typing import ClassVar


class Permission(StrEnum):
    """What somebody may do. A permission held through a tenant counts for that tenant and its teams."""

    VIEW = "view"  # see a tenant and what it owns
    VIEW_COSTS = "view_costs"
    VIEW_AUDIT = "view_audit"
    VIEW_PLATFORM = "view_platform"
    EDIT_USE_CASES = "edit_use_cases"
    REQUEST_ACCESS = "request_access"
    PROPOSE_MODEL = "propose_model"
    ONBOARD_TENANT = "onboard_tenant"
    MANAGE_BUDGETS = "manage_budgets"
    MANAGE_ATTRIBUTION = "manage_attribution"
    FREEZE_GRANT = "freeze_grant"
    REVOKE_GRANT = "revoke_grant"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_SERVICES = "manage_services"  # make service accounts and their keys
    MANAGE_ACCOUNTS = "manage_accounts"
    MANAGE_PRICES = "manage_prices"
    RUN_JOBS = "run_jobs"
    DECIDE = "decide"  # decide the steps of one's own role


P = Permission


class Role:
    """A role: `name` is stored, `label` and `sentence` are for people, `attaches` is "tenant" or "company"."""

    name: ClassVar[str]
    label: ClassVar[str]
    sentence: ClassVar[str]
    attaches: ClassVar[str]
    permissions: ClassVar[frozenset[Permission]]


class Builder(Role):
    name = "builder"
    label = "Builder"
    sentence = "Asks for models for the use cases of a line of business or team and sees what they use."
    attaches = "tenant"
    permissions = frozenset({P.VIEW, P.VIEW_COSTS, P.EDIT_USE_CASES, P.REQUEST_ACCESS, P.PROPOSE_MODEL})


class Owner(Role):
    name = "owner"
    label = "Owner"
    sentence = (
        "Answers for a line of business: approves its requests, sees and sets its budgets, freezes its grants, "
        "makes keys for its services."
    )
    attaches = "tenant"
    permissions = Builder.permissions | {P.DECIDE, P.FREEZE_GRANT, P.REVOKE_GRANT, P.MANAGE_BUDGETS, P.MANAGE_SERVICES}


class Security(Role):
    name = "security"
    label = "Security"
    sentence = "Reviews requests, models and tenants for security; can freeze any grant."
    attaches = "company"
    permissions = frozenset({P.VIEW, P.DECIDE, P.FREEZE_GRANT, P.REVOKE_GRANT, P.VIEW_AUDIT})


class Legal(Role):
    name = "legal"
    label = "Legal"
    sentence = "Reviews requests and models for contracts, privacy and law."
    attaches = "company"
    permissions = frozenset({P.VIEW, P.DECIDE})


class ResponsibleAI(Role):
    name = "responsible_ai"
    label = "Responsible AI"
    sentence = "Reviews requests and models for their effect on people; can freeze any grant."
    attaches = "company"
    permissions = frozenset({P.VIEW, P.DECIDE, P.FREEZE_GRANT})


class Platform(Role):
    name = "platform"
    label = "Platform engineer"
    sentence = "Connects AWS accounts, watches syncs and jobs, invites people, proposes models."
    attaches = "company"
    permissions = frozenset(
        {
            P.VIEW,
            P.VIEW_PLATFORM,
            P.DECIDE,
            P.PROPOSE_MODEL,
            P.ONBOARD_TENANT,
            P.FREEZE_GRANT,
            P.REVOKE_GRANT,
            P.MANAGE_PEOPLE,
            P.MANAGE_SERVICES,
            P.MANAGE_ACCOUNTS,
            P.RUN_JOBS,
            P.VIEW_COSTS,
        }
    )


class FinOps(Role):
    name = "finops"
    label = "FinOps"
    sentence = "Attributes and budgets the spend of the whole company."
    attaches = "company"
    permissions = frozenset(
        {P.VIEW, P.VIEW_COSTS, P.DECIDE, P.MANAGE_BUDGETS, P.MANAGE_ATTRIBUTION, P.MANAGE_PRICES, P.ONBOARD_TENANT}
    )


class Executive(Role):
    name = "executive"
    label = "Executive"
    sentence = "Reads value, spend and risk of the whole company."
    attaches = "company"
    permissions = frozenset({P.VIEW, P.VIEW_COSTS})


class Auditor(Role):
    name = "auditor"
    label = "Auditor"
    sentence = "Reads everything, the audit trail included, and changes nothing."
    attaches = "company"
    permissions = frozenset({P.VIEW, P.VIEW_COSTS, P.VIEW_AUDIT, P.VIEW_PLATFORM})


class Service(Role):
    name = "service"
    label = "Service"
    sentence = "A program with a key: sees one tenant and what it uses, and may ask for access. It decides nothing."
    attaches = "tenant"
    permissions = frozenset({P.VIEW, P.VIEW_COSTS, P.REQUEST_ACCESS})


ROLES: dict[str, type[Role]] = {
    role.name: role
    for role in (Builder, Owner, Security, Legal, ResponsibleAI, Platform, FinOps, Executive, Auditor, Service)
}
# What people hold; a service account holds Service and nothing else.
OF_PEOPLE = {name: role for name, role in ROLES.items() if role is not Service}
