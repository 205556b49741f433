"""Start-up of finops."""

from django.apps import AppConfig


class FinopsConfig(AppConfig):
    name = "finops"

    def ready(self) -> None:
        from governance import effects as of_governance
        from governance.policy import can_somewhere
        from governance.roles import Permission
        from hub import effects as of_hub
        from portal.lib import navigation

        of_governance.register("tenant_created", "finops.default_budget")
        of_hub.register("grant_active", "finops.register_grant")
        of_hub.register("logging_found", "finops.sync_region_logs")
        of_hub.register("price_changed", "finops.reprice")
        navigation.shown_to("costs:index", lambda user: can_somewhere(user, Permission.VIEW_COSTS))
