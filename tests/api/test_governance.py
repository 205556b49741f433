"""Tenants, use cases, approvals and the audit trail in the API: works, outsider, read-only, bad input, queries."""

from typing import Any

import pytest

from governance.actions import approvals, tenants
from governance.models import Approval, AuditEvent, Comment, Tenant, UseCase
from governance.vocabulary import Verb
from tests.api.conftest import As, Caller, fields, uids
from tests.cast import Cast, person, tenant, use_case
from tests.governance.conftest import KIND

NEW = {
    "name": "Claim triage",
    "purpose": "Clerks see the urgent claims first.",
    "sponsor": "Head of claims",
    "outcome": "Urgent claims wait less.",
    "kpi": "hours until a first answer",
    "data_class": "internal",
    "audience": "employees",
}


@pytest.fixture
def builder(cast: Cast, signed_in: As) -> Caller:
    return signed_in(cast.builder_retail)


@pytest.fixture
def approval(cast: Cast, purpose_kind: None) -> Approval:
    return approvals.open(kind=KIND, subject=cast.call_summary, by=cast.builder_retail)


def test_tenants_are_listed_to_whom_they_are_visible(cast: Cast, signed_in: As) -> None:
    team = tenant("Cards", cast.retail)
    seen = {
        who: set(uids(signed_in(getattr(cast, who)).get("tenants/"))) for who in ("owner_retail", "legal", "nobody")
    }
    retail = {str(cast.retail.uid), str(team.uid)}
    assert seen == {"owner_retail": retail, "legal": retail | {str(cast.insurance.uid)}, "nobody": set()}
    legal = signed_in(cast.legal)
    assert uids(legal.get("tenants/", {"parent": str(cast.retail.uid)})) == [str(team.uid)]
    assert uids(legal.get("tenants/", {"words": "RETAIL"})) == [str(cast.retail.uid)]
    assert uids(legal.get("tenants/", {"state": "closed"})) == []
    assert legal.get(f"tenants/{team.uid}/").json()["parent"] == str(cast.retail.uid)


def test_who_takes_tenants_in_changes_them(cast: Cast, signed_in: As) -> None:
    answer = signed_in(cast.finops_person).patch(f"tenants/{cast.retail.uid}/", {"cost_centre": "CC-2"})
    assert (answer.status_code, answer.json()["cost_centre"]) == (200, "CC-2")
    assert AuditEvent.objects.get(verb=Verb.TENANT_CHANGED).actor_id == cast.finops_person.pk
    for who in ("auditor", "owner_retail"):
        assert signed_in(getattr(cast, who)).patch(f"tenants/{cast.retail.uid}/", {"name": "X"}).status_code == 403


def test_use_cases_are_listed_and_narrowed(cast: Cast, signed_in: As, builder: Caller) -> None:
    team = tenant("Cards", cast.retail)
    cards = use_case(team, cast.builder_retail, "Card fraud", data_class="internal", stage="pilot")
    foreign = use_case(cast.insurance, cast.builder_insurance, "Claims")
    both = [str(cards.uid), str(cast.call_summary.uid)]
    assert uids(builder.get("use-cases/")) == both
    for query, found in (
        ({"tenant": str(cast.retail.uid)}, both),
        ({"tenant": str(team.uid)}, both[:1]),
        ({"words": "fraud"}, both[:1]),
        ({"words": "cards"}, both[:1]),
        ({"stage": "pilot", "data_class": "internal"}, both[:1]),
        ({"risk": "medium"}, both[1:]),
    ):
        assert uids(builder.get("use-cases/", query)) == found, query
    assert fields(builder.get("use-cases/", {"tenant": str(cast.insurance.uid)})) == ["tenant"]
    assert builder.get(f"use-cases/{foreign.uid}/").status_code == 404
    assert signed_in(cast.nobody).get("use-cases/").json()["items"] == []


def test_a_use_case_is_created_with_its_risk_and_its_address(cast: Cast, builder: Caller) -> None:
    answer = builder.post("use-cases/", NEW | {"tenant": str(cast.retail.uid), "kpi_target": "2.50"})
    made = UseCase.objects.get(name="Claim triage")
    assert (answer.status_code, answer["Location"]) == (201, f"/api/v1/use-cases/{made.uid}/")
    told = answer.json()
    assert (told["stage"], told["risk"], told["owner"]["name"], told["kpi_target"]) == (
        "idea",
        "low",
        "Bea Builder",
        "2.50",
    )
    assert builder.get(f"use-cases/{made.uid}/")["ETag"] == answer["ETag"]
    assert AuditEvent.objects.get(verb=Verb.USE_CASE_CREATED).subject_uid == str(made.uid)


