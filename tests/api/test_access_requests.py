"""Access requests in the API: drafted, sent, changed, taken back; what is wrong is said at its field with a way out."""

from typing import Any

import pytest

from governance.actions import approvals
from governance.models import Approval, AuditEvent
from governance.vocabulary import Verb
from hub.models import AccessRequest, FoundationModel
from tests.api.conftest import As, Caller, fields, uids
from tests.cast import Cast, person, tenant, use_case
from tests.hub.access_world import REGION, World, cleared_model, offered

NEVER = "01930000-0000-7000-8000-000000000000"


@pytest.fixture
def builder(cast: Cast, signed_in: As) -> Caller:
    return signed_in(cast.builder_retail)


@pytest.fixture
def asked(world: World) -> dict[str, Any]:
    """A complete request, as JSON."""
    return {
        "use_case": str(world.cast.call_summary.uid),
        "model": str(world.model.uid),
        "data_class": "confidential",
        "audience": "employees",
        "environment": "prod",
        "route": f"{world.account.number}|{REGION}|{world.profile.profile_id}",
        "guardrail_version": f"{world.guardrail.guardrail.uid}:{world.guardrail.version}",
        "roles": [world.role_arn],
        "calls_per_day": 100,
        "input_tokens": 1900,
        "output_tokens": 240,
        "cached_percent": 30,
        "monthly_budget": "600.50",
        "months": 6,
        "why": "Agents write the notes by hand.",
    }


def at(thing: AccessRequest | dict[str, Any], verb: str = "") -> str:
    uid = thing["uid"] if isinstance(thing, dict) else thing.uid
    return f"access-requests/{uid}/{verb}"


def test_a_complete_request_is_sent_at_once_with_its_plan_and_its_verdict(
    asked: dict[str, Any], builder: Caller
) -> None:
    answer = builder.post("access-requests/", asked | {"submit": True})
    assert answer.status_code == 201, answer.json()
    told, made = answer.json(), AccessRequest.objects.get()
    assert answer["Location"] == f"/api/v1/{at(made)}"
    assert (told["state"], told["code"], told["monthly_budget"], told["grant"]) == (
        "in_review",
        made.code,
        "600.50",
        None,
    )
    assert told["answers"] == asked | {"create_role": False}
    assert (told["verdict"]["risk"], told["verdict"]["problems"]) == ("medium", [])
    assert [one["label"] for one in told["verdict"]["deciders"]] == ["Owner", "Security"]
    assert told["verdict"]["residency"]["allowed"] is True
    plan = made.plan
    assert plan is not None
    assert told["plan"]["digest"] == plan.digest
    assert any(line["mark"] == "+" and line["text"].startswith("inference profile") for line in told["plan"]["lines"])
    assert told["approval"] == str(Approval.objects.get().uid)
    assert told["options"] is None
    assert builder.get(at(made))["ETag"] == answer["ETag"]
    assert AuditEvent.objects.filter(verb=Verb.ACCESS_REQUESTED, subject_uid=str(made.uid)).count() == 1


def test_a_request_that_is_sent_twice_is_made_once(asked: dict[str, Any], builder: Caller) -> None:
    body = asked | {"submit": True}
    first, again = (builder.post("access-requests/", body, Idempotency_Key="k") for _ in range(2))
    assert (again.json(), AccessRequest.objects.count()) == (first.json(), 1)


def test_a_draft_may_lack_anything_and_tells_what_may_be_answered(asked: dict[str, Any], builder: Caller) -> None:
    draft = builder.post("access-requests/", {"use_case": asked["use_case"], "model": asked["model"]}).json()
    assert (draft["state"], draft["plan"], draft["approval"], draft["submitted_at"]) == ("draft", None, None, None)
    assert asked["route"] in [one["value"] for one in draft["options"]["route"]]
    chosen = builder.patch(at(draft), {"route": asked["route"], "data_class": "confidential"}).json()
    assert asked["guardrail_version"] in [one["value"] for one in chosen["options"]["guardrail_version"]]
    assert (chosen["answers"]["route"], chosen["answers"]["use_case"]) == (asked["route"], asked["use_case"])
    assert builder.patch(at(draft), {"route": None}).json()["answers"]["route"] is None


