"""Who may use the pages of governance."""

from governance.roles import Permission
from portal.access.rules import ASKER, DECIDER, Rule, company, form, page, post, somewhere, verb, within

P = Permission
SEEN = within(P.VIEW) | ASKER
REMARKS = ASKER | within(P.DECIDE) | within(P.REQUEST_ACCESS)
PLATFORM = company(P.VIEW_PLATFORM)

PAGES: dict[str, Rule] = {
    # Reviews: the lists show what one may see.
    "governance:index": page(),
    "governance:review-detail": page(sees=SEEN),
    "governance:review-decide": verb(sees=SEEN, may=DECIDER),
    "governance:review-comment": verb(sees=SEEN, may=REMARKS),
    "governance:review-withdraw": verb(sees=SEEN, may=ASKER),
    # Tenants and use cases.
    "governance:tenant-list": page(),
    "governance:tenant-detail": page(sees=within(P.VIEW)),
    "governance:tenant-edit": form(sees=within(P.VIEW), may=company(P.ONBOARD_TENANT)),
    "governance:onboarding-new": form(door=company(P.ONBOARD_TENANT)),
    "governance:onboarding-reach": page(door=company(P.ONBOARD_TENANT)),
    "governance:onboarding-detail": page(sees=SEEN),
    "governance:onboarding-edit": form(sees=SEEN, may=ASKER),
    "governance:onboarding-submit": verb(sees=SEEN, may=ASKER),
    "governance:onboarding-evidence": page(sees=SEEN),
    "governance:use-case-list": page(),
    "governance:use-case-new": form(may=somewhere(P.EDIT_USE_CASES), offered=within(P.EDIT_USE_CASES)),
    "governance:use-case-risk": page(),
    "governance:use-case-detail": page(sees=within(P.VIEW)),
    "governance:use-case-edit": form(sees=within(P.VIEW), may=within(P.EDIT_USE_CASES)),
    "governance:use-case-stage": verb(sees=within(P.VIEW), may=within(P.EDIT_USE_CASES)),
    # The audit trail.
    "governance:audit-list": page(may=somewhere(P.VIEW_AUDIT)),
    "governance:audit-export": post(may=company(P.VIEW_AUDIT)),
    # One's own tokens, and the keys of services that one answers for.
    "governance:api-access": page(),
    "governance:token-make": verb(),
    "governance:token-revoke": post(sees=ASKER),
    "governance:service-make": verb(offered=within(P.MANAGE_SERVICES)),
    "governance:key-make": verb(offered=within(P.MANAGE_SERVICES)),
    "governance:key-revoke": post(sees=within(P.MANAGE_SERVICES)),
    # What one was told.
    "governance:notification-list": page(),
    "governance:notification-read-all": verb(),
    "governance:notification-read": verb(sees=ASKER),
    "search": page(),
    # The Platform pages.
    "platform:index": page(door=PLATFORM),
    "platform:people-list": page(door=PLATFORM),
    "platform:person-invite": form(door=company(P.MANAGE_PEOPLE)),
    "platform:person-detail": page(door=PLATFORM),
    "platform:person-invitation": verb(door=company(P.MANAGE_PEOPLE)),
    "platform:role-give": verb(door=PLATFORM, may=company(P.MANAGE_PEOPLE)),
    "platform:role-take": verb(door=PLATFORM, may=company(P.MANAGE_PEOPLE)),
    "platform:person-deactivate": verb(door=PLATFORM, may=company(P.MANAGE_PEOPLE)),
    "platform:person-reactivate": verb(door=PLATFORM, may=company(P.MANAGE_PEOPLE)),
    "platform:routing-policy-list": page(door=PLATFORM),
    "platform:routing-policy-detail": page(door=PLATFORM),
    "platform:sync-list": page(door=PLATFORM),
    "platform:sync-run-now": verb(door=PLATFORM, may=company(P.RUN_JOBS)),
    "platform:sync-again": verb(door=PLATFORM, may=company(P.RUN_JOBS)),
    "platform:job-list": page(door=PLATFORM),
    "platform:job-retry": verb(door=PLATFORM, may=company(P.RUN_JOBS)),
    # Only where the sandbox is the AWS in use.
    "platform:sandbox-fault-list": form(door=PLATFORM, sends=company(P.RUN_JOBS)),
    "platform:sandbox-fault-clear-all": post(door=PLATFORM, may=company(P.RUN_JOBS)),
    "platform:sandbox-fault-clear": post(door=PLATFORM, may=company(P.RUN_JOBS)),
}
