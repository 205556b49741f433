"""Who may use the pages of the portal itself, and the reference data."""

from portal.access.rules import Rule, open_page, page, staff

PAGES: dict[str, Rule] = {
    "home": page(),
    "ui": page(),
    "healthz": open_page(),
    "readyz": open_page(),
    # Without ATRIUM_METRICS_TOKEN this machine alone, with it whoever sends it.
    "metrics": open_page(),
    "account_login": open_page(),
    "account_logout": open_page(),
    "account_inactive": open_page(),
    "account_signup": open_page(),
    "account_reset_password": open_page(),
    "account_reset_password_done": open_page(),
    "account_reset_password_from_key": open_page(),
    "account_reset_password_from_key_done": open_page(),
    "api-docs": page(),
    "api-document": open_page(),
    "api-nothing": open_page(),
    "admin:*": staff(),
}
