"""A generated company in a database of its own: lines of business with budgets and use cases, an executive, and the
cube of 92 days, each row another model, account or principal.
"""

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from governance.models import User

DAYS = 92
EXECUTIVE = "executive@bench.example"
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
    LEFT JOIN (SELECT id, tenant_id, row_number() OVER (ORDER BY id) - 1 AS nth FROM governance_usecase) c
        ON n %% 12 > 0 AND c.nth = n %% %(cases)s
"""


def found(lines: int, cases_of_a_line: int) -> "User":
    """Lines of business with a budget, their use cases, and an executive, who is returned."""
    from finops.models import Budget
    from governance.models import Membership, Tenant, UseCase, User
    from portal.lib import clock, months

    user = User.objects.create_user(EXECUTIVE, name="Executive")
    Membership.objects.create(user=user, role="executive")
    for number in range(lines):
        tenant = Tenant.objects.create(name=f"Line {number}", slug=f"line-{number}", cost_centre="CC")
        since = months.first_of(clock.today())
        Budget.objects.create(tenant=tenant, amount_nano=10**12, since=since, set_by=user)
        UseCase.objects.bulk_create(
            UseCase(
                tenant=tenant, name=f"Case {case} of line {number}", slug=f"case-{number}-{case}", owner=user,
                data_class="internal", audience="employees", people=10, risk="low",
            )
            for case in range(cases_of_a_line)
        )  # fmt: skip
    return user


def fill(rows_a_day: int, today: date, owner_url: str) -> int:
    """Replace the cube by one of so many rows a day. Returns all rows."""
    import psycopg
    from django.db import connection

    from finops.actions.cube import INSERT_OWNERS
    from finops.models import SpendDay
    from governance.models import UseCase

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM finops_spendday")
        cursor.execute("DELETE FROM finops_ownerday")
        cursor.execute(FILL, {"today": today, "days": DAYS, "rows": rows_a_day, "cases": UseCase.objects.count()})
        cursor.execute("CREATE TEMP VIEW cube_day AS SELECT * FROM finops_spendday")  # all days as if they were one
        cursor.execute(INSERT_OWNERS)
        cursor.execute("DROP VIEW cube_day")
    with psycopg.connect(owner_url, autocommit=True) as owner:  # what the server does by itself some time later
        owner.execute("VACUUM ANALYZE finops_spendday, finops_ownerday")
    return SpendDay.objects.count()
