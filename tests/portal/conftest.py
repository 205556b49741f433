"""What the tests of the outbox work with."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from celery import current_app
from django.db import connection

from portal.jobs.registry import TASKS, Handler, Task
from portal.local.ports import LOOPBACK, free_port

Declare = Callable[..., str]


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Declare:
    """declare(handler, every=…, max_attempts=…) makes a task for this test alone and returns its name."""

    def make(handler: Handler, *, name: str = "tests.work", every: int | None = None, max_attempts: int = 8) -> str:
        monkeypatch.setitem(TASKS, name, Task(name, handler, every, max_attempts))
        return name

    return make


@pytest.fixture
def broker_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages go to a port on which nobody listens."""
    monkeypatch.setattr(current_app.conf, "broker_write_url", f"redis://{LOOPBACK}:{free_port()}/0")
    monkeypatch.setattr(current_app.amqp, "_producer_pool", None)


@contextmanager
def in_threads(number: int) -> Iterator[Callable[[Callable[[], Any]], list[Any]]]:
    """run(function) calls it in each of `number` threads at once, with connections of their own; returns all results."""
    with ThreadPoolExecutor(number) as pool:

        def call(function: Callable[[], Any]) -> Any:
            try:
                return function()
            finally:
                connection.close()

        yield lambda function: [future.result() for future in [pool.submit(call, function) for _ in range(number)]]
