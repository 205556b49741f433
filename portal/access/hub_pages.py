"""Who may use the pages of the hub: models, prices, accounts, requests, grants."""

from governance.roles import Permission
from portal.access.rules import ASKER, Rule, company, form, page, post, somewhere, verb, within

P = Permission
MODELS = somewhere(P.VIEW)
SEEN = within(P.VIEW) | ASKER
REMARKS = ASKER | within(P.DECIDE) | within(P.REQUEST_ACCESS)
ACCOUNTS = company(P.VIEW_PLATFORM)

PAGES: dict[str, Rule] = {
    # The catalogue is open to everybody who may see any tenant.
    "hub:index": page(),
    "hub:model-detail": page(sees=MODELS),
    "hub:model-status": post(sees=MODELS, may=company(P.FREEZE_GRANT)),
    "hub:review-new": form(sees=MODELS, may=somewhere(P.PROPOSE_MODEL)),
    "hub:review-detail": page(sees=MODELS),
    "hub:review-edit": form(sees=MODELS, may=ASKER),
    "hub:review-submit": post(sees=MODELS, may=ASKER),
    "hub:review-withdraw": post(sees=MODELS, may=ASKER),
    "hub:review-evidence": page(sees=MODELS),
    "hub:price-list": page(may=somewhere(P.VIEW)),
    "hub:price-new": form(may=company(P.MANAGE_PRICES)),
    "hub:price-load": post(may=company(P.MANAGE_PRICES)),
    "hub:guardrail-list": page(),
    "hub:guardrail-detail": page(sees=within(P.VIEW)),
    "hub:account-list": page(door=ACCOUNTS),
    "hub:account-new": form(door=company(P.MANAGE_ACCOUNTS)),
    "hub:account-detail": page(door=ACCOUNTS),
    "hub:account-edit": form(door=ACCOUNTS, may=company(P.MANAGE_ACCOUNTS)),
    "hub:account-test": post(door=ACCOUNTS, may=company(P.MANAGE_ACCOUNTS)),
    "hub:account-sync": post(door=ACCOUNTS, may=company(P.RUN_JOBS)),
    # A request is written by who asks for it, and by nobody else.
    "access:index": page(),
    "access:request-new": page(may=somewhere(P.REQUEST_ACCESS)),
    "access:request-detail": page(sees=SEEN),
    "access:request-edit": page(sees=ASKER),
    "access:request-save": verb(sees=ASKER),
    "access:request-submit": verb(sees=ASKER),
    "access:request-evidence": page(sees=SEEN),
    "access:request-withdraw": verb(sees=ASKER),
    "access:request-clone": verb(sees=SEEN, may=somewhere(P.REQUEST_ACCESS)),
    "access:request-comment": verb(sees=SEEN, may=REMARKS),
    "access:use-case-panel": page(sees=within(P.VIEW)),
    "access:grant-list": page(),
    "access:grant-detail": page(sees=within(P.VIEW)),
    "access:grant-freeze": verb(sees=within(P.VIEW), may=within(P.FREEZE_GRANT)),
    "access:grant-unfreeze": verb(sees=within(P.VIEW), may=within(P.FREEZE_GRANT)),
    "access:grant-revoke": verb(sees=within(P.VIEW), may=within(P.REVOKE_GRANT)),
    "access:grant-retry": verb(sees=within(P.VIEW), may=ASKER | within(P.FREEZE_GRANT)),
}
