"""What jobs there are: each app declares its own in `tasks.py`, as an edge of a few lines."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Handler = Callable[[Any], None]

MAX_ATTEMPTS = 8


@dataclass(frozen=True)
class Task:
    """A named piece of background work.

    handler: called with the job's argument (an id, or None); works from full state, safe to run twice.
    every: seconds between the slots of its schedule, or None if it is only enqueued.
    max_attempts: after so many failures the job is dead and shows on the Platform pages.
    """

    name: str
    handler: Handler
    every: int | None
    max_attempts: int


TASKS: dict[str, Task] = {}


def task(name: str, *, every: int | None = None, max_attempts: int = MAX_ATTEMPTS) -> Callable[[Handler], Handler]:
    """Declare a function as the handler of jobs called `name` ("hub.reconcile")."""

    def declare(handler: Handler) -> Handler:
        if name in TASKS:
            raise ValueError(f"Two tasks are called {name}.")
        TASKS[name] = Task(name, handler, every, max_attempts)
        return handler

    return declare


def find(name: str) -> Task:
    """The task of a name. Raises LookupError for one that no app declared."""
    if name not in TASKS:
        raise LookupError(f"No task is called {name}.")
    return TASKS[name]
