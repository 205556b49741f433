"""Grants in the API: how far each is, and what stops it. And models: what may be asked for, where, for how much."""

from datetime import timedelta
from typing import Any

import pytest

from governance.models import AuditEvent, User
from governance.vocabulary import Verb
from hub.model_states import MEANING
from hub.models import Clearance, FoundationModel, Grant, Probe
from portal.jobs.models import Job
from portal.lib import clock
from tests.api.conftest import As, Caller, fields, uids
from tests.cast import Cast, person, tenant, use_case
from tests.hub.access_world import REGION, World
from tests.hub.conftest import an_account
from tests.hub.test_clearance import a_model

NEVER = "01930000-0000-7000-8000-000000000000"
PROFILE = "arn:aws:bedrock:eu-central-1:447100000212:application-inference-profile/abc123"


@pytest.fixture
def grant(world: World) -> Grant:
    """A grant as the reconciler leaves it; nothing of it is in AWS."""
    made = world.approved()
    Grant.objects.update(state="active", activated_at=clock.now(), profile_arn=PROFILE)
    made.artefacts.update(state="present", drift="in_sync")
    Job.objects.all().delete()
    return Grant.objects.get(pk=made.pk)


@pytest.fixture
def owner(cast: Cast, signed_in: As) -> Caller:
    return signed_in(cast.owner_retail)


def at(grant: Grant, verb: str = "") -> str:
    return f"grants/{grant.uid}/{verb}"


def test_a_grant_tells_what_is_in_aws_what_proved_it_and_the_code(world: World, grant: Grant, owner: Caller) -> None:
    for number in range(8):
        Probe.objects.create(grant=grant, kind="must_work", ok=True, detail=f"Call {number}", role_arn=world.role_arn)
    told = owner.get(at(grant)).json()
    assert (told["state"], told["wanted"], told["moving"], told["outgrown"]) == ("active", "access", False, "")
    assert (told["profile_arn"], told["account"]["number"]) == (PROFILE, world.account.number)
    assert told["request"] == str(grant.request.uid)
    assert {one["kind"]: one["drift"] for one in told["artefacts"]}["iam_policy"] == "in_sync"
    assert [one["detail"] for one in told["probes"]] == [f"Call {number}" for number in (7, 6, 5, 4, 3, 2)]
    assert [one["name"] for one in told["kit"]] == ["boto3", "cli", "langchain", "litellm"]
    assert all(PROFILE in one["text"] for one in told["kit"])


def test_only_an_active_grant_has_code(grant: Grant, owner: Caller) -> None:
    Grant.objects.update(state="frozen", wanted="denial")
    assert owner.get(at(grant)).json()["kit"] == []


def test_grants_are_listed_to_whom_their_tenant_is_visible_and_narrowed(
    world: World, grant: Grant, owner: Caller, signed_in: As
) -> None:
    cast, mine = world.cast, [str(grant.uid)]
    for who, found in (("owner_retail", mine), ("auditor", mine), ("builder_insurance", []), ("nobody", [])):
        assert uids(signed_in(getattr(cast, who)).get("grants/")) == found, who
    assert signed_in(cast.builder_insurance).get(at(grant)).status_code == 404
    for query, found in (
        ({"state": "active", "environment": "prod"}, mine),
        ({"state": "frozen"}, []),
        ({"words": "call summ"}, mine),
        ({"tenant": str(cast.retail.uid), "use_case": str(cast.call_summary.uid)}, mine),
        ({"model": str(world.model.uid)}, mine),
    ):
        assert uids(owner.get("grants/", query)) == found, query
    for query, named in (({"state": "x"}, "state"), ({"tenant": str(cast.insurance.uid)}, "tenant"), ({"q": "x"}, "q")):
        assert fields(owner.get("grants/", query)) == [named]


def test_a_grant_is_frozen_unfrozen_and_revoked_on_the_version_that_one_read(grant: Grant, owner: Caller) -> None:
    read = owner.get(at(grant))
    frozen = owner.post(at(grant, "freeze/"), {"reason": "Odd traffic."}, If_Match=read["ETag"])
    assert (frozen.status_code, frozen.json()["wanted"], frozen.json()["reason"]) == (200, "denial", "Odd traffic.")
    assert frozen.json()["moving"] is True
    assert Job.objects.filter(name="hub.reconcile", argument=grant.pk).count() == 1
    late = owner.post(at(grant, "revoke/"), {"reason": "Done."}, If_Match=read["ETag"])
    assert late.status_code == 412
    assert owner.post(at(grant, "freeze/"), {"reason": "Again."}).status_code == 422
    assert owner.post(at(grant, "unfreeze/"), {"reason": "A test."}).json()["wanted"] == "access"
    assert owner.post(at(grant, "revoke/"), {"reason": "Done."}).json()["wanted"] == "nothing"
    verbs = (Verb.GRANT_DENIAL_ASKED, Verb.GRANT_ACCESS_ASKED, Verb.GRANT_END_ASKED)
    assert AuditEvent.objects.filter(subject_uid=str(grant.uid), verb__in=verbs).count() == 3


def test_a_freeze_that_is_sent_twice_takes_place_once(grant: Grant, owner: Caller) -> None:
    first, again = (owner.post(at(grant, "freeze/"), {"reason": "Odd."}, Idempotency_Key="k") for _ in range(2))
    assert (again.status_code, again.json()) == (200, first.json())


