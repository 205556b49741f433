"""What every address of the API does alike, on the resource of tenants."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from governance.actions import people, tenants
from governance.models import AuditEvent, Tenant, User
from governance.vocabulary import Verb
from portal.lib import clock
from portal.lib.api import idempotency, limits
from portal.lib.api.models import Bucket, StoredAnswer
from portal.lib.errors import Refused
from tests.api.conftest import As, Caller, fields, uids
from tests.api.test_governance import NEW
from tests.cast import Cast, tenant


@pytest.fixture
def platform(cast: Cast, signed_in: As) -> Caller:
    return signed_in(cast.platform_person)


def at(thing: Tenant) -> str:
    return f"tenants/{thing.uid}/"


def test_without_signing_in_the_answer_is_a_problem_that_says_how(cast: Cast, anybody: Caller) -> None:
    answer = anybody.get("tenants/")
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer.json()["request_id"] == answer["X-Request-Id"]


@pytest.mark.parametrize("path", ["nothing/", "", "tenants", "tenants/no-uid/", "tenants/%00/"])
def test_an_address_that_does_not_exist_is_a_problem_too(platform: Caller, path: str) -> None:
    for answer in (platform.get(path), platform.post(path)):
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_a_method_that_an_address_does_not_take_is_refused(cast: Cast, platform: Caller) -> None:
    for method, path in (
        ("POST", "tenants/"),
        ("DELETE", at(cast.retail)),
        ("PUT", at(cast.retail)),
        ("OPTIONS", "tenants/"),
    ):
        assert platform.send(method, path).status_code == 405


def test_a_write_by_session_needs_the_csrf_token(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.platform_person)
    answer = Caller(client).patch(at(cast.retail), {"name": "Other"})
    assert (answer.status_code, Tenant.objects.get(pk=cast.retail.pk).name) == (403, "Retail banking")


@pytest.mark.parametrize(
    "body",
    ["{", "[]", "null", '{"name": NaN}', "[" * 100_000, '{"name": ' + "9" * 5000 + "}", "\x00"],
    ids=["cut", "list", "null", "nan", "deep", "long number", "nul"],
)
def test_a_body_that_is_not_a_json_object_is_refused(cast: Cast, platform: Caller, body: str) -> None:
    assert platform.patch(at(cast.retail), body).status_code == 400


def test_another_media_type_than_json_is_refused(cast: Cast, platform: Caller) -> None:
    answer = platform.client.patch(f"/api/v1/{at(cast.retail)}", "name=Other", "application/x-www-form-urlencoded")
    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"name": ""}, ["name"]),
        ({"name": "x" * 81}, ["name"]),
        ({"name": "a\x00b"}, ["name"]),
        ({"name": "\ud800"}, ["name"]),
        ({"data_classes": ["secret"]}, ["data_classes.0"]),
        ({"data_classes": []}, ["data_classes"]),
        ({"nmae": "Other", "slug": "other"}, ["nmae", "slug"]),
    ],
)
def test_a_problem_names_the_fields(cast: Cast, platform: Caller, body: dict[str, Any], named: list[str]) -> None:
    answer = platform.patch(at(cast.retail), body)
    assert (answer.status_code, fields(answer)) == (422, named)
    assert AuditEvent.objects.filter(verb=Verb.TENANT_CHANGED).count() == 0


def test_a_refusal_of_an_action_is_told_in_its_own_sentence(cast: Cast, platform: Caller) -> None:
    tenant("Cards", cast.retail)
    answer = platform.patch(at(cast.retail), {"regions": ["eu-west-1"]})
    assert (answer.status_code, answer.json()["detail"]) == (
        422,
        "Its team Cards uses eu-central-1; narrow the team first.",
    )


def test_what_roles_do_not_permit_is_403_and_stands_in_the_trail(cast: Cast, signed_in: As) -> None:
    answer = signed_in(cast.builder_retail).patch(at(cast.retail), {"name": "Mine"})
    assert (answer.status_code, answer.json()["detail"]) == (403, "Your roles do not let you change tenants.")
    event = AuditEvent.objects.get(verb=Verb.ACTION_REFUSED)
    assert (event.actor_id, event.subject_name) == (cast.builder_retail.pk, f"/api/v1/{at(cast.retail)}")


def test_a_foreign_thing_and_one_that_never_was_answer_alike(cast: Cast, signed_in: As) -> None:
    caller = signed_in(cast.builder_insurance)
    never = "01930000-0000-7000-8000-000000000000"
    for method in ("GET", "PATCH"):
        foreign, absent = (caller.send(method, f"tenants/{uid}/", {"name": "x"}) for uid in (cast.retail.uid, never))
        assert foreign.status_code == absent.status_code == 404
        assert {**foreign.json(), "request_id": ""} == {**absent.json(), "request_id": ""}
    queries = [caller.get("tenants/", {"parent": str(uid)}).json()["errors"] for uid in (cast.retail.uid, never)]
    assert queries[0] == queries[1]


def test_an_error_that_nobody_foresaw_tells_nothing_of_the_inside_and_changes_nothing(
    cast: Cast, platform: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = tenants.change

    def failing(*args: Any, **kwargs: Any) -> None:
        change(*args, **kwargs)
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(tenants, "change", failing)
    answer = platform.patch(at(cast.retail), {"name": "Other"}, Idempotency_Key="k")
    assert (answer.status_code, "hunter2" in answer.content.decode()) == (500, False)
    assert Tenant.objects.get(pk=cast.retail.pk).name == "Retail banking"
    assert StoredAnswer.objects.count() == 0


def test_pages_go_on_where_they_ended_newest_first(cast: Cast, platform: Caller) -> None:
    made = [tenant(f"Line {number}") for number in range(7)]
    seen, query = [], {"page_size": 3}
    answer = platform.get("tenants/", query)
    while True:
        seen += uids(answer)
        following = answer.json()["links"]["next"]
        if following is None:
            break
        tenant(f"Late {len(seen)}")  # What is added meanwhile moves nothing.
        assert len(answer.json()["items"]) == 3
        answer = platform.client.get(following)
    assert seen == [str(one.uid) for one in (*reversed(made), cast.insurance, cast.retail)]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"page_size": "0"}, "page_size"),
        ({"page_size": "201"}, "page_size"),
        ({"page_size": "²"}, "page_size"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "WyJ4Il0"}, "cursor"),
        ({"cursor": "é"}, "cursor"),
        ({"state": "gone"}, "state"),
        ({"words": "\x00"}, "words"),
        ({"parent": "x"}, "parent"),
        ({"nmae": "x"}, "nmae"),
        ({"format": "xml"}, "format"),
    ],
)
def test_a_parameter_that_cannot_be_read_is_named(platform: Caller, query: dict[str, str], named: str) -> None:
    answer = platform.get("tenants/", query)
    assert (answer.status_code, fields(answer)) == (400, [named])


def test_a_version_that_one_has_is_not_sent_again(cast: Cast, platform: Caller) -> None:
    for path in (at(cast.retail), "tenants/"):
        first = platform.get(path)
        again = platform.get(path, If_None_Match=first["ETag"])
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
        assert platform.get(path, If_None_Match='"other", W/' + first["ETag"]).status_code == 304
        assert platform.get(path, If_None_Match='"other"').status_code == 200
        assert platform.get(path, If_None_Match="unquoted").status_code == 200
    assert first["Cache-Control"] == "private, no-cache"


def test_a_change_of_another_version_than_one_read_is_refused(cast: Cast, platform: Caller) -> None:
    read = platform.get(at(cast.retail))["ETag"]
    written = platform.patch(at(cast.retail), {"name": "Retail"}, If_Match=read)
    assert (written.status_code, written.json()["name"]) == (200, "Retail")
    assert platform.patch(at(cast.retail), {"name": "Mine"}, If_Match=read).status_code == 412
    assert platform.patch(at(cast.retail), {"name": "Mine"}, If_Match=f"W/{written['ETag']}").status_code == 412
    assert platform.patch(at(cast.retail), {"name": "Mine"}, If_Match="x").status_code == 400
    assert Tenant.objects.get(pk=cast.retail.pk).name == "Retail"
    assert platform.patch(at(cast.retail), {"name": "Mine"}, If_Match=written["ETag"]).status_code == 200
    assert platform.patch(at(cast.retail), {"name": "Ours"}, If_Match="*").status_code == 200


def test_a_write_that_is_sent_twice_takes_place_once(cast: Cast, platform: Caller) -> None:
    first = platform.patch(at(cast.retail), {"name": "Retail"}, Idempotency_Key="k1")
    tenants.change(cast.retail, name="Third name", by=cast.platform_two)
    again = platform.patch(at(cast.retail), {"name": "Retail"}, Idempotency_Key="k1")
    assert (again.status_code, again.json(), again["ETag"]) == (200, first.json(), first["ETag"])
    assert (again["Idempotency-Replayed"], "Idempotency-Replayed" in first) == ("true", False)
    assert Tenant.objects.get(pk=cast.retail.pk).name == "Third name"
    assert AuditEvent.objects.filter(verb=Verb.TENANT_CHANGED).count() == 2


def test_a_key_belongs_to_one_request_of_one_caller(cast: Cast, platform: Caller, signed_in: As) -> None:
    platform.patch(at(cast.retail), {"name": "Retail"}, Idempotency_Key="k1")
    for path, body in ((at(cast.retail), {"name": "Other"}), (at(cast.insurance), {"name": "Retail"})):
        answer = platform.patch(path, body, Idempotency_Key="k1")
        assert (answer.status_code, "another request" in answer.json()["detail"]) == (422, True)
    another = signed_in(cast.platform_two).patch(at(cast.insurance), {"name": "Insure"}, Idempotency_Key="k1")
    assert (another.status_code, "Idempotency-Replayed" in another) == (200, False)
    for bad in ("", "ü", "x" * 256):
        assert platform.patch(at(cast.retail), {"name": "R"}, Idempotency_Key=bad).status_code == 400


def test_a_kept_answer_is_read_again_only_by_who_may_still_see_its_thing(cast: Cast, signed_in: As) -> None:
    builder = cast.builder_retail
    body = NEW | {"tenant": str(cast.retail.uid)}
    asked = [
        lambda: signed_in(builder).post("use-cases/", body, Idempotency_Key="new"),
        lambda: signed_in(builder).patch(f"use-cases/{made}/", {"name": "Call notes"}, Idempotency_Key="changed"),
    ]
    made = asked[0]().json()["uid"]
    assert [ask().status_code for ask in asked] == [201, 200]
    people.take_role(builder.memberships.get(), by=cast.platform_person)
    assert [(ask().status_code, "Call" in ask().content.decode()) for ask in asked] == [(404, False)] * 2


def test_a_key_belongs_to_the_version_that_it_was_sent_for(cast: Cast, platform: Caller) -> None:
    version = platform.get(at(cast.retail))["ETag"]
    sent = {"Idempotency_Key": "k", "If_Match": version}
    assert platform.patch(at(cast.retail), {"name": "Retail"}, **sent).status_code == 200
    assert platform.patch(at(cast.retail), {"name": "Retail"}, **sent)["Idempotency-Replayed"] == "true"
    for other in ({"If_Match": '"another"'}, {}):
        answer = platform.patch(at(cast.retail), {"name": "Retail"}, Idempotency_Key="k", **other)
        assert (answer.status_code, "another request" in answer.json()["detail"]) == (422, True)


def test_what_failed_may_be_sent_again_under_its_key(cast: Cast, platform: Caller) -> None:
    team = tenant("Cards", cast.retail)
    body = {"regions": ["eu-west-1"]}
    assert platform.patch(at(cast.retail), body, Idempotency_Key="k").status_code == 422
    tenants.change(team, regions=["eu-west-1"], by=cast.platform_person)
    assert platform.patch(at(cast.retail), body, Idempotency_Key="k").status_code == 200


def test_a_kept_answer_is_forgotten_after_a_day(cast: Cast, platform: Caller) -> None:
    platform.patch(at(cast.retail), {"name": "Retail"}, Idempotency_Key="k")
    platform.patch(at(cast.retail), {"name": "Retail"}, Idempotency_Key="young")
    StoredAnswer.objects.filter(key="k").update(stored_at=clock.wall() - idempotency.KEPT - timedelta(minutes=1))
    again = platform.patch(at(cast.retail), {"name": "Other"}, Idempotency_Key="k")
    assert (again.status_code, "Idempotency-Replayed" in again) == (200, False)
    StoredAnswer.objects.filter(key="k").update(stored_at=clock.wall() - idempotency.KEPT - timedelta(minutes=1))
    assert idempotency.prune() == 1
    assert StoredAnswer.objects.get().key == "young"


def test_a_bucket_gives_its_burst_and_then_its_rate(db: None, settings: Any) -> None:
    settings.API_BURST, settings.API_REQUESTS_A_MINUTE = 3, 60
    now = clock.wall()
    for _ in range(3):
        limits.take("a", now)
    for _ in range(2):
        with pytest.raises(limits.Throttled) as refused:
            limits.take("a", now)
        assert refused.value.wait == 1
    limits.take("b", now)
    limits.take("a", now + timedelta(seconds=1))
    with pytest.raises(limits.Throttled) as refused:
        limits.take("a", now + timedelta(seconds=1.5))
    assert refused.value.wait == 1
    for _ in range(3):
        limits.take("a", now + timedelta(hours=1))
    with pytest.raises(limits.Throttled):
        limits.take("a", now)
    Bucket.objects.update(filled_at=now - timedelta(hours=2))
    assert limits.prune() == 2


def test_who_asks_too_much_is_told_when_to_come_again(cast: Cast, platform: Caller, settings: Any) -> None:
    settings.API_BURST, settings.API_REQUESTS_A_MINUTE = 1, 1
    assert platform.get("tenants/").status_code == 200
    answer = platform.get("tenants/")
    assert (answer.status_code, answer.json()["title"], int(answer["Retry-After"]) in range(30, 61)) == (
        429,
        "Too Many Requests",
        True,
    )
    assert platform.patch(at(cast.retail), {"name": "x"}).status_code == 429


def test_a_refusal_keeps_every_sentence(cast: Cast, platform: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(*args: Any, **kwargs: Any) -> None:
        raise Refused("One.", field="name", also=[Refused("Two.", field="regions")])

    monkeypatch.setattr(tenants, "change", refusing)
    answer = platform.patch(at(cast.retail), {"name": "Other"})
    assert json.loads(answer.content)["errors"] == [
        {"field": "name", "message": "One."},
        {"field": "regions", "message": "Two."},
    ]


def test_a_deactivated_person_is_unknown_at_once(cast: Cast, signed_in: As) -> None:
    caller = signed_in(cast.security)
    assert caller.get("tenants/").status_code == 200
    User.objects.filter(pk=cast.security.pk).update(is_active=False)
    assert caller.get("tenants/").status_code == 401
