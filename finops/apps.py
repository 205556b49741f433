"""Start-up of finops."""

from django.apps import AppConfig


class FinopsConfig(AppConfig):
    name = "finops"

    def ready(self) -> None:
        from finops import search as found
        from finops.models import Budget
        from finops.reports.set_budgets import set_for
        from governance import effects as of_governance
        from governance import links, search
        from governance.policy import can_somewhere
        from governance.roles import Permission
        from hub import effects as of_hub
        from hub import needs as of_the_hub
        from portal.jobs import words
        from portal.lib import navigation

        links.register(Budget, "costs:budget-detail")
        search.register(found.budgets)
        of_governance.register("tenant_created", "finops.default_budget")
        of_hub.register("grant_active", "finops.register_grant")
        of_hub.register("grant_active", "finops.granted_budget")
        of_hub.register("logging_found", "finops.sync_region_logs")
        of_hub.register("price_changed", "finops.reprice")
        of_the_hub.answer_set_budget(set_for)
        navigation.shown_to("costs:index", lambda user: can_somewhere(user, Permission.VIEW_COSTS))
        words.name(
            {
                "invocation_logs": "Invocation logs",
                "invocation_logs_copies": "Older invocation logs, being copied in",
                "invocation_logs_days": "Invocation logs that came late",
                "finops.sync_logs": "Reading new invocation logs",
                "finops.sync_late_logs": "Reading invocation logs that came late",
                "finops.build_cube": "Building the costs of changed days",
                "finops.check_budgets": "Comparing spend with the budgets",
            }
        )
