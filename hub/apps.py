"""Start-up of hub."""

from django.apps import AppConfig


class HubConfig(AppConfig):
    name = "hub"

    def ready(self) -> None:
        from governance import effects as of_governance
        from governance import links, needs, subjects
        from hub import checks, tasks_catalogue  # noqa: F401  # both are imported for what they do
        from hub.actions import service_health
        from hub.actions.access_subject import SUBJECT as ACCESS_REQUEST
        from hub.actions.review_subject import SUBJECT as MODEL_REVIEW
        from hub.models import AccessRequest, AwsAccount, FoundationModel, Grant, ModelReview
        from hub.reports import accounts
        from hub.reports.access import live_of
        from hub.reports.reach import reach_of
        from portal.jobs import closing, words

        links.register(AccessRequest, "access:request-detail")
        links.register(AwsAccount, "hub:account-detail")
        links.register(FoundationModel, "hub:model-detail")
        links.register(Grant, "access:grant-detail")
        links.register(ModelReview, "hub:review-detail")
        subjects.register(ACCESS_REQUEST)
        subjects.register(MODEL_REVIEW)
        _let_be_found()
        needs.answer_live_access(live_of)
        needs.answer_model_reach(reach_of)
        of_governance.register(of_governance.Event.USE_CASE_CHANGED, "hub.follow_use_case")
        closing.after_each(service_health.note)
        words.places(accounts.places)
        words.name(
            {
                "catalogue": "Models, profiles and guardrails",
                "hub.sync_catalogue": "Reading models, profiles and guardrails from AWS",
                "hub.load_prices": "Loading list prices",
                "hub.follow_use_case": "Following a change of a use case",
                "hub.expire_grants": "Ending grants whose time is over",
                "hub.observe_grants": "Comparing grants with what is in AWS",
            }
        )


def _let_be_found() -> None:
    """What of the hub search finds."""
    from governance import search
    from hub import search as found
    from hub import search_access

    providers = (found.models, found.guardrails, found.accounts, search_access.requests, search_access.grants)
    for provider in providers:
        search.register(provider)