def test_a_use_case_that_was_sent_twice_is_created_once(cast: Cast, builder: Caller) -> None:
    body = NEW | {"tenant": str(cast.retail.uid)}
    first, again = (builder.post("use-cases/", body, Idempotency_Key="k") for _ in range(2))
    assert (again.status_code, again.json(), again["Location"]) == (201, first.json(), first["Location"])
    assert UseCase.objects.filter(name="Claim triage").count() == 1


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"name": "Call summary"}, "name"),
        ({"name": "…"}, "name"),
        ({"purpose": ""}, "purpose"),
        ({"data_class": "restricted"}, "data_class"),
        ({"audience": "martians"}, "audience"),
        ({"autonomy": 9}, "autonomy"),
        ({"people": -1}, "people"),
        ({"people": 10**12}, "people"),
        ({"kpi_target": "much"}, "kpi_target"),
        ({"owner": "01930000-0000-7000-8000-000000000000"}, "owner"),
        ({"owner": 7}, "owner"),
        ({"tenant": None}, "tenant"),
        ({"risk": "low"}, "risk"),
    ],
)
def test_what_is_wrong_with_a_use_case_is_said_at_its_field(
    cast: Cast, builder: Caller, changes: dict[str, Any], named: str
) -> None:
    answer = builder.post("use-cases/", NEW | {"tenant": str(cast.retail.uid)} | changes)
    assert (answer.status_code, fields(answer)) == (422, [named])
    assert UseCase.objects.count() == 1


def test_a_tenant_or_owner_out_of_sight_is_answered_like_one_that_never_was(cast: Cast, builder: Caller) -> None:
    never = "01930000-0000-7000-8000-000000000000"
    for name, foreign in (("tenant", cast.insurance.uid), ("owner", cast.builder_insurance.uid)):
        answers = [
            builder.post("use-cases/", NEW | {"tenant": str(cast.retail.uid)} | {name: str(uid)})
            for uid in (foreign, never)
        ]
        assert [answer.status_code for answer in answers] == [422, 422]
        assert answers[0].json()["errors"] == answers[1].json()["errors"]


def test_who_may_only_read_creates_changes_and_moves_nothing(cast: Cast, signed_in: As) -> None:
    for who in ("auditor", "executive", "legal"):
        caller, address = signed_in(getattr(cast, who)), f"use-cases/{cast.call_summary.uid}/"
        assert caller.get(address).status_code == 200
        assert caller.post("use-cases/", NEW | {"tenant": str(cast.retail.uid)}).status_code == 422
        assert caller.patch(address, {"name": "X"}).status_code == 403
        assert caller.post(f"{address}stage/", {"stage": "poc"}).status_code == 403
    assert UseCase.objects.get().name == "Call summary"


def test_a_use_case_is_changed_and_moved(cast: Cast, builder: Caller) -> None:
    address = f"use-cases/{cast.call_summary.uid}/"
    changed = builder.patch(address, {"autonomy": 2, "owner": str(cast.owner_retail.uid)})
    assert (changed.status_code, changed.json()["autonomy"], changed.json()["owner"]["name"]) == (200, 2, "Olga Owner")
    moved = builder.post(f"{address}stage/", {"stage": "pilot"}, If_Match=changed["ETag"])
    assert (moved.status_code, moved.json()["stage"]) == (200, "pilot")
    assert builder.post(f"{address}stage/", {"stage": "poc"}, If_Match=changed["ETag"]).status_code == 412
    assert fields(builder.post(f"{address}stage/", {"stage": "idea"})) == ["stage"]
    assert fields(builder.post(f"{address}stage/", {})) == ["stage"]
    assert builder.get(f"{address}stage/").status_code == 405


def test_approvals_are_listed_to_who_sees_them_and_to_whom_they_wait(
    cast: Cast, approval: Approval, signed_in: As, builder: Caller
) -> None:
    mine = [str(approval.uid)]
    for who, query, found in (
        ("owner_retail", {"waits": "me"}, mine),
        ("builder_retail", {"waits": "me"}, []),
        ("builder_retail", {"waits": "anybody"}, mine),
        ("builder_retail", {"asked_by_me": "true", "kind": KIND}, mine),
        ("legal", {"asked_by_me": "true"}, []),
        ("legal", {"tenant": str(cast.retail.uid), "state": "in_review"}, mine),
        ("legal", {"kind": "hub.nothing"}, []),
        ("legal", {"state": "approved"}, []),
        ("builder_insurance", {}, []),
        ("nobody", {}, []),
    ):
        assert uids(signed_in(getattr(cast, who)).get("approvals/", query)) == found, (who, query)
    assert signed_in(cast.builder_insurance).get(f"approvals/{approval.uid}/").status_code == 404
    assert fields(builder.get("approvals/", {"waits": "you"})) == ["waits"]


