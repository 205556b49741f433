"""Start-up of governance."""

from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from governance.models import User


class GovernanceConfig(AppConfig):
    name = "governance"

    def ready(self) -> None:
        from governance import checks, links, search, sign_in_audit, subjects  # noqa: F401  (two are imported for what they do)
        from governance.actions import onboardings
        from governance.deciding import waiting_for
        from governance.models import Approval, Onboarding, Tenant, UseCase, User
        from governance.policy import can
        from governance.roles import Permission
        from portal.jobs import words
        from portal.lib import navigation

        subjects.register(onboardings.SUBJECT)
        links.register(Approval, "governance:review-detail")
        links.register(Onboarding, "governance:onboarding-detail")
        links.register(Tenant, "governance:tenant-detail")
        links.register(UseCase, "governance:use-case-detail")
        links.register(User, "platform:person-detail", visible=_people_seen_by)
        search.register(search.use_cases)
        search.register(search.tenants)
        search.register(search.reviews)
        search.register(search.people)
        search.register(search.roles)
        words.name(
            {
                "jobs.canary": "Sign of life of the workers",
                "jobs.prune": "Clearing away old jobs",
                "governance.prune_api": "Forgetting old answers of the API",
                "governance.seal_audit": "Sealing the audit trail",
                "governance.anchor_audit": "Anchoring the audit trail outside the database",
                "governance.expire_approvals": "Ending approvals that nobody decided in time",
                "governance.remind_overdue": "Reminding those who are late to decide",
            }
        )
        navigation.count_at("governance:index", lambda user: waiting_for(user).count())
        navigation.shown_to("platform:index", lambda user: can(user, Permission.VIEW_PLATFORM))


def _people_seen_by(user: "User") -> "QuerySet[User]":
    """Whose page on the Platform `user` may open."""
    from governance.models import User
    from governance.policy import can
    from governance.roles import Permission

    return User.objects.all() if can(user, Permission.VIEW_PLATFORM) else User.objects.none()
