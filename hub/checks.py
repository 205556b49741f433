"""System checks: what other apps promised at start-up is there."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register

from hub import effects, needs
from portal.jobs.registry import TASKS


@register(Tags.models)
def effects_are_declared(app_configs: Sequence[AppConfig] | None, **_options: Any) -> list[CheckMessage]:
    """Each job that shall follow an event of the hub is declared."""
    return [
        Error(f"No task is called {name}, which an event here should start.", id="hub.E001")
        for name in effects.registered()
        if name not in TASKS
    ]


@register(Tags.models)
def needs_are_answered(app_configs: Sequence[AppConfig] | None, **_options: Any) -> list[CheckMessage]:
    """Each fact that the hub needs of an app above has a provider."""
    return [
        Error(f"Nobody tells {need}.", hint="Register a provider in hub.needs.", id="hub.E002")
        for need in needs.missing()
    ]
