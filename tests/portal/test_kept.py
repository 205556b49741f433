"""An answer that is asked for once and told to many: /readyz, and what it stands on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.lib.kept import Kept

MANY, PATIENCE_S = 8, 30


@pytest.fixture
def people() -> Iterator[ThreadPoolExecutor]:
    """As many callers as the web server has threads."""
    with ThreadPoolExecutor(MANY) as pool:
        yield pool


class Counted:
    """Answers with how often it was asked, from the `slow_from`th time on only when it is let go."""

    def __init__(self, slow_from: int) -> None:
        self.times, self.slow_from = 0, slow_from
        self.begun, self.let_go = Event(), Event()

    def __call__(self) -> int:
        self.times += 1
        number = self.times
        if number >= self.slow_from:
            self.begun.set()
            assert self.let_go.wait(PATIENCE_S)
        return number


def test_many_callers_at_once_cost_one_question(people: ThreadPoolExecutor) -> None:
    ask, together = Counted(slow_from=1), Barrier(MANY)
    kept = Kept(ask, fresh_s=60, at_most_s=60)

    def call(_: int) -> int:
        together.wait(PATIENCE_S)
        return kept()

    answers = [people.submit(call, number) for number in range(MANY)]
    assert ask.begun.wait(PATIENCE_S)
    ask.let_go.set()
    assert [answer.result(PATIENCE_S) for answer in answers] == [1] * MANY
    assert (kept(), ask.times) == (1, 1)


def test_while_one_asks_anew_the_others_get_the_last_answer_at_once(people: ThreadPoolExecutor) -> None:
    ask = Counted(slow_from=2)
    kept = Kept(ask, fresh_s=0, at_most_s=60)
    assert kept() == 1
    asking = people.submit(kept)
    assert ask.begun.wait(PATIENCE_S)
    assert [kept() for _ in range(MANY)] == [1] * MANY
    ask.let_go.set()
    assert asking.result(PATIENCE_S) == 2


def test_an_answer_that_is_too_old_is_waited_for_instead(people: ThreadPoolExecutor) -> None:
    ask = Counted(slow_from=2)
    kept = Kept(ask, fresh_s=0, at_most_s=0)
    assert kept() == 1
    asking, waiting = people.submit(kept), people.submit(kept)
    assert ask.begun.wait(PATIENCE_S)
    ask.let_go.set()
    assert sorted(one.result(PATIENCE_S) for one in (asking, waiting)) == [2, 3]


def test_what_could_not_be_asked_is_asked_again() -> None:
    failures = [RuntimeError("planted")]

    def ask() -> str:
        if failures:
            raise failures.pop()
        return "well"

    kept = Kept(ask, fresh_s=60, at_most_s=60)
    with pytest.raises(RuntimeError, match="planted"):
        kept()
    assert kept() == "well"


def test_readiness_is_looked_up_once_for_many_who_ask(db: None) -> None:
    def asked() -> tuple[int, Any]:
        with CaptureQueriesContext(connection) as queries:
            answer = Client().get("/readyz")
        return len(queries), answer.json()

    first, said = asked()
    assert first > 1
    assert [asked() for _ in range(3)] == [(0, said)] * 3
