"""Start-up of governance."""

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "governance"

    def ready(self) -> None:
        from governance import checks, search, sign_in_audit, subjects  # noqa: F401  (two are imported for what they do)
        from governance.actions import onboardings
        from governance.deciding import waiting_for
        from governance.policy import can
        from governance.roles import Permission
        from portal.lib import navigation

        subjects.register(onboardings.SUBJECT)
        search.register(search.use_cases)
        search.register(search.tenants)
        navigation.count_at("governance:index", lambda user: waiting_for(user).count())
        navigation.shown_to("platform:index", lambda user: can(user, Permission.VIEW_PLATFORM))
