"""System checks: what other apps promised at start-up is there."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register

from hub import effects
from portal.jobs.registry import TASKS


@register(Tags.models)
def effects_are_declared(app_configs: Sequence[AppConfig] | None, **_options: Any) -> list[CheckMessage]:
    """Each job that shall follow an event of the hub is declared."""
    return [
        Error(f"No task is called {name}, which an event here should start.", id="hub.E001")
        for name in effects.registered()
        if name not in TASKS
    ]