def test_an_approval_tells_who_decides_and_why(cast: Cast, approval: Approval, signed_in: As) -> None:
    told = signed_in(cast.owner_retail).get(f"approvals/{approval.uid}/").json()
    owner = next(step for step in told["steps"] if step["role"] == "owner")
    assert ([one["name"] for one in owner["people"]], owner["state"], told["waits_on_me"]) == (
        ["Olga Owner"],
        "open",
        True,
    )
    assert owner["rules"][0]["because"]
    assert (told["facts"]["data_class"], told["policy_version"]) == ("confidential", 1)
    assert signed_in(cast.legal).get(f"approvals/{approval.uid}/").json()["waits_on_me"] is False


def test_a_verdict_by_the_api_is_the_same_as_on_the_page(cast: Cast, approval: Approval, signed_in: As) -> None:
    address = f"approvals/{approval.uid}/"
    owner, security = signed_in(cast.owner_retail), signed_in(cast.security)
    read = owner.get(address)
    decided = owner.post(f"{address}decisions/", {"role": "owner", "verdict": "approve"}, If_Match=read["ETag"])
    assert decided.status_code == 200
    assert [(one["person"]["name"], one["verdict"]) for one in decided.json()["decisions"]] == [
        ("Olga Owner", "approve")
    ]
    late = security.post(f"{address}decisions/", {"role": "security", "verdict": "approve"}, If_Match=read["ETag"])
    assert late.status_code == 412
    assert fields(security.post(f"{address}decisions/", {"role": "security", "verdict": "reject"})) == ["reason"]
    refused = security.post(f"{address}decisions/", {"role": "security", "verdict": "reject", "reason": "No DPIA."})
    assert (refused.status_code, refused.json()["state"]) == (200, "rejected")


@pytest.mark.parametrize(
    ("who", "status"), [("builder_retail", 403), ("legal", 403), ("builder_insurance", 404), ("auditor", 403)]
)
def test_nobody_else_decides(cast: Cast, approval: Approval, signed_in: As, who: str, status: int) -> None:
    body = {"role": "owner", "verdict": "approve"}
    answer = signed_in(getattr(cast, who)).post(f"approvals/{approval.uid}/decisions/", body)
    assert (answer.status_code, approval.decisions.count()) == (status, 0)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, ["role", "verdict"]),
        ({"role": "wizard", "verdict": "approve"}, ["role"]),
        ({"role": "owner", "verdict": "maybe"}, ["verdict"]),
        ({"role": "owner", "verdict": "approve", "reason": "x" * 2001}, ["reason"]),
    ],
)
def test_a_verdict_that_cannot_be_read_is_told(
    cast: Cast, approval: Approval, signed_in: As, body: dict[str, Any], named: list[str]
) -> None:
    answer = signed_in(cast.owner_retail).post(f"approvals/{approval.uid}/decisions/", body)
    assert (answer.status_code, fields(answer)) == (422, named)


def test_a_token_decides_only_with_the_scope_for_it(cast: Cast, approval: Approval, with_token: Any) -> None:
    body = {"role": "owner", "verdict": "approve"}
    without = with_token(cast.owner_retail, "approvals:read", "approvals:write")
    assert without.post(f"approvals/{approval.uid}/decisions/", body).status_code == 403
    with_it = with_token(cast.owner_retail, "approvals:decide")
    assert with_it.post(f"approvals/{approval.uid}/decisions/", body).status_code == 200


def test_an_approval_whose_content_changed_is_void_and_stays_so(cast: Cast, approval: Approval, signed_in: As) -> None:
    UseCase.objects.update(purpose="Another one.")
    body = {"role": "owner", "verdict": "approve"}
    owner = signed_in(cast.owner_retail)
    assert owner.post(f"approvals/{approval.uid}/decisions/", body, Idempotency_Key="k").status_code == 422
    approval.refresh_from_db()
    assert approval.state == Approval.State.VOID


