"""Every page of governance and Platform: works, outsider, wrong method, and the number of its queries."""

from typing import Any

import pytest
from django.test import Client
from django.urls import resolve, reverse

from governance.actions import approvals, onboardings
from governance.models import Approval, AuditEvent
from tests.cast import Cast, person, use_case
from tests.governance.conftest import KIND
from tests.governance.test_tenants import ASKED

# url name → (who may open it, who is told that their roles do not let them)
COMPANY = {
    "platform:index": ("platform_person", "builder_retail"),
    "platform:people-list": ("auditor", "owner_retail"),
    "platform:person-invite": ("platform_person", "auditor"),
    "platform:routing-policy-list": ("auditor", "legal"),
    "platform:sync-list": ("platform_person", "security"),
    "platform:job-list": ("platform_person", "finops_person"),
    "governance:audit-list": ("security", "builder_retail"),
    "governance:onboarding-new": ("finops_person", "builder_retail"),
}
ANYBODY = [
    "governance:index",
    "governance:tenant-list",
    "governance:use-case-list",
    "governance:notification-list",
    "governance:use-case-risk",
    "search",
]


@pytest.fixture
def approval(cast: Cast) -> Approval:
    return approvals.open(kind=KIND, subject=cast.call_summary, by=cast.builder_retail)


@pytest.mark.parametrize(("name", "who"), COMPANY.items())
def test_a_page_of_the_company_opens_for_its_roles_and_says_so_to_others(
    cast: Cast, client: Client, name: str, who: tuple[str, str]
) -> None:
    allowed, outsider = who
    client.force_login(getattr(cast, allowed))
    assert client.get(reverse(name)).status_code == 200
    client.force_login(getattr(cast, outsider))
    answer = client.get(reverse(name))
    assert answer.status_code == 403
    assert "Your roles do not let you" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "argument"), [("platform:person-detail", "uid"), ("platform:routing-policy-detail", "version")]
)
def test_a_single_thing_of_a_part_that_one_may_not_see_is_not_there(
    cast: Cast, client: Client, name: str, argument: str
) -> None:
    given = {"uid": cast.legal.uid, "version": cast.routing_policy.version}[argument]
    for who, status in (("auditor", 200), ("builder_retail", 404)):
        client.force_login(getattr(cast, who))
        assert client.get(reverse(name, args=[given])).status_code == status


@pytest.mark.parametrize("given", [{}, {"verdict": "approve"}, {"verdict": "reject", "step": "1", "reason": "No."}])
def test_who_only_reads_and_decides_all_the_same_is_refused_whatever_they_send(
    cast: Cast, approval: Approval, client: Client, given: dict[str, str]
) -> None:
    client.force_login(cast.auditor)
    answer = client.post(reverse("governance:review-decide", args=[approval.uid]), given)
    assert answer.status_code == 403
    assert "you do not decide for that role here" in answer.content.decode()


@pytest.mark.parametrize("name", ANYBODY)
@pytest.mark.parametrize("who", ["nobody", "builder_retail", "executive"])
def test_a_page_of_ones_own_opens_for_everybody(cast: Cast, client: Client, name: str, who: str) -> None:
    client.force_login(getattr(cast, who))
    assert client.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", [*ANYBODY, *COMPANY])
def test_no_page_opens_without_signing_in(cast: Cast, client: Client, name: str) -> None:
    assert client.get(reverse(name)).status_code == 302


@pytest.mark.parametrize("name", [*ANYBODY, "platform:index", "platform:people-list", "governance:audit-list"])
def test_a_page_that_only_reads_refuses_to_be_posted_to(cast: Cast, client: Client, name: str) -> None:
    client.force_login(cast.platform_person)
    assert client.post(reverse(name)).status_code == 405


# The address of a verb, what it is about, and the page on which whoever opens it finds themselves.
POST_ONLY: list[tuple[str, tuple[str, ...], str]] = [
    ("governance:review-decide", ("approval",), "governance:review-detail"),
    ("governance:review-comment", ("approval",), "governance:review-detail"),
    ("governance:review-withdraw", ("approval",), "governance:review-detail"),
    ("governance:onboarding-submit", ("onboarding",), "governance:onboarding-detail"),
    ("governance:use-case-stage", ("call_summary",), "governance:use-case-detail"),
    ("governance:notification-read-all", (), "governance:notification-list"),
    ("governance:notification-read", ("1",), "governance:notification-list"),
    ("platform:role-give", ("auditor",), "platform:person-detail"),
    ("platform:role-take", ("auditor", "1"), "platform:person-detail"),
    ("platform:person-invitation", ("auditor",), "platform:person-detail"),
    ("platform:person-deactivate", ("auditor",), "platform:person-detail"),
    ("platform:person-reactivate", ("auditor",), "platform:person-detail"),
    ("platform:sync-run-now", (), "platform:sync-list"),
    ("platform:job-retry", ("call_summary",), "platform:job-list"),
]