def test_a_draft_is_completed_and_sent_on_the_version_that_one_read(asked: dict[str, Any], builder: Caller) -> None:
    first = builder.post("access-requests/", {"use_case": asked["use_case"]})
    changed = builder.patch(at(first.json()), asked, If_Match=first["ETag"])
    assert changed.status_code == 200
    assert builder.patch(at(first.json()), {"months": 9}, If_Match=first["ETag"]).status_code == 412
    sent = builder.post(at(first.json(), "submit/"), If_Match=changed["ETag"])
    assert (sent.status_code, sent.json()["state"]) == (200, "in_review")
    assert builder.post(at(first.json(), "submit/")).status_code == 422
    assert builder.patch(at(first.json()), {"months": 9}).json()["detail"].endswith("clone it instead.")


def test_all_that_is_missing_is_said_at_once_and_no_draft_stays(asked: dict[str, Any], builder: Caller) -> None:
    answer = builder.post("access-requests/", {"use_case": asked["use_case"], "submit": True})
    assert answer.status_code == 422
    assert set(fields(answer)) == {
        "model", "data_class", "audience", "environment", "route", "calls_per_day", "input_tokens", "output_tokens",
        "monthly_budget", "months", "why",
    }  # fmt: skip
    assert AccessRequest.objects.count() == 0
    draft = builder.post("access-requests/", {"use_case": asked["use_case"]}).json()
    assert "model" in fields(builder.post(at(draft, "submit/")))
    assert AccessRequest.objects.get().state == "draft"


def test_a_model_that_may_not_be_asked_for_is_refused_with_one_that_may(
    world: World, asked: dict[str, Any], builder: Caller
) -> None:
    regions = [*world.profile.destination_regions, REGION]
    other = cleared_model("acme.other", by=world.cast.platform_person, regions=regions, name="Other")
    offered(other, world.account)
    FoundationModel.objects.filter(pk=world.model.pk).update(status="blocked")
    answer = builder.post("access-requests/", asked | {"submit": True})
    error = answer.json()["errors"][0]
    assert (answer.status_code, error["field"], "is blocked" in error["message"]) == (422, "model", True)
    assert error["alternatives"] == [{"value": str(other.uid), "label": "Other"}]
    draft = builder.post("access-requests/", asked).json()
    assert draft["verdict"]["problems"][0]["alternatives"] == error["alternatives"]


def test_a_route_or_guardrail_that_is_not_on_offer_is_refused_with_those_that_are(
    asked: dict[str, Any], builder: Caller
) -> None:
    for name, value in (("route", "000000000000|mars-1|"), ("guardrail_version", f"{NEVER}:1")):
        answer = builder.post("access-requests/", asked | {name: value})
        error = next(one for one in answer.json()["errors"] if one["field"] == name)
        assert asked[name] in [one["value"] for one in error["alternatives"]]


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"data_class": "secret"}, "data_class"),
    ({"data_class": "restricted"}, "data_class, route"),  # no route takes such data either
    ({"environment": "moon"}, "environment"),
    ({"calls_per_day": -1}, "calls_per_day"),
    ({"calls_per_day": "many"}, "calls_per_day"),
    ({"calls_per_day": 0}, "calls_per_day"),
    ({"months": 25}, "months"),
    ({"monthly_budget": "0"}, "monthly_budget"),
    ({"monthly_budget": "1.234"}, "monthly_budget"),
    ({"monthly_budget": "much"}, "monthly_budget"),
    ({"monthly_budget": 10**12}, "monthly_budget"),
    ({"roles": []}, "roles"),
    ({"roles": ["arn:aws:iam::447100000212:user/somebody"]}, "roles"),
    ({"roles": "arn"}, "roles"),
    ({"guardrail_version": "newest"}, "guardrail_version"),
    ({"guardrail_version": None}, "guardrail_version"),
    ({"why": "x" * 2001}, "why"),
    ({"use_case": "x"}, "use_case"),
    ({"tenant": NEVER}, "tenant"),
)


