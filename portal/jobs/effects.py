"""What other apps do when something happened in one, without an import upwards: each registers a job by name."""

from enum import StrEnum

from portal.jobs.outbox import enqueue


class Effects:
    """The effects of the events of one app, named in its `effects.py`."""

    def __init__(self, events: type[StrEnum]) -> None:
        self._tasks: dict[str, list[str]] = {event: [] for event in events}

    def register(self, event: str, task_name: str) -> None:
        """At start-up: run the job `task_name` after each `event`. Raises ValueError for an unknown event."""
        if event not in self._tasks:
            raise ValueError(f"Nothing here is called {event}.")
        if task_name not in self._tasks[event]:
            self._tasks[event].append(task_name)

    def emit(self, event: str, argument: int) -> None:
        """Enqueue every registered job, in the transaction of the change."""
        for task_name in self._tasks[event]:
            enqueue(task_name, argument)

    def registered(self) -> list[str]:
        """The names of all registered jobs."""
        return [name for names in self._tasks.values() for name in names]
