"""Start-up of hub."""

from django.apps import AppConfig


class HubConfig(AppConfig):
    name = "hub"

    def ready(self) -> None:
        from governance import links, search, subjects
        from hub import checks, search_access, tasks_catalogue  # noqa: F401  # both are imported for what they do
        from hub import search as found
        from hub.actions.access_subject import SUBJECT as ACCESS_REQUEST
        from hub.actions.review_subject import SUBJECT as MODEL_REVIEW
        from hub.models import AccessRequest, AwsAccount, FoundationModel, Grant, ModelReview

        links.register(AccessRequest, "access:request-detail")
        links.register(AwsAccount, "hub:account-detail")
        links.register(FoundationModel, "hub:model-detail")
        links.register(Grant, "access:grant-detail")
        links.register(ModelReview, "hub:review-detail")
        subjects.register(ACCESS_REQUEST)
        subjects.register(MODEL_REVIEW)
        search.register(found.models)
        search.register(found.guardrails)
        search.register(search_access.requests)
        search.register(search_access.grants)
