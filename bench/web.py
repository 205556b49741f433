"""The web process: `python -m bench.web`. Its first answer, its memory, the API, and 20 people at once. Prints a table.

A PostgreSQL, a broker and a web server of its own, with a generated company: 50 lines of business, 500 use cases with
as many requests and approvals, 400 grants, 100,000 events of the trail, 92 days of the cube with 8,000 rows each. The
20 are executives, auditors, reviewers of security, and owners and builders of one line each.
"""

import json
import os
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import django

from bench import company, estate
from bench.results import Row, keep, show
from bench.visitors import Answers, Visitor, crowd, share
from portal.local.stack import Stack

if TYPE_CHECKING:
    from governance.models import User

LINES, CASES_OF_A_LINE, ROWS_A_DAY = 50, 10, 8_000
USERS, SECONDS, PAUSE_S = 20, 30.0, 1.0
API_TIMES, IDLE_S = 40, 5.0
# Who visits: (role, whether it is held in one line of business, the pages that they open).
LINE, COMPANY = True, False
AUDITOR = 1  # reads every list of the API
KINDS = (
    ("executive", COMPANY, ("/", "/costs/", "/costs/rows/", "/costs/budgets/", "/governance/tenants/")),
    ("auditor", COMPANY, ("/", "/governance/audit/", "/governance/use-cases/", "/access/grants/", "/hub/")),
    ("security", COMPANY, ("/", "/governance/", "/access/grants/", "/hub/", "/governance/use-cases/")),
    ("owner", LINE, ("/", "/costs/", "/costs/rows/", "/access/grants/", "/access/?show=all")),
    ("builder", LINE, ("/", "/access/?show=all", "/access/grants/", "/hub/", "/governance/use-cases/", "/costs/")),
)
# What these pages must say, or the lists that are measured would be empty.
WORDS = {
    "/hub/": "Model 1", "/access/grants/": "of line", "/governance/": "of line", "/governance/use-cases/": "of line",
    "/governance/audit/": "grant.applied", "/costs/": "Line ", "/access/?show=all": "of line",
}  # fmt: skip
LISTS = ("tenants", "use-cases", "models", "approvals", "access-requests", "grants", "audit")
GOAL_OF_LOAD = "at most 300 ms"
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


def people() -> list[tuple[str, tuple[str, ...]]]:
    """USERS people of all kinds, each with the cookie of a session and the pages that they open."""
    from governance.models import Membership, Tenant, User

    lines, made = Tenant.objects.order_by("pk"), []
    for number in range(USERS):
        role, of_a_line, pages = KINDS[number % len(KINDS)]
        user = User.objects.create_user(f"person-{number}@bench.example", name=f"Person {number}")
        Membership.objects.create(user=user, role=role, tenant=lines[number] if of_a_line else None)
        made.append((session_of(user), pages))
    return made


def session_of(user: "User") -> str:
    """The cookie with which somebody is signed in."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def check(url: str, visitors: list[tuple[str, tuple[str, ...]]]) -> None:
    """Every page opens for whom it is meant, and shows rows. Raises AssertionError."""
    for (role, *_), (cookie, pages) in zip(KINDS, visitors, strict=False):
        visitor = Visitor(url, cookie)
        for page in pages:
            status, text = visitor.read(page)
            assert status == 200, f"{page} answered {status} to {role}"
            assert WORDS.get(page, "") in text, f"{page} shows {role} nothing of what was made"
        visitor.close()


def api(url: str, cookie: str) -> list[Row]:
    """How long a page of each list takes one caller who asks without a pause."""
    rows = []
    visitor = Visitor(url, cookie)
    for name in LISTS:
        address = f"/api/v1/{name}/"
        answers = [visitor.open(address) for _ in range(API_TIMES)]
        assert {status for status, _ in answers} == {200}, f"{address} answered {answers[-1][0]}"
        assert json.loads(visitor.read(address)[1])["items"], f"{address} lists nothing"
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

    asker = company.found(LINES, CASES_OF_A_LINE)
    company.fill(ROWS_A_DAY, clock.today(), stack.environ["DATABASE_OWNER_URL"])
    estate.found(asker)
    visitors = people()
    started = start(stack)
    url = stack.environ["ATRIUM_URL"]
    check(url, visitors)
    return [*started, *api(url, visitors[AUDITOR][0]), *load(crowd(url, visitors, SECONDS, PAUSE_S))]


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
