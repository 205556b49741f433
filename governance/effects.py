"""What other apps do when something happened here, without an import upwards: each registers a job by name."""

from enum import StrEnum

from portal.jobs.outbox import enqueue


class Event(StrEnum):
    """What happens here, and what the jobs are given."""

    TENANT_CREATED = "tenant_created"  # the id of the tenant
    USE_CASE_CHANGED = "use_case_changed"  # the id of the use case


_tasks: dict[str, list[str]] = {event: [] for event in Event}


def register(event: str, task_name: str) -> None:
    """At start-up: run the job `task_name` after each `event`. Raises ValueError for an event that never happens."""
    if event not in _tasks:
        raise ValueError(f"Nothing here is called {event}.")
    if task_name not in _tasks[event]:
        _tasks[event].append(task_name)


def emit(event: Event, argument: int) -> None:
    """Enqueue every registered job, in the transaction of the change."""
    for task_name in _tasks[event]:
        enqueue(task_name, argument)


def registered() -> list[str]:
    """The names of all registered jobs."""
    return [name for names in _tasks.values() for name in names]
