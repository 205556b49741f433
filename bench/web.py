"""The web process: `python -m bench.web`. Its first answer, its memory, the API, and 20 people at once. Prints a table.

A PostgreSQL, a broker and a web server of its own, with a generated company: 50 lines of business, 500 use cases, 92
days of the cube with 8,000 rows each.
"""

import os
import tempfile
import time
from pathlib import Path
from statistics import median

import django

from bench import company
from bench.results import Row, keep, show
from bench.visitors import Answers, Visitor, crowd, share
from portal.local.stack import Stack

LINES, CASES_OF_A_LINE, ROWS_A_DAY = 50, 10, 8_000
USERS, SECONDS, PAUSE_S = 20, 30.0, 1.0
API_TIMES, IDLE_S = 40, 5.0
PAGES = (
    "/", "/costs/", "/costs/rows/", "/costs/budgets/", "/governance/", "/governance/tenants/", "/governance/use-cases/",
    "/hub/", "/access/grants/",
)  # fmt: skip
LISTS = ("tenants", "use-cases", "approvals", "audit")
GOAL_OF_LOAD = "at most 300 ms"
ROLES = ("executive", "auditor")
# One caller asks for every list in a row, many times; no limit of a token shall answer for the server.
OWN = {"ATRIUM_API_REQUESTS_A_MINUTE": "100000", "ATRIUM_API_BURST": "100000"}


def start(stack: Stack) -> list[Row]:
    """Start the web server anew: the time to its first answer, and its memory a while later."""
    stack.stop("web")
    began = time.perf_counter()
    stack.start("web")
    stack.wait_ready("web")
    took = time.perf_counter() - began
    time.sleep(IDLE_S)
    memory = sum(process.memory_info().rss for process in stack.processes("web")) / 2**20
    return [
        Row("web server, start to first answer", took, "s", "at most 4 s"),
        Row("web server, memory when idle, all its processes", memory, "MiB", "at most 200 MiB"),
    ]


def cookies(users: int) -> list[str]:
    """People who see the whole company, each with the cookie of a session."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from governance.models import Membership, User

    made = []
    for number in range(users):
        user = User.objects.create_user(f"person-{number}@bench.example", name=f"Person {number}")
        Membership.objects.bulk_create(Membership(user=user, role=role) for role in ROLES)
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        made.append(f"{settings.SESSION_COOKIE_NAME}={session.session_key}")
    return made


def api(url: str, cookie: str) -> list[Row]:
    """How long a page of each list takes one caller who asks without a pause."""
    rows = []
    visitor = Visitor(url, cookie)
    for name in LISTS:
        address = f"/api/v1/{name}/"
        answers = [visitor.open(address) for _ in range(API_TIMES)]
        assert {status for status, _ in answers} == {200}, f"{address} answered {answers[-1][0]}"
        rows.append(Row(f"GET {address}, median of {API_TIMES}", median(took for _, took in answers), "ms", ""))
    visitor.close()
    return rows


def load(answers: Answers) -> list[Row]:
    """What 20 people met."""
    times = answers.all_times()
    about = f"{USERS} people, {PAUSE_S:.0f} s between two pages, {LINES} lines of business"
    worst = max(answers.times, key=lambda page: median(answers.times[page]))
    return [
        Row(f"{about}: 95 % of answers within", share(times, 0.95), "ms", GOAL_OF_LOAD),
        Row(f"{about}: half of answers within", share(times, 0.5), "ms", ""),
        Row(f"{about}: the slowest page, {worst}, median", median(answers.times[worst]), "ms", ""),
        Row(f"{about}: answers", len(times), "answers", ""),
        Row(f"{about}: answers that are no page (5xx)", answers.failed(), "answers", "0"),
    ]


def measured(stack: Stack) -> list[Row]:
    """All figures, one after the other."""
    from portal.lib import clock

    company.found(LINES, CASES_OF_A_LINE)
    company.fill(ROWS_A_DAY, clock.today(), stack.environ["DATABASE_OWNER_URL"])
    people = cookies(USERS)
    started = start(stack)
    url = stack.environ["ATRIUM_URL"]
    first = Visitor(url, people[0])
    refused = {page: status for page in PAGES if (status := first.open(page)[0]) != 200}
    first.close()
    assert not refused, f"These pages must open before they are measured: {refused}"
    return [*started, *api(url, people[0]), *load(crowd(url, people, PAGES, SECONDS, PAUSE_S))]


def main() -> None:
    """Found, fill, measure, print, keep."""
    parts = ("database", "broker", "migrate", "web")
    with (
        tempfile.TemporaryDirectory(prefix="atrium-bench-") as folder,
        Stack(Path(folder) / "bench", parts, environ=OWN) as stack,
    ):
        os.environ.update(stack.environ)
        django.setup()
        from django.db import connections

        rows = measured(stack)
        connections.close_all()
    show("Web", rows)
    keep("web", rows)


if __name__ == "__main__":
    main()