@pytest.mark.parametrize(("name", "things", "page"), POST_ONLY)
def test_who_opens_the_address_of_a_verb_is_led_to_its_page_and_nothing_happens(
    cast: Cast, approval: Approval, client: Client, name: str, things: tuple[str, ...], page: str
) -> None:
    known = {"approval": approval, "call_summary": cast.call_summary, "auditor": cast.auditor}
    known["onboarding"] = onboardings.ask(**ASKED, by=cast.platform_person)
    arguments = [known[thing].uid if thing in known else thing for thing in things]
    client.force_login(cast.platform_person)
    happened = AuditEvent.objects.count()
    answer = client.get(reverse(name, args=arguments))
    assert (answer.status_code, resolve(answer["Location"]).view_name) == (302, page)
    assert client.get(answer["Location"]).status_code == 200
    assert client.put(reverse(name, args=arguments)).status_code == 405
    assert AuditEvent.objects.count() == happened


@pytest.mark.parametrize(
    ("name", "thing"),
    [
        ("governance:review-detail", "approval"),
        ("governance:tenant-detail", "retail"),
        ("governance:use-case-detail", "call_summary"),
    ],
)
def test_what_belongs_to_another_tenant_does_not_exist(
    cast: Cast, approval: Approval, client: Client, name: str, thing: str
) -> None:
    found = approval if thing == "approval" else getattr(cast, thing)
    for who, status in (("builder_retail", 200), ("executive", 200), ("builder_insurance", 404), ("nobody", 404)):
        client.force_login(getattr(cast, who))
        assert client.get(reverse(name, args=[found.uid])).status_code == status, who


def test_the_inbox_says_how_many_wait_and_shows_the_button_to_who_decides(
    cast: Cast, approval: Approval, client: Client
) -> None:
    client.force_login(cast.owner_retail)
    page = client.get(reverse("governance:index")).content.decode()
    assert "1 review waits for you" in page
    assert "Purpose of Call summary" in page
    client.force_login(cast.builder_retail)
    assert "Nothing waits for you" in client.get(reverse("governance:index")).content.decode()
    assert "Purpose of Call summary" in client.get(reverse("governance:index") + "?show=asked").content.decode()


@pytest.mark.parametrize(
    "query", ["?show=nonsense", "?kind=%00", "?page=x", "?page=-1", "?show=decided&kind=hub.nothing"]
)
def test_a_query_that_makes_no_sense_still_answers(cast: Cast, client: Client, query: str) -> None:
    client.force_login(cast.owner_retail)
    assert client.get(reverse("governance:index") + query).status_code == 200


def test_htmx_gets_the_rows_and_a_person_the_page(cast: Cast, approval: Approval, client: Client) -> None:
    client.force_login(cast.owner_retail)
    part = client.get(reverse("governance:index"), headers={"HX-Request": "true"}).content.decode()
    assert "Purpose of Call summary" in part
    assert "<html" not in part


def test_the_review_page_names_people_rules_and_reasons(cast: Cast, approval: Approval, client: Client) -> None:
    client.force_login(cast.owner_retail)
    page = client.get(reverse("governance:review-detail", args=[approval.uid])).content.decode()
    assert "Owner, Retail banking — you" in page
    assert "Sensitive or in production" in page
    assert "disabled" not in page.partition('class="decide"')[2].partition("</form>")[0]


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ("builder_retail", "nobody decides on their own request"),
        ("security", "comes later"),
        ("executive", "you do not decide for that role here"),
    ],
)
def test_who_cannot_decide_reads_why_on_disabled_buttons(
    cast: Cast, approval: Approval, client: Client, who: str, sentence: str
) -> None:
    client.force_login(getattr(cast, who))
    page = client.get(reverse("governance:review-detail", args=[approval.uid])).content.decode()
    bar = page.partition('class="decide"')[2].partition("</form>")[0]
    assert bar.count(" disabled") == 3
    assert sentence in bar