def test_what_is_wrong_is_said_at_its_field(asked: dict[str, Any], builder: Caller) -> None:
    for changes, named in WRONG:
        answer = builder.post("access-requests/", asked | changes | {"submit": True})
        assert (answer.status_code, ", ".join(sorted(set(fields(answer))))) == (422, named), (changes, answer.json())
    assert AccessRequest.objects.count() == 0


def test_a_foreign_use_case_is_answered_like_one_that_never_was(
    cast: Cast, asked: dict[str, Any], builder: Caller
) -> None:
    foreign = use_case(cast.insurance, cast.builder_insurance, "Claims")
    answers = [builder.post("access-requests/", asked | {"use_case": str(uid)}) for uid in (foreign.uid, NEVER)]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].json()["errors"] == answers[1].json()["errors"]


def test_requests_are_seen_by_whom_their_page_is_and_drafts_by_their_author(
    world: World, asked: dict[str, Any], builder: Caller, signed_in: As
) -> None:
    cast, sent = world.cast, world.submitted()
    draft = builder.post("access-requests/", {"model": asked["model"]}).json()
    seen = {
        who: uids(signed_in(getattr(cast, who)).get("access-requests/"))
        for who in ("builder_retail", "legal", "auditor", "builder_insurance", "nobody")
    }
    one = [str(sent.uid)]
    assert seen == {
        "builder_retail": [draft["uid"], *one], "legal": one, "auditor": one, "builder_insurance": [], "nobody": [],
    }  # fmt: skip
    assert signed_in(cast.builder_insurance).get(at(sent)).status_code == 404
    assert signed_in(cast.auditor).get(at(draft)).status_code == 404
    assert signed_in(cast.auditor).get(at(sent)).json()["answers"]["why"] == sent.why


def test_requests_are_narrowed(world: World, builder: Caller) -> None:
    sent, one = world.submitted(), world.cast.call_summary
    for query, found in (
        ({"state": "in_review"}, 1),
        ({"state": "draft"}, 0),
        ({"use_case": str(one.uid), "model": str(world.model.uid)}, 1),
        ({"tenant": str(world.cast.retail.uid)}, 1),
        ({"asked_by_me": "true"}, 1),
        ({"words": "HAIKU"}, 1),
        ({"words": "sonnet"}, 0),
    ):
        assert uids(builder.get("access-requests/", query)) == [str(sent.uid)] * found, query
    for query, named in (({"state": "x"}, "state"), ({"model": NEVER}, "model"), ({"q": "x"}, "q")):
        assert fields(builder.get("access-requests/", query)) == [named]


def test_only_who_asked_changes_sends_or_takes_back(world: World, signed_in: As) -> None:
    sent = world.submitted()
    for who, status in (("owner_retail", 403), ("auditor", 403), ("builder_insurance", 404)):
        caller = signed_in(getattr(world.cast, who))
        assert caller.patch(at(sent), {"months": 1}).status_code == status
        assert caller.post(at(sent, "submit/")).status_code == status
        assert caller.post(at(sent, "withdraw/")).status_code == status
    sent.refresh_from_db()
    assert (sent.state, sent.months) == ("in_review", 6)


def test_who_may_not_ask_is_told_so_before_anything_else(cast: Cast, signed_in: As) -> None:
    for who in ("auditor", "executive", "platform_person", "nobody"):
        answer = signed_in(getattr(cast, who)).post("access-requests/", {"months": "x"})
        assert (answer.status_code, "do not let you ask" in answer.json()["detail"]) == (403, True)


