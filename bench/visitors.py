"""People at their browsers, each a thread with a session of its own that opens one page after another."""

import http.client
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

TIMEOUT_S = 30.0


@dataclass
class Answers:
    """What came back: milliseconds of each answer by page, and how many of each status."""

    times: dict[str, list[float]] = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=dict)

    def add(self, page: str, status: int, milliseconds: float) -> None:
        """One answer."""
        self.times.setdefault(page, []).append(milliseconds)
        self.statuses[status] = self.statuses.get(status, 0) + 1

    def all_times(self) -> list[float]:
        """The times of all pages, the quickest first."""
        return sorted(time for times in self.times.values() for time in times)

    def failed(self) -> int:
        """Answers that say that the server failed."""
        return sum(count for status, count in self.statuses.items() if status >= 500)


def share(times: Sequence[float], part: float) -> float:
    """The time within which so many of the sorted ones were answered (0.95: all but one in twenty)."""
    return times[min(len(times) - 1, int(len(times) * part))]


class Visitor:
    """A signed-in person. cookie: as the browser sends it."""

    def __init__(self, url: str, cookie: str) -> None:
        where = urlsplit(url)
        self._connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=TIMEOUT_S)
        self._headers = {"Cookie": cookie, "Accept": "*/*"}

    def open(self, page: str) -> tuple[int, float]:
        """The status of a page and the milliseconds until its last byte."""
        began = time.perf_counter()
        status, _ = self.read(page)
        return status, 1000 * (time.perf_counter() - began)

    def read(self, page: str) -> tuple[int, str]:
        """The status of a page and what it says."""
        self._connection.request("GET", page, headers=self._headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read().decode()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def crowd(url: str, people: Sequence[tuple[str, Sequence[str]]], seconds: float, pause_s: float) -> Answers:
    """One visitor for each (cookie, pages) for so long, each pausing between two pages for about `pause_s`."""
    answers, lock = Answers(), threading.Lock()
    until = time.perf_counter() + seconds

    def visit(number: int) -> None:
        cookie, pages = people[number]
        pick, visitor = random.Random(number), Visitor(url, cookie)
        time.sleep(pick.uniform(0, pause_s))
        while time.perf_counter() < until:
            page = pick.choice(pages)
            status, took = visitor.open(page)
            with lock:
                answers.add(page, status, took)
            time.sleep(pick.uniform(0.5, 1.5) * pause_s)
        visitor.close()

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(len(people))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
