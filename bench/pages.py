"""How long the server takes for the executive page: `python -m bench.pages`. Prints a table.

A PostgreSQL of its own with 92 days of the cube, once as large as the demo's and once with 8,000 rows a day, each of
another model, account or principal; the page through Django's test client, so with all middleware and its template.
"""

import os
import tempfile
import time
from pathlib import Path
from statistics import median

import django

from bench.results import keep
from portal.local.stack import Stack

DAYS, TIMES = 92, 20
SIZES = {"the demo's size": 60, "8,000 rows a day": 8_000}
LINES, CASES_OF_A_LINE = 6, 10
OWN = {"BROKER_URL": "redis://127.0.0.1:1/0", "ATRIUM_HOSTS": "testserver"}
HEAD = "| cube | rows | executive page, median ms | slowest ms | KB |\n|---|---|---|---|---|"
# Each use case has its share of the rows of a day; a twelfth is nobody's.
FILL = """
    INSERT INTO finops_spendday (
        day, line_of_business_id, tenant_id, use_case_id, model_id, mapped, priced, account, region, principal, method,
        conflict, requests, errors, input, output, cache_read, cache_write, cost_nano
    )
    SELECT %(today)s::date - d, c.tenant_id, c.tenant_id, c.id, 'provider.model-' || n %% 40, true, true,
        lpad((n %% 100)::text, 12, '4'), 'eu-central-1', CASE WHEN c.id IS NULL THEN 'role-' || n ELSE '' END,
        CASE WHEN c.id IS NULL THEN 'none' ELSE 'profile' END, false, 100, 1, 400000, 30000, 0, 0,
        1000000 + (n * 7919 + d * 104729) %% 900000000
    FROM generate_series(0, %(days)s - 1) d, generate_series(1, %(rows)s) n
    LEFT JOIN LATERAL (
        SELECT id, tenant_id FROM governance_usecase WHERE n %% 12 > 0 ORDER BY id OFFSET n %% %(cases)s LIMIT 1
    ) c ON true
"""
# As `finops.actions.cube` does it day by day.
SUM_BY_OWNER = """
    INSERT INTO finops_ownerday (
        day, line_of_business_id, tenant_id, use_case_id, priced, requests, errors, input, output, cache_read,
        cache_write, cost_nano
    )
    SELECT day, line_of_business_id, tenant_id, use_case_id, priced, sum(requests), sum(errors), sum(input),
        sum(output), sum(cache_read), sum(cache_write), sum(cost_nano)
    FROM finops_spendday GROUP BY day, line_of_business_id, tenant_id, use_case_id, priced
"""


def make_company() -> None:
    """Lines of business with a budget, their use cases, and an executive."""
    from finops.models import Budget
    from governance.models import Membership, Tenant, UseCase, User
    from portal.lib import clock, months

    user = User.objects.create_user("executive@bench.example", name="Executive")
    Membership.objects.create(user=user, role="executive")
    for number in range(LINES):
        tenant = Tenant.objects.create(name=f"Line {number}", slug=f"line-{number}", cost_centre="CC")
        since = months.first_of(clock.today())
        Budget.objects.create(tenant=tenant, amount_nano=10**12, since=since, set_by=user)
        for case in range(CASES_OF_A_LINE):
            UseCase.objects.create(
                tenant=tenant, name=f"Case {case}", slug=f"case-{number}-{case}", owner=user, data_class="internal",
                audience="employees", people=10, risk="low",
            )  # fmt: skip


def fill(rows: int) -> int:
    """Replace the cube by one of so many rows a day. Returns all rows."""
    from django.db import connection

    from finops.models import SpendDay
    from portal.lib import clock

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM finops_spendday")
        cursor.execute("DELETE FROM finops_ownerday")
        values = {"today": clock.today(), "days": DAYS, "rows": rows, "cases": LINES * CASES_OF_A_LINE}
        cursor.execute(FILL, values)
        cursor.execute(SUM_BY_OWNER)
    return SpendDay.objects.count()


def page_times() -> tuple[list[float], int]:
    """Milliseconds of TIMES calls after a first one, and the bytes of the page."""
    from django.test import Client

    from governance.models import User

    client = Client()
    client.force_login(User.objects.get())
    client.get("/costs/")
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        page = client.get("/costs/")
        taken.append(1000 * (time.perf_counter() - began))
        assert page.status_code == 200
    return taken, len(page.content)


def main() -> None:
    """Fill, measure, print, for each size."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Stack(Path(folder) / "bench", ("database", "migrate"), environ=OWN) as stack,
    ):
        os.environ.update(stack.environ)
        django.setup()
        from django.db import connections

        make_company()
        medians: dict[str, int | float] = {}
        print(HEAD)
        for size, rows in SIZES.items():
            total = fill(rows)
            vacuum(stack)
            taken, length = page_times()
            medians[f"executive_page_ms_{rows}_rows_a_day"] = round(median(taken), 1)
            print(f"| {size} | {total:,} | {median(taken):.0f} | {max(taken):.0f} | {length / 1024:.0f} |")
        connections.close_all()
    keep("pages", medians)


def vacuum(stack: Stack) -> None:
    """What the server does by itself some time after so many writes."""
    import psycopg

    with psycopg.connect(stack.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE finops_spendday, finops_ownerday")


if __name__ == "__main__":
    main()
