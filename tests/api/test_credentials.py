"""Tokens of people and keys of services: made, used as far as they go, ended."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from governance import deciding, policy
from governance.actions import approvals, credentials, invitations, people
from governance.models import AuditEvent, Membership, Notification, PersonToken, ServiceKey, User
from governance.reports import audit_sentences
from governance.roles import Permission
from governance.scopes import Scope
from governance.vocabulary import Verb
from portal.lib import clock
from portal.lib.errors import NotAllowed, Refused
from tests.api.conftest import bearer
from tests.cast import Cast
from tests.governance.conftest import KIND

READ = [Scope.TENANTS_READ]


@pytest.fixture
def service(cast: Cast) -> User:
    return credentials.make_service(name="Archive robot", tenant=cast.retail, by=cast.owner_retail)


def key_of(service: User, by: User, *scopes: str) -> tuple[ServiceKey, str]:
    return credentials.make_key(service, name="nightly", scopes=scopes or READ, days=30, by=by)


def test_a_token_acts_as_its_person_and_only_its_digest_is_kept(cast: Cast) -> None:
    token, text = credentials.make_token(name="script", scopes=READ, days=30, by=cast.builder_retail)
    assert [item["name"] for item in bearer(text).get("tenants/").json()["items"]] == ["Retail banking"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM governance_persontoken t")
        ((row,),) = cursor.fetchall()
    assert (text in row, text[20:] in row, token.digest in row) == (False, False, True)


def test_a_key_acts_as_its_service_in_one_tenant(cast: Cast, service: User) -> None:
    key, text = key_of(service, cast.owner_retail)
    assert [item["name"] for item in bearer(text).get("tenants/").json()["items"]] == ["Retail banking"]
    assert bearer(text).get(f"tenants/{cast.insurance.uid}/").status_code == 404
    assert (text.startswith("atr_"), key.hint == text[:12], text in str(ServiceKey.objects.values())) == (
        True,
        True,
        False,
    )


def test_nobody_finds_a_credential_in_audit_or_notifications(cast: Cast, service: User) -> None:
    texts = [
        credentials.make_token(name="script", scopes=READ, days=30, by=cast.builder_retail)[1],
        key_of(service, cast.owner_retail)[1],
    ]
    written = str([*AuditEvent.objects.values(), *Notification.objects.values()])
    assert [part for text in texts for part in (text[12:], text[-12:]) if part in written] == []


@pytest.mark.parametrize(
    "text",
    ["", "x", "atp_x", "atr_x", "atr_\x00", "atp_ü", "a b", "atp_" + "f" * 64, "atr_" + "f" * 5000],
)
def test_what_is_no_credential_is_401(cast: Cast, text: str) -> None:
    answer = bearer(text).get("tenants/")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_a_scope_that_a_token_does_not_have_is_refused_and_told(cast: Cast, with_token: Any) -> None:
    caller = with_token(cast.platform_person, "tenants:read", "audit:read")
    assert caller.get("tenants/").status_code == 200
    answer = caller.patch(f"tenants/{cast.retail.uid}/", {"name": "Other"})
    assert (answer.status_code, answer.json()["detail"]) == (
        403,
        "This token does not have the scope tenants:write.",
    )
    assert caller.get("use-cases/").status_code == 403
    assert AuditEvent.objects.filter(verb=Verb.ACTION_REFUSED, actor_id=cast.platform_person.pk).count() == 2


def test_a_scope_gives_nothing_that_the_roles_do_not(cast: Cast, with_token: Any) -> None:
    caller = with_token(cast.builder_retail, *Scope.values)
    assert caller.patch(f"tenants/{cast.retail.uid}/", {"name": "Mine"}).status_code == 403
    assert caller.get("audit/").status_code == 404


def test_a_credential_ends_when_its_time_is_over_and_when_it_is_revoked(cast: Cast, service: User) -> None:
    token, text = credentials.make_token(name="script", scopes=READ, days=1, by=cast.builder_retail)
    key, secret = key_of(service, cast.owner_retail)
    with clock.set_to(clock.now() + timedelta(days=40)):
        assert [bearer(one).get("tenants/").status_code for one in (text, secret)] == [401, 401]
    assert PersonToken.objects.filter(pk=token.pk).exists()
    credentials.revoke_token(token, by=cast.builder_retail)
    credentials.revoke_key(key, by=cast.platform_person)
    assert [bearer(one).get("tenants/").status_code for one in (text, secret)] == [401, 401]
    with pytest.raises(Refused, match="revoked already"):
        credentials.revoke_token(token, by=cast.builder_retail)
    with pytest.raises(Refused, match="revoked already"):
        credentials.revoke_key(key, by=cast.owner_retail)


def test_who_is_deactivated_loses_their_tokens_and_does_not_get_them_back(cast: Cast, service: User) -> None:
    text = credentials.make_token(name="script", scopes=READ, days=30, by=cast.security)[1]
    secret = key_of(service, cast.owner_retail)[1]
    for person in (cast.security, service):
        people.deactivate(person, by=cast.platform_person)
    assert [bearer(one).get("tenants/").status_code for one in (text, secret)] == [401, 401]
    for person in (cast.security, service):
        people.reactivate(person, by=cast.platform_person)
    assert [bearer(one).get("tenants/").status_code for one in (text, secret)] == [401, 401]
    assert AuditEvent.objects.filter(verb__in=[Verb.TOKEN_REVOKED, Verb.KEY_REVOKED]).count() == 2


def test_last_use_is_told_to_the_minute(cast: Cast, with_token: Any) -> None:
    caller, now = with_token(cast.builder_retail, "tenants:read"), clock.now()
    for after, told in ((0, 0), (30, 0), (61, 61)):
        with clock.set_to(now + timedelta(seconds=after)):
            caller.get("tenants/")
        assert PersonToken.objects.get().last_used_at == now + timedelta(seconds=told)


def test_a_token_counts_its_own_requests(cast: Cast, with_token: Any, settings: Any) -> None:
    settings.API_BURST, settings.API_REQUESTS_A_MINUTE = 1, 1
    first, second = (with_token(cast.builder_retail, "tenants:read") for _ in range(2))
    assert [one.get("tenants/").status_code for one in (first, second, first)] == [200, 200, 429]


@pytest.mark.parametrize(
    ("given", "field"),
    [({"name": " "}, "name"), ({"scopes": []}, "scopes"), ({"scopes": ["all"]}, "scopes"), ({"days": 366}, "days")],
)
def test_a_credential_needs_a_purpose_scopes_and_an_end(
    cast: Cast, service: User, given: dict[str, Any], field: str
) -> None:
    asked: dict[str, Any] = {"name": "script", "scopes": READ, "days": 30} | given
    with pytest.raises(Refused) as refused:
        credentials.make_token(**asked, by=cast.builder_retail)
    with pytest.raises(Refused) as of_key:
        credentials.make_key(service, **asked, by=cast.owner_retail)
    assert (refused.value.field, of_key.value.field) == (field, field)


@pytest.mark.parametrize("who", ["builder_retail", "owner_insurance", "auditor", "security", "nobody"])
def test_only_the_owner_of_the_tenant_and_platform_make_services_and_keys(cast: Cast, service: User, who: str) -> None:
    key = key_of(service, cast.platform_person)[0]
    with pytest.raises(NotAllowed):
        credentials.make_service(name="Mine", tenant=cast.retail, by=getattr(cast, who))
    with pytest.raises(NotAllowed):
        key_of(service, getattr(cast, who))
    with pytest.raises(NotAllowed):
        credentials.revoke_key(key, by=getattr(cast, who))


def test_nobody_revokes_the_token_of_another_but_who_manages_people(cast: Cast) -> None:
    token = credentials.make_token(name="script", scopes=READ, days=30, by=cast.security)[0]
    with pytest.raises(NotAllowed):
        credentials.revoke_token(token, by=cast.security_two)
    credentials.revoke_token(token, by=cast.platform_person)


def test_a_service_cannot_sign_in_by_any_way(cast: Cast, service: User) -> None:
    assert not invitations.is_open(service)
    for act in (
        lambda: people.set_password(service, "a long enough pass phrase"),
        lambda: people.hand_out_invitation(service, by=cast.platform_person),
        lambda: credentials.make_token(name="x", scopes=READ, days=1, by=service),
    ):
        with pytest.raises(Refused):
            act()
    for changes in ({"password": "scrypt$1"}, {"is_staff": True}, {"is_superuser": True}):
        with pytest.raises(IntegrityError, match="service_never_signs_in"), transaction.atomic():
            User.objects.filter(pk=service.pk).update(**changes)


def test_a_service_decides_nothing_and_takes_no_role_of_people(cast: Cast, service: User) -> None:
    for role in ("owner", "builder"):
        with pytest.raises(Refused):
            people.give_role(service, role, cast.retail, by=cast.platform_person)
    with pytest.raises(Refused):
        people.give_role(cast.nobody, "service", cast.retail, by=cast.platform_person)
    Membership.objects.create(user=service, role="owner", tenant=cast.retail)
    assert service not in policy.people_with_role("owner", cast.retail)
    assert service not in deciding.people_for("owner", cast.retail, asked_by=cast.builder_retail)
    assert not policy.can(User.objects.get(pk=service.pk), Permission.MANAGE_PEOPLE)


def test_making_is_told_to_whom_it_concerns_and_stands_in_the_trail(cast: Cast, service: User) -> None:
    credentials.make_token(name="script", scopes=READ, days=30, by=cast.builder_retail)
    key = key_of(service, cast.platform_person)[0]
    credentials.revoke_key(key, by=cast.owner_retail)
    told = Notification.objects.filter(kind=Notification.Kind.CREDENTIAL).values_list("user__name", "sentence")
    assert sorted(told) == [
        ("Bea Builder", "A token “script” was made that acts as you. If it was not you, revoke it."),
        ("Olga Owner", "Pia Platform made the key “nightly” for the service Archive robot of Retail banking."),
        ("Pia Platform", "Pia Platform made the key “nightly” for the service Archive robot of Retail banking."),
    ]
    events = AuditEvent.objects.filter(verb__in=[Verb.TOKEN_MADE, Verb.SERVICE_MADE, Verb.KEY_MADE, Verb.KEY_REVOKED])
    until = f"{key.expires_at:%Y-%m-%d}"
    assert [str(audit_sentences.of_event(event)).partition(") ")[2] for event in events.order_by("pk")] == [
        "made the service account Archive robot.",
        f"made the token script for tenants:read until {until}.",
        f"made the key nightly of Archive robot for tenants:read until {until}.",
        "revoked the key nightly of Archive robot.",
    ]


def test_a_service_that_asks_is_told_nothing_by_mail(cast: Cast, service: User, purpose_kind: None) -> None:
    approval = approvals.open(kind=KIND, subject=cast.call_summary, by=service)
    step = approval.steps.get(role="owner")
    approvals.decide(step, "reject", "No.", by=cast.owner_retail)
    assert Notification.objects.filter(user=service).count() == 0


def test_the_page_makes_shows_once_and_revokes(cast: Cast, client: Client) -> None:
    client.force_login(cast.owner_retail)
    page = reverse("governance:api-access")
    made = client.post(
        reverse("governance:token-make"), {"token-name": "script", "token-scopes": READ, "token-days": "30"}
    ).content.decode()
    text = made.partition('id="secret"')[2].partition(">atp_")[2][:64]
    assert bearer(f"atp_{text}").get("tenants/").status_code == 200
    assert text not in client.get(page).content.decode()
    client.post(reverse("governance:service-make"), {"service-name": "Intake", "service-tenant": cast.retail.pk})
    account = User.objects.get(is_service=True)
    given = {"key-account": account.pk, "key-name": "nightly", "key-scopes": READ, "key-days": "90"}
    assert "atr_" in client.post(reverse("governance:key-make"), given).content.decode()
    assert "never used" in client.get(page).content.decode()
    token, key = PersonToken.objects.get(), ServiceKey.objects.get()
    client.post(reverse("governance:token-revoke", args=[token.uid]))
    client.post(reverse("governance:key-revoke", args=[key.uid]))
    assert (PersonToken.objects.get().in_force, ServiceKey.objects.get().in_force) == (False, False)
    assert client.get(reverse("governance:token-make")).status_code == 302
    assert client.get(reverse("governance:key-revoke", args=[key.uid])).status_code == 405


def test_the_page_offers_and_ends_nothing_of_others(cast: Cast, client: Client, service: User) -> None:
    token = credentials.make_token(name="watchman", scopes=READ, days=30, by=cast.security)[0]
    key = key_of(service, cast.owner_retail)[0]
    client.force_login(cast.owner_insurance)
    page = client.get(reverse("governance:api-access")).content.decode()
    assert ("Archive robot" in page, "nightly" in page, "watchman" in page) == (False, False, False)
    assert client.post(reverse("governance:token-revoke", args=[token.uid])).status_code == 404
    assert client.post(reverse("governance:key-revoke", args=[key.uid])).status_code == 404
    given = {"key-account": service.pk, "key-name": "n", "key-scopes": READ, "key-days": "90"}
    assert "This cannot be chosen here." in client.post(reverse("governance:key-make"), given).content.decode()
    assert "Fill this in." in client.post(reverse("governance:token-make"), {}).content.decode()
    client.force_login(cast.nobody)
    assert "Add a service" not in client.get(reverse("governance:api-access")).content.decode()


def test_a_service_is_shown_as_one_among_people(cast: Cast, client: Client, service: User) -> None:
    client.force_login(cast.platform_person)
    listed = client.get(reverse("platform:people-list")).content.decode()
    shown = client.get(reverse("platform:person-detail", args=[service.uid])).content.decode()
    assert ("Service, Retail banking" in listed, "A program: it cannot sign in" in shown, "Give a role" in shown) == (
        True,
        True,
        False,
    )


@pytest.mark.parametrize("number", [1, 5])
def test_the_page_costs_the_same_however_many_there_are(
    cast: Cast, client: Client, number: int, django_assert_max_num_queries: Any
) -> None:
    for count in range(number):
        account = credentials.make_service(name=f"Service {count}", tenant=cast.retail, by=cast.owner_retail)
        key_of(account, cast.owner_retail)
        credentials.make_token(name=f"script {count}", scopes=READ, days=30, by=cast.owner_retail)
    client.force_login(cast.owner_retail)
    with django_assert_max_num_queries(14):
        assert client.get(reverse("governance:api-access")).status_code == 200
