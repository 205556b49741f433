"""Start-up of hub."""

from django.apps import AppConfig


class HubConfig(AppConfig):
    name = "hub"

    def ready(self) -> None:
        from governance import search, subjects
        from hub import checks, search_access, tasks_catalogue  # noqa: F401  # both are imported for what they do
        from hub import search as found
        from hub.actions.access_subject import SUBJECT as ACCESS_REQUEST
        from hub.actions.review_subject import SUBJECT as MODEL_REVIEW

        subjects.register(ACCESS_REQUEST)
        subjects.register(MODEL_REVIEW)
        search.register(found.models)
        search.register(found.guardrails)
        search.register(search_access.requests)
        search.register(search_access.grants)
