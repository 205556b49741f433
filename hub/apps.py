"""Start-up of hub."""

from django.apps import AppConfig


class HubConfig(AppConfig):
    name = "hub"

    def ready(self) -> None:
        from governance import subjects
        from hub import tasks_catalogue  # noqa: F401  # declares its tasks
        from hub.actions.access_subject import SUBJECT as ACCESS_REQUEST
        from hub.actions.review_subject import SUBJECT as MODEL_REVIEW

        subjects.register(ACCESS_REQUEST)
        subjects.register(MODEL_REVIEW)
