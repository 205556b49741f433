"""Items made by a thread before they are asked for."""

import threading
from collections.abc import Iterator

import pytest

from portal.lib.ahead import ahead


def test_items_come_in_their_order_and_are_made_by_another_thread() -> None:
    makers = set()

    def items() -> Iterator[int]:
        for number in range(50):
            makers.add(threading.get_ident())
            yield number

    assert list(ahead(items(), 3)) == list(range(50))
    assert len(makers) == 1
    assert threading.get_ident() not in makers


def test_the_next_item_is_made_while_one_is_in_use() -> None:
    second = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        second.set()
        yield 2

    coming = ahead(items(), 1)
    next(coming)
    assert second.wait(10)
    coming.close()


def test_no_more_than_so_many_are_made_ahead() -> None:
    made: list[int] = []
    coming = ahead((made.append(number) or number for number in range(50)), 4)
    assert next(coming) == 0
    coming.close()
    assert len(made) <= 5


def test_a_failure_comes_in_the_place_of_its_item() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise LookupError("no more")

    coming = ahead(items(), 2)
    assert next(coming) == 1
    with pytest.raises(LookupError, match="no more"):
        next(coming)


def test_whoever_stops_early_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    coming = ahead(iter(range(50)), 2)
    next(coming)
    assert threading.active_count() == before + 1
    coming.close()
    assert threading.active_count() == before