def test_people_comment_and_withdraw_their_own(cast: Cast, approval: Approval, signed_in: As, builder: Caller) -> None:
    address = f"approvals/{approval.uid}/"
    said = builder.post(f"{address}comments/", {"text": "The DPIA is attached."}, Idempotency_Key="k")
    builder.post(f"{address}comments/", {"text": "The DPIA is attached."}, Idempotency_Key="k")
    assert ([one["text"] for one in said.json()["comments"]], Comment.objects.count()) == (["The DPIA is attached."], 1)
    assert signed_in(cast.auditor).post(f"{address}comments/", {"text": "Hm."}).status_code == 403
    assert fields(builder.post(f"{address}comments/", {"text": ""})) == ["text"]
    assert signed_in(cast.owner_retail).post(f"{address}withdraw/").status_code == 403
    assert signed_in(cast.builder_insurance).post(f"{address}withdraw/").status_code == 404
    assert builder.post(f"{address}withdraw/").json()["state"] == "withdrawn"
    assert builder.post(f"{address}withdraw/").status_code == 422


def test_the_trail_is_read_by_who_may_and_does_not_exist_for_others(cast: Cast, signed_in: As) -> None:
    tenants.change(cast.retail, name="Retail", by=cast.platform_person)
    for who in ("builder_retail", "executive", "nobody", "platform_person"):
        assert signed_in(getattr(cast, who)).get("audit/").status_code == 404
    newest = signed_in(cast.auditor).get("audit/").json()["items"][0]
    assert (newest["verb"], newest["actor"], newest["tenant"], newest["sealed"]) == (
        "person.signed_in",
        "Aida Auditor (aida.auditor@meridian.example)",
        None,
        False,
    )
    changed = signed_in(cast.security).get("audit/", {"verb": "tenant.changed"}).json()["items"][0]
    assert changed["subject"] == {"kind": "governance.tenant", "uid": str(cast.retail.uid), "name": "Retail"}
    assert changed["tenant"] == str(cast.retail.uid)
    assert changed["details"] == {"changed": {"name": ["Retail banking", "Retail"]}}
    assert changed["sentence"].endswith("changed the tenant Retail: name from Retail banking to Retail.")


def test_the_trail_is_narrowed_as_on_its_page_and_goes_on_by_cursor(cast: Cast, signed_in: As) -> None:
    for number in range(5):
        tenants.change(cast.retail, name=f"Retail {number}", by=cast.platform_person)
    auditor = signed_in(cast.auditor)
    verb = {"verb": "tenant.changed"}
    for query, found in (
        (verb, 5),
        (verb | {"who": "pia"}, 5),
        (verb | {"who": "nobody"}, 0),
        (verb | {"tenant": str(cast.retail.uid)}, 5),
        (verb | {"tenant": str(cast.insurance.uid)}, 0),
        (verb | {"subject": "retail 3"}, 1),
        (verb | {"since": "2999-01-01"}, 0),
        (verb | {"until": "1999-01-01"}, 0),
    ):
        assert len(auditor.get("audit/", query).json()["items"]) == found, query
    first = auditor.get("audit/", verb | {"page_size": 3}).json()
    second = auditor.client.get(first["links"]["next"]).json()
    names = [item["subject"]["name"] for page in (first, second) for item in page["items"]]
    assert names == [f"Retail {number}" for number in (4, 3, 2, 1, 0)]
    for query, named in (({"since": "soon"}, "since"), ({"verb": "x"}, "verb"), ({"before": "x"}, "before")):
        assert fields(auditor.get("audit/", query)) == [named]
    assert auditor.post("audit/").status_code == 405


@pytest.mark.parametrize("number", [2, 6])
@pytest.mark.parametrize(("path", "queries"), [("tenants/", 5), ("use-cases/", 5), ("approvals/", 6), ("audit/", 5)])
def test_a_list_costs_the_same_however_long_it_is(
    cast: Cast, signed_in: As, purpose_kind: None, path: str, queries: int, number: int, django_assert_num_queries: Any
) -> None:
    for count in range(number):
        made = use_case(tenant(f"Line {count}"), cast.builder_retail, f"Case {count}")
        person(f"Owner {count}", "owner", made.tenant)
        approvals.open(kind=KIND, subject=made, by=cast.builder_retail)
    auditor = signed_in(cast.auditor)
    with django_assert_num_queries(queries):
        items = auditor.get(path).json()["items"]
    assert len(items) >= number
    assert Tenant.objects.count() == number + 2