def test_requested_changes_are_made_and_sent_again(world: World, builder: Caller) -> None:
    sent = world.submitted()
    step = Approval.objects.get().steps.get(state="open")
    approvals.decide(step, "request_changes", "Half is enough.", by=world.cast.owner_retail)
    changed = builder.patch(at(sent), {"monthly_budget": "300"})
    assert (changed.json()["answers"]["monthly_budget"], changed.json()["monthly_budget"]) == ("300.00", "600.00")
    again = builder.post(at(sent, "submit/")).json()
    assert (again["state"], again["monthly_budget"]) == ("in_review", "300.00")


def test_a_request_that_is_sent_again_as_it_was_needs_an_answer(world: World, builder: Caller) -> None:
    request = world.submitted()
    approval = Approval.objects.get()
    approvals.decide(approval.steps.get(state="open"), "request_changes", "Ask for less.", by=world.cast.owner_retail)
    refused = builder.post(at(request, "submit/"))
    assert (refused.status_code, fields(refused)) == (422, ["answer"]), refused.json()
    assert builder.patch(at(request), {"answer": "Less would not last a month."}).status_code == 200
    assert builder.post(at(request, "submit/")).json()["state"] == "in_review"
    assert [one.text for one in approval.comments.all()] == ["Less would not last a month."]


def test_data_that_a_line_of_business_may_not_use_is_not_on_offer(asked: dict[str, Any], builder: Caller) -> None:
    told = builder.post("access-requests/", {"use_case": asked["use_case"]}).json()
    assert [one["value"] for one in told["options"]["data_class"]] == ["public", "internal", "confidential"]


def test_a_draft_is_thrown_away_and_a_sent_request_taken_back(
    world: World, asked: dict[str, Any], builder: Caller
) -> None:
    draft = builder.post("access-requests/", asked).json()
    gone = builder.post(at(draft, "withdraw/"))
    assert (gone.status_code, gone.content) == (204, b"")
    assert builder.get(at(draft)).status_code == 404
    sent = world.submitted()
    assert builder.post(at(sent, "withdraw/")).json()["state"] == "withdrawn"
    assert builder.post(at(sent, "withdraw/")).status_code == 422


def test_a_request_is_cloned_by_who_may_ask(world: World, builder: Caller, signed_in: As) -> None:
    sent = world.submitted()
    answer = builder.post(at(sent, "clone/"))
    made = AccessRequest.objects.exclude(pk=sent.pk).get()
    assert (answer.status_code, answer["Location"]) == (201, f"/api/v1/{at(made)}")
    assert (answer.json()["state"], answer.json()["answers"]["why"]) == ("draft", sent.why)
    assert signed_in(world.cast.auditor).post(at(sent, "clone/")).status_code == 403
    assert signed_in(world.cast.builder_insurance).post(at(sent, "clone/")).status_code == 404


def test_a_method_that_is_not_there_is_refused(world: World, builder: Caller) -> None:
    sent = world.submitted()
    for method, verb in (("PUT", ""), ("DELETE", ""), ("GET", "submit/"), ("GET", "withdraw/")):
        assert builder.send(method, at(sent, verb)).status_code == 405


@pytest.mark.parametrize("number", [2, 6])
def test_the_list_costs_the_same_however_long_it_is(
    world: World, signed_in: As, number: int, django_assert_num_queries: Any
) -> None:
    for count in range(number):
        team = tenant(f"Team {count}", world.cast.retail, regions=world.cast.retail.regions)
        case = use_case(team, world.cast.builder_retail, f"Case {count}")
        person(f"Owner {count}", "owner", team)
        world.submitted(use_case=case)
    auditor = signed_in(world.cast.auditor)
    with django_assert_num_queries(5):
        assert len(auditor.get("access-requests/").json()["items"]) == number