def test_a_decision_is_taken_from_the_page(cast: Cast, approval: Approval, client: Client) -> None:
    client.force_login(cast.owner_retail)
    step = approval.steps.get(role="owner")
    given = {"step": step.pk, "verdict": "approve", "reason": "Fine by me."}
    answer = client.post(reverse("governance:review-decide", args=[approval.uid]), given, follow=True)
    assert "You decided." in answer.content.decode()
    assert "Fine by me." in answer.content.decode()
    step.refresh_from_db()
    assert step.state == "approved"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"verdict": "reject"}, "Say why"),
        ({"verdict": "maybe"}, "Choose one of the buttons"),
        ({"step": "999999", "verdict": "approve"}, "Choose one of the buttons"),
        ({"verdict": "approve", "reason": "x" * 3000}, "at most 2000"),
    ],
)
def test_bad_input_to_a_decision_is_answered_beside_the_field(
    cast: Cast, approval: Approval, client: Client, given: dict[str, str], sentence: str
) -> None:
    client.force_login(cast.owner_retail)
    given = {"step": str(approval.steps.get(role="owner").pk)} | given
    answer = client.post(reverse("governance:review-decide", args=[approval.uid]), given)
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert Approval.objects.get().decisions.count() == 0


def test_trying_to_decide_ones_own_request_is_refused_and_on_record(
    cast: Cast, approval: Approval, client: Client
) -> None:
    from governance.models import AuditEvent

    client.force_login(cast.builder_retail)
    given = {"step": approval.steps.get(role="owner").pk, "verdict": "approve"}
    answer = client.post(reverse("governance:review-decide", args=[approval.uid]), given)
    assert answer.status_code == 403
    assert "nobody decides on their own request" in answer.content.decode()
    refusal = AuditEvent.objects.get(verb="action.refused")
    assert (refusal.actor_id, refusal.subject_uid) == (cast.builder_retail.pk, str(approval.uid))
    assert refusal.details["route"] == "governance:review-decide"


def test_a_comment_and_a_withdrawal_from_the_page(cast: Cast, approval: Approval, client: Client) -> None:
    client.force_login(cast.builder_retail)
    url = reverse("governance:review-comment", args=[approval.uid])
    assert "Fill this in" in client.post(url, {"text": " "}).content.decode()
    assert "It is urgent." in client.post(url, {"text": "It is urgent."}, follow=True).content.decode()
    client.post(reverse("governance:review-withdraw", args=[approval.uid]))
    assert Approval.objects.get().state == "withdrawn"


def test_precedents_are_of_the_same_tenant_or_the_same_risk(cast: Cast, approval: Approval, client: Client) -> None:
    other = use_case(cast.insurance, cast.builder_insurance, "Claims summary")
    decided = approvals.open(kind=KIND, subject=other, by=cast.builder_insurance)
    approvals.decide(decided.steps.get(role="owner"), "reject", "Scored employees.", by=cast.owner_insurance)
    client.force_login(cast.security)
    page = client.get(reverse("governance:review-detail", args=[approval.uid])).content.decode()
    assert "Purpose of Claims summary" in page
    assert "Scored employees." in page
    client.force_login(cast.owner_retail)
    assert "Claims summary" not in client.get(reverse("governance:review-detail", args=[approval.uid])).content.decode()


def test_the_onboarding_evidence_is_a_part_and_shows_what_is_put_in_place(cast: Cast, client: Client) -> None:
    asked = onboardings.ask(**ASKED, by=cast.platform_person)
    running = onboardings.submit(asked, by=cast.platform_person)
    client.force_login(cast.finops_person)
    page = client.get(reverse("governance:review-detail", args=[running.uid])).content.decode()
    evidence_url = reverse("governance:onboarding-evidence", args=[asked.uid])
    assert f'hx-get="{evidence_url}"' in page
    assert "Atrium creates it, invites its members" in page
    evidence = client.get(evidence_url).content.decode()
    assert "tess@meridian.example" in evidence
    assert "<html" not in evidence


@pytest.mark.parametrize(
    ("name", "who", "queries"),
    [
        ("governance:index", "owner_retail", 9),
        ("governance:tenant-list", "auditor", 8),
        ("governance:use-case-list", "auditor", 5),
        ("governance:audit-list", "auditor", 12),
        ("platform:people-list", "platform_person", 7),
    ],
)
def test_a_list_takes_as_many_queries_for_many_rows_as_for_few(
    cast: Cast,
    approval: Approval,
    client: Client,
    django_assert_num_queries: Any,
    name: str,
    who: str,
    queries: int,
) -> None:
    for number in range(8):
        made = use_case(cast.retail, cast.builder_retail, f"Use case {number}")
        approvals.open(kind=KIND, subject=made, by=cast.builder_retail)
        person(f"Person {number}", "builder", cast.insurance)
    client.force_login(getattr(cast, who))
    with django_assert_num_queries(queries):
        assert client.get(reverse(name)).status_code == 200


def test_search_finds_what_one_may_see(cast: Cast, client: Client) -> None:
    client.force_login(cast.builder_retail)
    assert "Call summary" in client.get(reverse("search"), {"q": "call"}).content.decode()
    client.force_login(cast.builder_insurance)
    page = client.get(reverse("search"), {"q": "call"}).content.decode()
    assert "Call summary" not in page
    assert "Nothing found" in page
