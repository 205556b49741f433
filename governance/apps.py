"""Start-up of governance."""

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "governance"

    def ready(self) -> None:
        from governance import checks, sign_in_audit, subjects  # noqa: F401  (two are imported for what they register)
        from governance.actions import onboardings
        from governance.deciding import waiting_for
        from portal.lib import navigation

        subjects.register(onboardings.SUBJECT)
        navigation.count_at("governance:index", lambda user: waiting_for(user).count())
