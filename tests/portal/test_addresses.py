"""What the address space of the portal leaves open: one door to sign in at, and nobody's identity to change."""

from typing import Any

import pytest
from django.test import Client

from governance.models import User
from tests.cast import Cast

PASSWORD = "a long enough sentence"


@pytest.fixture
def signed_in(cast: Cast, client: Client) -> User:
    """Somebody who has just typed their password, so that no page asks for it again."""
    user = cast.builder_retail
    user.set_password(PASSWORD)
    user.save()
    assert client.post("/account/login/", {"login": user.email, "password": PASSWORD}).status_code == 302
    return user


@pytest.mark.parametrize("action", ["action_add", "action_primary"])
def test_nobody_takes_another_address_by_themselves(signed_in: User, client: Client, action: str) -> None:
    answer = client.post("/account/email/", {action: "1", "email": "owner@meridian.example"})
    assert answer.status_code == 404
    assert User.objects.get(pk=signed_in.pk).email == signed_in.email


def test_the_reference_data_pages_have_no_door_of_their_own(cast: Cast, client: Client) -> None:
    answer = client.post("/admin/login/", {"username": cast.platform_person.email, "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, "/account/login/")


def test_who_may_not_read_the_trail_does_not_read_it_as_reference_data(cast: Cast, client: Client) -> None:
    User.objects.filter(pk__in=[cast.platform_person.pk, cast.auditor.pk]).update(is_staff=True)
    seen = {}
    for user in (cast.platform_person, cast.auditor):
        client.force_login(user)
        assert client.get("/admin/governance/tenant/").status_code == 200
        seen[user] = client.get("/admin/governance/auditevent/").status_code
    assert seen == {cast.platform_person: 403, cast.auditor: 200}


@pytest.mark.parametrize(
    "address",
    [
        "/search/?q=a%00b",
        "/governance/use-cases/?words=a%00b",
        "/platform/people/?words=a%00b&role=%00",
        "/governance/audit/?since=0001-01-01&until=9999-12-31",
        "/governance/audit/?before=2026-01-01T00:00:00%2B00:00_99999999999999999999",
        "/governance/?page=99999999999999999999",
        "/hub/prices/?q=a%00b",
        "/access/?q=a%00b",
        "/access/grants/?q=a%00b",
    ],
)
def test_a_page_answers_whatever_stands_in_its_address(cast: Cast, client: Client, address: str) -> None:
    client.force_login(cast.auditor)
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    ("address", "status"), [("/healthz", 200), ("/metrics", 200), ("/", 301), ("/account/login/", 301)]
)
def test_only_what_machines_ask_is_told_over_plain_http(db: None, settings: Any, address: str, status: int) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get(address).status_code == status
