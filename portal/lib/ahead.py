"""Items made by a thread before they are asked for."""

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
_END: Any = object()


def ahead(items: Iterator[T], most: int) -> Generator[T, None, None]:
    """The same items in the same order, each made by a thread, up to `most` of them ahead of the one in use.

    What making an item raises is raised in its place. Whoever stops asking early closes the iterator: the thread then
    ends with the item that it is at.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as maker:
        coming = deque(maker.submit(next, items, _END) for _ in range(most))
        try:
            while (item := coming.popleft().result()) is not _END:
                coming.append(maker.submit(next, items, _END))
                yield item
        finally:
            maker.shutdown(cancel_futures=True)
