"""What the tests of the outbox work with."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from celery import current_app
from django.db import connection

from portal.jobs import sending
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
    monkeypatch.setattr(sending, "_left_alone_until", 0.0)


@pytest.fixture
def messages(test_process: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The workers' queue, empty at first, on a broker database of this test process: nobody else reads or writes it."""
    place = int(test_process.removeprefix("gw")) + 1 if test_process.startswith("gw") else 0
    broker = os.environ["BROKER_URL"]
    own = f"{broker.rsplit('/', 1)[0]}/{100 * (place % 5) + 99}" if broker.startswith("redis") else broker
    monkeypatch.setattr(current_app.conf, "broker_write_url", own)
    monkeypatch.setattr(current_app.amqp, "_producer_pool", None)
    monkeypatch.setattr(sending, "_left_alone_until", 0.0)
    queue = str(current_app.conf.task_default_queue)
    with current_app.connection_for_write() as connected, connected.SimpleQueue(queue) as waiting:
        waiting.clear()
        yield waiting
        waiting.clear()


def sent(messages: Any) -> list[int]:
    """The job ids that lie in the queue, in order; takes them out."""
    ids = []
    for _ in range(sending.messages_waiting() or 0):
        message = messages.get(timeout=5)
        message.ack()
        ids.append(message.payload[0][0])
    return ids


@contextmanager
def in_threads(number: int) -> Iterator[Callable[[Callable[[], Any]], list[Any]]]:
    """run(function) calls it in `number` threads at once, each with its own connection, and returns all results."""
    with ThreadPoolExecutor(number) as pool:

        def call(function: Callable[[], Any]) -> Any:
            try:
                return function()
            finally:
                connection.close()

        yield lambda function: [future.result() for future in [pool.submit(call, function) for _ in range(number)]]
