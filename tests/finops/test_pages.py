"""The pages of costs: who sees what, and what bad input is answered."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from finops.actions import attribution, budgets, cube, log_sync
from finops.models import Budget, SpendDay, UsageHandle
from finops.reports import ages
from governance.models import User
from hub.models import AccountRegion, AwsAccount
from portal.jobs.models import SyncRun
from portal.jobs.syncs import running
from portal.lib import clock
from tests.cast import Cast, person, tenant, use_case
from tests.finops.conftest import DAY, Use
from tests.finops.test_cube import ROLE, handle

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
CLAIMS = "arn:aws:iam::447100000212:role/insurance-claims"
STRAY = "arn:aws:iam::447100000212:role/somebody"
USD = 1_000_000_000


@pytest.fixture
def spend(cast: Cast, use: Use, sonnet_prices: None) -> None:
    """Retail spends 33 USD, Insurance 66, nobody 3.30 on 18 November; retail spent 16.50 in October."""
    claims = use_case(cast.insurance, cast.builder_insurance, "Claims triage")
    begin = DAY - timedelta(days=60)
    handle(cast, "principal", ROLE, since=begin)
    handle(cast, "principal", CLAIMS, use_case=claims, since=begin)
    use(DAY, input=10_000_000, principal=ROLE)
    use(DAY, input=20_000_000, principal=CLAIMS)
    use(DAY, input=1_000_000, principal=STRAY)
    use(DAY - timedelta(days=31), input=5_000_000, principal=ROLE)
    cube.build_marked()
    with clock.set_to(NOW):
        budgets.set_monthly(tenant=cast.insurance, use_case=None, amount_nano=60 * USD, by=cast.owner_insurance)


def page(client: Client, user: User, name: str, *args: object, **query: str) -> str:
    client.force_login(user)
    with clock.set_to(NOW):
        response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_executive_reads_the_whole_company(client: Client, cast: Cast, spend: None) -> None:
    text = page(client, cast.executive, "costs:index")
    assert "Insurance is over budget already" in text
    assert "$102" in text
    assert "96.8\u00a0%" in text  # 99 of 102.30 have an owner
    assert "$3.30 waits for an owner" in text


def test_an_owner_sees_the_own_line_of_business_alone(client: Client, cast: Cast, spend: None) -> None:
    text = page(client, cast.owner_retail, "costs:index")
    assert "$33.00" in text
    assert "Insurance" not in text


def test_who_may_not_see_costs_is_told_so_and_a_single_budget_is_not_there(
    client: Client, cast: Cast, spend: None
) -> None:
    client.force_login(cast.legal)
    response = client.get(reverse("costs:index"))
    assert response.status_code == 403
    assert client.get(reverse("costs:budget-detail", args=[Budget.objects.get().uid])).status_code == 404


def test_each_figure_of_the_executive_page_leads_to_its_rows(client: Client, cast: Cast, spend: None) -> None:
    text = page(client, cast.executive, "costs:index")
    figures = re.findall(r'<dd class="value"><a href="([^"]*)">', text)
    assert [unescape(one) for one in figures] == [
        "/costs/rows/?month=2026-11",
        "/costs/rows/?month=2026-11&group=day",
        "/costs/budgets/",
        "/costs/rows/?month=2026-11&group=method",
    ]
    client.force_login(cast.executive)
    with clock.set_to(NOW):
        assert [client.get(unescape(one)).status_code for one in figures] == [200] * 4


def test_what_moved_says_which_way_and_what_is_new_is_new(client: Client, cast: Cast, spend: None, use: Use) -> None:
    dormant = use_case(cast.insurance, cast.builder_insurance, "Dormant")
    handle(cast, "principal", STRAY, use_case=dormant, since=DAY - timedelta(days=60))
    use(DAY - timedelta(days=20), input=2_000_000, principal=STRAY)  # 29 October: no day that is compared
    cube.mark_from(DAY - timedelta(days=60))
    cube.build_marked()
    text = page(client, cast.executive, "costs:index")
    assert "up 100\u00a0% from $16.50" in text  # Call summary: 33 against 16.50
    assert "nothing in the same days of October" in text  # Dormant spent in October, later
    assert text.count("new this month") == 1  # Claims triage never spent before


def test_nothing_is_whole_while_something_waits(client: Client, cast: Cast, spend: None, use: Use) -> None:
    use(DAY + timedelta(hours=1), input=40_000_000_000, principal=ROLE)
    cube.build_marked()
    text = page(client, cast.executive, "costs:index")
    assert "99.9\u00a0%" in text
    assert "100.0\u00a0%" not in text
    assert "$3.30 waits for an owner" in text


def test_a_month_that_ended_is_on_course_no_more(client: Client, cast: Cast, spend: None) -> None:
    with clock.set_to(NOW - timedelta(days=31)):
        budgets.set_monthly(tenant=cast.retail, use_case=None, amount_nano=60 * USD, by=cast.owner_retail)
    assert "on course" in page(client, cast.executive, "costs:index")
    ended = page(client, cast.executive, "costs:index", month="2026-10")
    assert "on course" not in ended
    assert "within budget" in ended


def test_a_month_that_cannot_be_read_is_answered_with_a_sentence(client: Client, cast: Cast, spend: None) -> None:
    client.force_login(cast.executive)
    response = client.get(reverse("costs:index"), {"month": "novembre"}, follow=True)
    assert response.status_code == 200
    assert "Enter a month like 2026-11. “novembre-01” could not be read." in response.content.decode()


def test_rows_of_a_period_cross_months_and_a_bad_one_is_refused(client: Client, cast: Cast, spend: None) -> None:
    text = page(client, cast.executive, "costs:rows", since="2026-10-01", until="2026-11-20", group="tenant")
    assert ("from 1 October to 20 November 2026" in text, "$119" in text, "Retail banking" in text) == (True,) * 3
    with clock.set_to(NOW):
        backwards = client.get(reverse("costs:rows"), {"since": "2026-11-02", "until": "2026-11-01"}, follow=True)
    assert "The period ends before it begins." in backwards.text


@pytest.mark.parametrize(
    "query",
    [
        {"month": "0001-01"},
        {"month": "9999-12"},
        {"month": "2026-12"},
        {"day": "2026-11-21"},
        {"use_case": "call-summary"},
        {"tenant": "7"},
        {"line_of_business": "retail"},
        {"method": "guessing"},
        {"group": "colour"},
        {"use_case": "\0"},
    ],
)
@pytest.mark.parametrize("name", ["costs:index", "costs:rows"])
def test_a_selection_that_cannot_be_read_never_breaks_a_page(
    client: Client, cast: Cast, spend: None, name: str, query: dict[str, str]
) -> None:
    client.force_login(cast.executive)
    with clock.set_to(NOW):
        assert client.get(reverse(name), query, follow=True).status_code == 200


def test_a_month_that_lies_ahead_is_refused_and_not_extrapolated(client: Client, cast: Cast, spend: None) -> None:
    text = client_page_after_redirect(client, cast.executive, month="2026-12")
    assert "There are no figures for 1 December 2026; choose a month like 2026-11." in text


def client_page_after_redirect(client: Client, user: User, **query: str) -> str:
    client.force_login(user)
    with clock.set_to(NOW):
        return client.get(reverse("costs:index"), query, follow=True).content.decode()


def test_what_belongs_to_no_line_of_business_opens_too(client: Client, cast: Cast, spend: None) -> None:
    text = page(client, cast.executive, "costs:rows", month="2026-11", group="line_of_business")
    assert "line_of_business=none" in text
    text = page(client, cast.executive, "costs:rows", month="2026-11", line_of_business="none")
    assert "$3.30 in November 2026" in text


def test_who_owns_a_team_alone_reads_the_team_and_opens_its_rows(
    client: Client, cast: Cast, use: Use, sonnet_prices: None
) -> None:
    team = tenant("Service centre", cast.retail)
    owner = person("Tea Team", "owner", team)
    handle(cast, "principal", STRAY, use_case=use_case(team, owner, "Mail sorting"), since=DAY - timedelta(days=9))
    handle(cast, "principal", ROLE, since=DAY - timedelta(days=9))
    use(DAY, input=1_000_000, principal=STRAY)
    use(DAY, input=5_000_000, principal=ROLE)
    cube.build_marked()
    with clock.set_to(NOW):
        budgets.set_monthly(tenant=team, use_case=None, amount_nano=3 * USD, by=owner)
        budgets.set_monthly(tenant=cast.retail, use_case=None, amount_nano=90 * USD, by=cast.owner_retail)
    text = page(client, owner, "costs:index")
    assert "Service centre is over budget already" in text
    assert "Retail banking" not in text
    assert "$3.30 in November 2026" in page(client, owner, "costs:rows", month="2026-11", tenant=str(team.uid))
    assert f"month=2026-11&amp;tenant={team.uid}" in text
    assert "$19.80" in page(client, cast.owner_retail, "costs:index")


def test_the_age_is_that_of_the_place_that_lags_most_among_those_that_still_log(cast: Cast) -> None:
    account = AwsAccount.objects.create(number="447100000212", name="group-prod", external_id="an-id")
    places = [
        AccountRegion.objects.create(account=account, region=region, logging_bucket="logs")
        for region in ("eu-central-1", "eu-west-1", "us-east-1")
    ]
    for hours, place in enumerate(places):
        with clock.set_to(NOW - timedelta(hours=hours)), running(log_sync.KIND, scope=place.scope):
            pass
    assert ages.data_age() == NOW - timedelta(hours=2)
    AccountRegion.objects.filter(pk=places[2].pk).update(logging_bucket="")
    assert ages.data_age() == NOW - timedelta(hours=1)
    SyncRun.objects.filter(scope=places[0].scope).update(state=SyncRun.State.FAILED)
    assert ages.data_age() is None


def test_each_figure_opens_to_its_rows_and_those_to_their_facts(client: Client, cast: Cast, spend: None) -> None:
    text = page(client, cast.executive, "costs:rows", month="2026-11")
    assert "$102 in November 2026" in text
    day = page(client, cast.executive, "costs:rows", day="2026-11-18")
    row = SpendDay.objects.get(use_case__name="Claims triage")
    assert reverse("costs:facts", args=[row.pk]) in day
    facts = page(client, cast.executive, "costs:facts", row.pk)
    assert "20,000,000" in facts
    assert "$66.00" in facts


@pytest.mark.parametrize("group", ["use_case", "model", "day", "line_of_business", "method", "account"])
def test_rows_can_be_grouped(client: Client, cast: Cast, spend: None, group: str) -> None:
    assert "$102" in page(client, cast.executive, "costs:rows", month="2026-11", group=group)


@pytest.mark.parametrize(
    ("name", "tab"), [("costs:index", "Overview"), ("costs:rows", "Rows"), ("costs:unattributed", "Unattributed")]
)
def test_the_marked_tab_stays_whatever_filters_stand_in_the_address(
    client: Client, cast: Cast, spend: None, name: str, tab: str
) -> None:
    text = page(client, cast.executive, name, month="2026-11", group="model", page="1")
    assert re.findall(r'aria-current="page">([^<]*)</a></li>', text.split('class="tabs"')[1]) == [tab]


def test_the_rows_of_others_do_not_exist(client: Client, cast: Cast, spend: None) -> None:
    row = SpendDay.objects.get(use_case__name="Claims triage")
    client.force_login(cast.owner_retail)
    assert client.get(reverse("costs:facts", args=[row.pk])).status_code == 404
    assert client.get(reverse("costs:rows"), {"use_case": str(row.use_case.uid)}).status_code == 404
    budget = Budget.objects.get()
    assert client.get(reverse("costs:budget-detail", args=[budget.uid])).status_code == 404


@pytest.mark.parametrize(
    "name", ["costs:index", "costs:rows", "costs:budget-list", "costs:unattributed", "costs:meters"]
)
def test_pages_that_only_read_refuse_to_be_posted_to(client: Client, cast: Cast, name: str) -> None:
    client.force_login(cast.executive)
    assert client.post(reverse(name)).status_code == 405


def test_an_owner_sets_a_budget(client: Client, cast: Cast) -> None:
    client.force_login(cast.owner_retail)
    typed = {"tenant": cast.retail.pk, "amount": "60000", "thresholds": "80, 100"}
    response = client.post(reverse("costs:budget-new"), typed, follow=True)
    assert "Budget of Retail banking is $60,000 a month." in response.content.decode()


def test_a_budget_that_cannot_be_read_keeps_what_was_typed(client: Client, cast: Cast) -> None:
    client.force_login(cast.owner_retail)
    typed = {"tenant": cast.retail.pk, "amount": "a lot", "thresholds": "half"}
    text = client.post(reverse("costs:budget-new"), typed).content.decode()
    assert "Enter an amount in USD, like 60000." in text
    assert "“half” could not be read" in text
    assert 'value="a lot"' in text


def test_nobody_sets_the_budget_of_another_line_of_business(client: Client, cast: Cast) -> None:
    client.force_login(cast.owner_retail)
    typed = {"tenant": cast.insurance.pk, "amount": "60000", "thresholds": "80"}
    assert client.post(reverse("costs:budget-new"), typed).status_code == 200
    assert not Budget.objects.exists()
    client.force_login(cast.executive)
    assert client.post(reverse("costs:budget-new"), typed).status_code == 403


def test_finops_assigns_a_stray_and_others_may_not(client: Client, cast: Cast, spend: None) -> None:
    assert STRAY in page(client, cast.finops_person, "costs:unattributed")
    typed = {"kind": "principal", "value": STRAY, "use_case": cast.call_summary.pk, "since": "2026-11-01"}
    client.force_login(cast.executive)
    assert client.post(reverse("costs:assign"), typed).status_code == 403
    client.force_login(cast.finops_person)
    late = client.post(reverse("costs:assign"), typed | {"since": "soon"}).content.decode()
    assert "Enter a date, like 2026-09-01." in late
    with clock.set_to(NOW):
        assert client.post(reverse("costs:assign"), typed).status_code == 302
    assert UsageHandle.objects.get(value=STRAY).use_case == cast.call_summary


def test_what_was_just_assigned_waits_for_its_figures_and_not_for_an_owner(
    client: Client, cast: Cast, spend: None
) -> None:
    typed = {"kind": "principal", "value": STRAY, "use_case": cast.call_summary.pk, "since": "2026-11-01"}
    assert "1 caller waits for an owner" in page(client, cast.finops_person, "costs:unattributed")
    with clock.set_to(NOW):
        client.post(reverse("costs:assign"), typed)
    listed = page(client, cast.finops_person, "costs:unattributed")
    assert "waits for an owner" not in listed
    assert "assigned to Call summary" in listed
    assert "its figures follow within a minute" in listed
    assert ">Assign<" not in listed
    assert "callers without an owner" not in page(client, cast.finops_person, "home")
    cube.build_marked()
    assert "its figures follow" not in page(client, cast.finops_person, "costs:unattributed")


def test_what_a_handle_leaves_over_still_waits_for_an_owner(client: Client, cast: Cast, spend: None, use: Use) -> None:
    use(DAY - timedelta(days=9), input=1_000_000, principal=STRAY)
    cube.build_marked()
    attribution.assign(kind="principal", value=STRAY, use_case=cast.call_summary, since=DAY, by=cast.finops_person)
    cube.build_marked()
    listed = page(client, cast.finops_person, "costs:unattributed")
    assert "1 caller waits for an owner" in listed
    assert ">Assign<" in listed


def test_use_cases_are_chosen_by_line_of_business(client: Client, cast: Cast, spend: None) -> None:
    team = tenant("Motor", parent=cast.insurance)
    use_case(team, cast.builder_insurance, "A photo")
    client.force_login(cast.finops_person)
    form = client.get(reverse("costs:assign"), {"kind": "principal", "value": STRAY}).content.decode()
    select = form.split("<select")[1].split("</select>")[0]
    assert re.findall('optgroup label="([^"]*)"', select) == ["Insurance", "Retail banking"]
    names = re.findall(r"<option[^>]*>([^<]*)</option>", select)
    assert names == ["Choose one", "A photo · Motor", "Claims triage", "Call summary"]


def test_finops_corrects_what_somebody_assigned(client: Client, cast: Cast, spend: None) -> None:
    claims = UsageHandle.objects.get(value=CLAIMS).use_case
    wrong = {"kind": "principal", "value": STRAY, "use_case": claims.pk, "since": "2026-11-01"}
    client.force_login(cast.finops_person)
    with clock.set_to(NOW):
        client.post(reverse("costs:assign"), wrong)
    listed = page(client, cast.finops_person, "costs:unattributed")
    assert "Finn Finops, a moment ago" in " ".join(re.sub("<[^>]*>", "", listed).split())
    (link,) = re.findall(r'href="([^"]*)">Correct<', listed)
    form = client.get(unescape(link)).content.decode()
    assert "It belongs to Claims triage since 1 November 2026; Finn Finops" in form
    with clock.set_to(NOW):
        assert client.post(reverse("costs:assign"), wrong | {"use_case": cast.call_summary.pk}).status_code == 302
    assert UsageHandle.objects.get(value=STRAY).use_case == cast.call_summary


def test_who_only_reads_sees_who_assigned_what_in_their_own_tenants(client: Client, cast: Cast, spend: None) -> None:
    given = {"kind": "principal", "use_case": cast.call_summary, "since": DAY, "by": cast.finops_person}
    attribution.assign(value=STRAY, **given)
    listed = page(client, cast.owner_retail, "costs:unattributed")
    assert STRAY in listed
    assert "Correct<" not in listed
    assert STRAY not in page(client, cast.owner_insurance, "costs:unattributed")


def test_panels_show_the_same_numbers_and_hide_those_of_others(client: Client, cast: Cast, spend: None) -> None:
    assert "$33.00" in page(client, cast.builder_retail, "costs:use-case-panel", cast.call_summary.uid)
    assert "$66.00" in page(client, cast.executive, "costs:tenant-panel", cast.insurance.uid)
    client.force_login(cast.builder_insurance)
    assert client.get(reverse("costs:use-case-panel", args=[cast.call_summary.uid])).status_code == 404


@pytest.mark.parametrize(
    ("name", "most"), [("costs:index", 20), ("costs:rows", 12), ("costs:budget-list", 14), ("costs:unattributed", 14)]
)
def test_pages_ask_a_bounded_number_of_questions(
    client: Client,
    cast: Cast,
    spend: None,
    name: str,
    most: int,
    django_assert_max_num_queries: Callable[[int], object],
) -> None:
    client.force_login(cast.executive)
    with clock.set_to(NOW), django_assert_max_num_queries(most):
        assert client.get(reverse(name)).status_code == 200
