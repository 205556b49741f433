"""System checks: what was promised at start-up is there."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections, models

from governance import effects, needs, subjects
from portal.jobs.registry import TASKS


@register(Tags.models)
def subjects_are_whole(app_configs: Sequence[AppConfig] | None, **_options: Any) -> list[CheckMessage]:
    """Each registered kind has a model, and each job registered for an event is declared."""
    missing: list[CheckMessage] = [
        Error(
            f"The adapter of {kind} has no model.", hint="Give Subject(model=…) a Django model.", id="governance.E001"
        )
        for kind in subjects.kinds()
        if not (
            isinstance(subjects.of_kind(kind).model, type) and issubclass(subjects.of_kind(kind).model, models.Model)
        )
    ]
    missing += [
        Error(f"No task is called {name}, which an event here should start.", id="governance.E002")
        for name in effects.registered()
        if name not in TASKS
    ]
    return missing


@register(Tags.models)
def needs_are_answered(app_configs: Sequence[AppConfig] | None, **_options: Any) -> list[CheckMessage]:
    """Each fact that governance needs of an app above has a provider."""
    return [
        Error(f"Nobody tells {need}.", hint="Register a provider in governance.needs.", id="governance.E004")
        for need in needs.missing()
    ]


@register(Tags.database)
def kinds_in_use_have_adapters(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_options: Any
) -> list[CheckMessage]:
    """Each kind that stands in the database can be decided on."""
    from governance.models import Approval

    if not databases:
        return []
    with connections[databases[0]].cursor() as cursor:
        if Approval._meta.db_table not in connections[databases[0]].introspection.table_names(cursor):
            return []
    used = Approval.objects.order_by().values_list("kind", flat=True).distinct()
    return [
        Error(f"Approvals of {kind} exist, but no adapter handles them.", id="governance.E003")
        for kind in used
        if kind not in subjects.kinds()
    ]
