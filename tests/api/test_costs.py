"""Usage and budgets in the API: sums of what one may see, estimated and with their age, and what may be spent."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from finops.actions import budgets, cube
from finops.models import Budget
from governance.models import AuditEvent
from governance.vocabulary import Verb
from hub.models import AccountRegion
from portal.jobs.models import SyncRun
from portal.lib import clock
from tests.api.conftest import As, Caller, fields, uids
from tests.cast import Cast, tenant, use_case
from tests.finops.conftest import DAY, SONNET, Use
from tests.finops.test_cube import ROLE, handle
from tests.hub.conftest import an_account

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
CLAIMS = "arn:aws:iam::447100000212:role/insurance-claims"
NEVER = "01930000-0000-7000-8000-000000000000"
USD = 1_000_000_000
NOVEMBER = {"since": "2026-11-01", "until": "2026-11-20"}


@pytest.fixture(autouse=True)
def today(cast: Cast) -> Iterator[None]:
    with clock.set_to(NOW):
        yield


@pytest.fixture
def spend(cast: Cast, use: Use, sonnet_prices: None) -> None:
    """Retail spends 33 USD, Insurance 66, nobody 3.30 on 18 November; retail spent 16.50 in October."""
    claims = use_case(cast.insurance, cast.builder_insurance, "Claims triage")
    handle(cast, "principal", ROLE, since=DAY - timedelta(days=60))
    handle(cast, "principal", CLAIMS, use_case=claims, since=DAY - timedelta(days=60))
    use(DAY, input=10_000_000, requests=7, errors=2, principal=ROLE)
    use(DAY, input=20_000_000, principal=CLAIMS)
    use(DAY, input=1_000_000, principal="arn:aws:iam::447100000212:role/somebody")
    use(DAY - timedelta(days=31), input=5_000_000, principal=ROLE)
    cube.build_marked()


@pytest.fixture
def finops(cast: Cast, signed_in: As) -> Caller:
    return signed_in(cast.finops_person)


def sums(answer: Any) -> dict[str | None, str]:
    return {one["name"]: one["cost"] for one in answer.json()["items"]}


def test_usage_is_summed_and_told_as_decimals_and_as_whole_numbers(spend: None, finops: Caller) -> None:
    told = finops.get("usage/", NOVEMBER | {"group_by": "use_case"}).json()
    assert (told["since"], told["until"], told["group_by"], told["groups"]) == (
        "2026-11-01",
        "2026-11-20",
        "use_case",
        3,
    )
    assert (told["total"]["cost"], told["total"]["cost_nano"], told["estimate"]) == ("102.30", 102_300_000_000, True)
    summary = next(one for one in told["items"] if one["name"] == "Call summary")
    assert (summary["requests"], summary["errors"], summary["unpriced_requests"]) == (7, 2, 0)
    assert summary["tokens"] == {"input": 10_000_000, "output": 0, "cache_read": 0, "cache_write": 0}
    assert [(one["name"], one["cost"]) for one in told["items"]] == [
        ("Claims triage", "66.00"), ("Call summary", "33.00"), (None, "3.30"),
    ]  # fmt: skip


def test_usage_is_grouped_and_narrowed(cast: Cast, spend: None, finops: Caller) -> None:
    retail, claims = "Retail banking", "Insurance"
    for query, found in (
        ({"group_by": "tenant"}, {claims: "66.00", retail: "33.00", None: "3.30"}),
        ({"group_by": "line_of_business"}, {claims: "66.00", retail: "33.00", None: "3.30"}),
        ({"group_by": "day"}, {"2026-11-18": "102.30"}),
        ({"group_by": "model"}, {SONNET: "102.30"}),
        ({"group_by": "method"}, {"principal": "99.00", "none": "3.30"}),
        ({"group_by": "account"}, {"447100000212": "102.30"}),
        ({"group_by": "tenant", "tenant": str(cast.retail.uid)}, {retail: "33.00"}),
        ({"line_of_business": str(cast.retail.uid)}, {"Call summary": "33.00"}),
        ({"use_case": str(cast.call_summary.uid), "group_by": "day"}, {"2026-11-18": "33.00"}),
        ({"method": "none", "group_by": "day"}, {"2026-11-18": "3.30"}),
        ({"model": SONNET, "account": "447100000212", "group_by": "day"}, {"2026-11-18": "102.30"}),
        ({"model": "acme.one"}, {}),
    ):
        assert sums(finops.get("usage/", NOVEMBER | query)) == found, query


def test_a_period_crosses_months_and_is_this_month_unless_told(spend: None, finops: Caller) -> None:
    both = finops.get("usage/", {"since": "2026-10-01", "group_by": "day"}).json()
    assert [(one["key"], one["cost"]) for one in both["items"]] == [("2026-11-18", "102.30"), ("2026-10-18", "16.50")]
    assert (both["since"], both["until"]) == ("2026-10-01", "2026-11-20")
    assert finops.get("usage/").json()["since"] == "2026-11-01"
    october = finops.get("usage/", {"until": "2026-10-31"}).json()
    assert (october["since"], october["total"]["cost"]) == ("2026-10-01", "16.50")


def test_one_sees_the_usage_of_ones_own_tenants_alone(cast: Cast, spend: None, signed_in: As) -> None:
    owner = signed_in(cast.owner_retail)
    assert sums(owner.get("usage/", NOVEMBER)) == {"Call summary": "33.00"}
    foreign, never = (owner.get("usage/", {"tenant": str(uid)}).json()["errors"] for uid in (cast.insurance.uid, NEVER))
    assert foreign == never
    for who in ("legal", "nobody"):
        answer = signed_in(getattr(cast, who)).get("usage/")
        assert (answer.status_code, "do not let you see costs" in answer.json()["detail"]) == (403, True)


def test_the_age_of_the_figures_is_told(spend: None, finops: Caller) -> None:
    assert finops.get("usage/").json()["data_until"] is None
    place = AccountRegion.objects.create(account=an_account(), region="eu-central-1", logging_bucket="logs")
    SyncRun.objects.create(kind="invocation_logs", scope=place.scope, state="done", started_at=NOW, finished_at=NOW)
    assert finops.get("usage/").json()["data_until"] == "2026-11-20T09:00:00Z"


def test_only_so_many_groups_are_told_but_all_are_summed(spend: None, finops: Caller) -> None:
    told = finops.get("usage/", NOVEMBER | {"limit": "1"}).json()
    assert ([one["cost"] for one in told["items"]], told["groups"], told["total"]["cost"]) == (["66.00"], 3, "102.30")


def test_what_cannot_be_read_is_named(finops: Caller) -> None:
    for query, named in (
        ({"since": "soon"}, "since"),
        ({"since": "2026-11-02", "until": "2026-11-01"}, "since"),
        ({"since": "2025-01-01"}, "since"),
        ({"until": "2027-01-01"}, "until"),
        ({"group_by": "mood"}, "group_by"),
        ({"method": "guess"}, "method"),
        ({"account": "1"}, "account"),
        ({"limit": "0"}, "limit"),
        ({"tenant": "x"}, "tenant"),
        ({"page_size": "5"}, "page_size"),
        ({"from": "2026-11-01"}, "from"),
    ):
        answer = finops.get("usage/", query)
        assert (answer.status_code, fields(answer)) == (400, [named]), query
    assert finops.post("usage/").status_code == 405


def test_an_owner_sets_a_budget_and_reads_what_is_left(cast: Cast, spend: None, signed_in: As) -> None:
    owner = signed_in(cast.owner_retail)
    answer = owner.post("budgets/", {"tenant": str(cast.retail.uid), "amount": "60.50", "thresholds": [80, 50]})
    made = Budget.objects.get()
    assert (answer.status_code, answer["Location"]) == (201, f"/api/v1/budgets/{made.uid}/")
    budgets.check_all()
    told = owner.get(f"budgets/{made.uid}/").json()
    assert (told["amount"], told["spent"], told["thresholds"]) == ("60.50", "33.00", [50, 80])
    assert (told["set_by"]["name"], told["origin"]) == ("Olga Owner", "set by Olga Owner")
    assert [(one["threshold"], one["spent"], one["month"]) for one in told["alerts"]] == [(50, "33.00", "2026-11-01")]
    assert AuditEvent.objects.get(verb=Verb.BUDGET_SET).actor_id == cast.owner_retail.pk


def test_a_budget_that_is_sent_twice_is_set_once(cast: Cast, signed_in: As) -> None:
    owner, body = signed_in(cast.owner_retail), {"tenant": str(cast.retail.uid), "amount": 60}
    first, again = (owner.post("budgets/", body, Idempotency_Key="k") for _ in range(2))
    assert (again.json(), AuditEvent.objects.filter(verb=Verb.BUDGET_SET).count()) == (first.json(), 1)


def test_budgets_in_force_are_listed_to_who_sees_the_costs(cast: Cast, finops: Caller, signed_in: As) -> None:
    with clock.set_to(NOW - timedelta(days=40)):
        old = budgets.set_monthly(tenant=cast.retail, use_case=None, amount_nano=USD, by=cast.owner_retail)
    new = budgets.set_monthly(tenant=cast.retail, use_case=None, amount_nano=2 * USD, by=cast.owner_retail)
    case = budgets.set_monthly(tenant=cast.retail, use_case=cast.call_summary, amount_nano=USD, by=cast.owner_retail)
    budgets.set_monthly(tenant=cast.insurance, use_case=None, amount_nano=USD, by=cast.owner_insurance)
    owner = signed_in(cast.owner_retail)
    for query, found in (
        ({}, [case, new]),
        ({"ended": "true"}, [case, new, old]),
        ({"use_case": str(cast.call_summary.uid)}, [case]),
        ({"tenant": str(cast.retail.uid)}, [case, new]),
    ):
        assert uids(owner.get("budgets/", query)) == [str(one.uid) for one in found], query
    assert owner.get(f"budgets/{old.uid}/").json()["spent"] is None
    assert len(finops.get("budgets/").json()["items"]) == 3
    assert signed_in(cast.builder_insurance).get(f"budgets/{new.uid}/").status_code == 404
    assert fields(owner.get("budgets/", {"tenant": str(cast.insurance.uid)})) == ["tenant"]
    for who in ("legal", "nobody"):
        assert signed_in(getattr(cast, who)).get("budgets/").status_code == 403
        assert signed_in(getattr(cast, who)).get(f"budgets/{new.uid}/").status_code == 404
    for method, path in (("PATCH", f"budgets/{new.uid}/"), ("DELETE", f"budgets/{new.uid}/"), ("PUT", "budgets/")):
        assert owner.send(method, path).status_code == 405


def test_who_may_only_read_sets_no_budget_and_a_foreign_tenant_does_not_exist(cast: Cast, signed_in: As) -> None:
    body = {"tenant": str(cast.retail.uid), "amount": "60"}
    for who in ("auditor", "executive", "builder_retail"):
        assert signed_in(getattr(cast, who)).post("budgets/", body).status_code == 403
    for who in ("owner_insurance", "nobody"):
        assert fields(signed_in(getattr(cast, who)).post("budgets/", body)) == ["tenant"]
    assert Budget.objects.count() == 0


def test_what_is_wrong_with_a_budget_is_said_at_its_field(cast: Cast, finops: Caller) -> None:
    claims = use_case(cast.insurance, cast.builder_insurance, "Claims triage")
    for changes, named in (
        ({"amount": "0"}, "amount"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "1.234"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"amount": None}, "amount"),
        ({"thresholds": []}, "thresholds"),
        ({"thresholds": [0]}, "thresholds"),
        ({"thresholds": ["half"]}, "thresholds.0"),
        ({"use_case": str(claims.uid)}, "use_case"),
        ({"tenant": NEVER}, "tenant"),
        ({"spent": "0"}, "spent"),
    ):
        body: dict[str, Any] = {"tenant": str(cast.retail.uid), "amount": "60"} | changes
        answer = finops.post("budgets/", body)
        assert (answer.status_code, fields(answer)) == (422, [named]), changes
    assert Budget.objects.count() == 0


@pytest.mark.parametrize("number", [2, 6])
def test_costs_take_the_same_queries_however_much_there_is(
    cast: Cast, spend: None, finops: Caller, number: int, django_assert_num_queries: Any
) -> None:
    for count in range(number):
        line = tenant(f"Line {count}")
        case = use_case(line, cast.builder_retail, f"Case {count}")
        budgets.set_monthly(tenant=line, use_case=case, amount_nano=USD, by=cast.finops_person)
    with django_assert_num_queries(6):
        assert len(finops.get("budgets/").json()["items"]) == number
    with django_assert_num_queries(6):
        assert finops.get("usage/", NOVEMBER).json()["groups"] == 3