def test_a_repair_is_asked_for_by_who_asked_for_the_grant(world: World, grant: Grant, signed_in: As) -> None:
    assert signed_in(world.cast.builder_retail).post(at(grant, "retry/")).status_code == 200
    assert signed_in(world.cast.auditor).post(at(grant, "retry/")).status_code == 403
    assert signed_in(world.cast.builder_insurance).post(at(grant, "retry/")).status_code == 404
    assert AuditEvent.objects.filter(verb=Verb.GRANT_RETRIED).count() == 1


def test_who_may_only_read_stops_nothing(world: World, grant: Grant, signed_in: As) -> None:
    for who, status in (("builder_retail", 403), ("auditor", 403), ("finops_person", 403), ("builder_insurance", 404)):
        caller = signed_in(getattr(world.cast, who))
        for verb in ("freeze/", "unfreeze/", "revoke/"):
            assert caller.post(at(grant, verb), {"reason": "x"}).status_code == status, (who, verb)
    grant.refresh_from_db()
    assert grant.wanted == "access"


def test_stopping_without_a_reason_or_by_another_method_is_refused(grant: Grant, owner: Caller) -> None:
    for body in ({}, {"reason": ""}, {"reason": "x" * 301}, {"reason": None}, {"reason": "\x00"}):
        assert fields(owner.post(at(grant, "freeze/"), body)) == ["reason"], body
    assert fields(owner.post(at(grant, "freeze/"), {"reason": "x", "state": "frozen"})) == ["state"]
    for method, verb in (("GET", "freeze/"), ("PATCH", ""), ("DELETE", ""), ("PUT", "revoke/")):
        assert owner.send(method, at(grant, verb), {"reason": "x"}).status_code == 405


@pytest.mark.parametrize("number", [2, 6])
def test_the_list_of_grants_costs_the_same_however_long_it_is(
    world: World, signed_in: As, number: int, django_assert_num_queries: Any
) -> None:
    for count in range(number):
        team = tenant(f"Team {count}", world.cast.retail, regions=world.cast.retail.regions)
        person(f"Owner {count}", "owner", team)
        world.approved(use_case=use_case(team, world.cast.builder_retail, f"Case {count}"))
    auditor = signed_in(world.cast.auditor)
    with django_assert_num_queries(5):
        assert len(auditor.get("grants/").json()["items"]) == number


def test_a_model_tells_where_it_is_offered_for_which_data_and_for_how_much(world: World, signed_in: As) -> None:
    other = an_account("447100000999", tenant=world.cast.insurance)
    world.model.offers.create(account=other, region=REGION, arn="arn")
    told = signed_in(world.cast.builder_retail).get(f"models/{world.model.uid}/").json()
    assert (told["status"], told["meaning"]) == ("approved", MEANING["approved"])
    assert [(one["data_class"], one["conditions"]) for one in told["clearances"]] == [("confidential", "")]
    offer = told["offers"][0]
    assert (len(told["offers"]), offer["account"]["number"]) == (1, world.account.number)
    assert (offer["region"], offer["in_region"], offer["offer"]["available"]) == (REGION, False, True)
    assert offer["profiles"][0]["profile_id"] == world.profile.profile_id


def test_rates_are_decimal_strings(cast: Cast, signed_in: As) -> None:
    model = a_model(cast, "one", price=3)
    prices = signed_in(cast.builder_retail).get(f"models/{model.uid}/").json()["prices"]
    assert [(one["tier"], one["bands"], one["since"], one["usd_per_million"]) for one in prices] == [
        ("standard", [], None, {"input": "3.00", "output": "3.00"})
    ]


def test_models_are_listed_to_whoever_sees_a_tenant_and_narrowed_as_on_their_page(cast: Cast, signed_in: As) -> None:
    one = a_model(cast, "one", data_class="confidential")
    two = a_model(cast, "two", status="blocked", provider="Other")
    Clearance.objects.filter(model=two).update(until=clock.now() - timedelta(days=1))
    builder = signed_in(cast.builder_retail)
    both = [str(two.uid), str(one.uid)]
    for query, found in (
        ({}, both),
        ({"words": "ACME"}, both),
        ({"words": "one"}, both[1:]),
        ({"provider": "Other"}, both[:1]),
        ({"status": "approved"}, both[1:]),
        ({"modality": "TEXT"}, both),
        ({"modality": "IMAGE"}, []),
        ({"data_class": "internal"}, both[1:]),
        ({"data_class": "restricted"}, []),
        ({"region": REGION}, []),
    ):
        assert uids(builder.get("models/", query)) == found, query
    assert uids(signed_in(cast.nobody).get("models/")) == []
    assert signed_in(cast.nobody).get(f"models/{one.uid}/").status_code == 404
    for query, named in (({"status": "x"}, "status"), ({"data_class": "x"}, "data_class"), ({"name": "x"}, "name")):
        assert fields(builder.get("models/", query)) == [named]
    assert builder.get(f"models/{NEVER}/").status_code == 404
    for method, path in (("POST", "models/"), ("PATCH", f"models/{one.uid}/"), ("DELETE", f"models/{one.uid}/")):
        assert builder.send(method, path).status_code == 405


@pytest.mark.parametrize("number", [2, 6])
def test_the_list_of_models_costs_the_same_however_long_it_is(
    cast: Cast, auditor: User, signed_in: As, number: int, django_assert_num_queries: Any
) -> None:
    for count in range(number):
        a_model(cast, f"model-{count}")
    caller = signed_in(auditor)
    with django_assert_num_queries(6):
        items = caller.get("models/").json()["items"]
    assert [len(one["clearances"]) for one in items] == [1] * number
    assert FoundationModel.objects.count() == number
