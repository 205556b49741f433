"""Guessing passwords: counted for all processes together, locked for a while, said clearly, kept in the trail."""

import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import authenticate
from django.core.cache import cache
from django.test import Client, RequestFactory

from governance.models import AuditEvent, User
from governance.reports import audit_sentences
from governance.vocabulary import Verb
from tests.cast import Cast, make_cast
from tests.conftest import CommittedDatabase

LOGIN = "/account/login/"
PASSWORD = "a long enough sentence"
LIMIT = 5
GUESS_ELSEWHERE = """
import sys, django
django.setup()
from django.conf import settings
from django.test import Client
settings.ALLOWED_HOSTS = ["testserver"]
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
for address in sys.argv[1:]:
    print(Client().post("/account/login/", {"login": address, "password": "a wrong guess"}).status_code)
"""


@pytest.fixture(autouse=True)
def quick_hashes(settings: Any) -> None:
    """Passwords are compared a hundred times here, and slowly on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def person(cast: Cast) -> User:
    return with_password(cast.builder_retail)


def with_password(user: User) -> User:
    user.set_password(PASSWORD)
    user.save()
    return user


def attempt(address: str, password: str = "a wrong guess", **sent: Any) -> Any:
    return Client().post(LOGIN, {"login": address, "password": password}, **sent)


def fail(address: str, times: int, **sent: Any) -> list[int]:
    return [attempt(address, **sent).status_code for _ in range(times)]


def test_the_fifth_wrong_password_locks_the_address_and_even_the_right_one_waits(person: User) -> None:
    assert fail(person.email, LIMIT) == [200] * (LIMIT - 1) + [429]
    answer = attempt(person.email, PASSWORD)
    page = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (429, "900")
    assert "Too many wrong passwords for this address from here. Wait 15 minutes" in page
    assert "/account/password/reset/" in page


def test_how_the_address_is_spelled_changes_nothing(person: User) -> None:
    spellings = [person.email, person.email.upper(), f" {person.email} ", person.email.title(), person.email]
    assert [attempt(one).status_code for one in spellings][-1] == 429


def test_others_and_other_places_are_not_locked(cast: Cast, person: User) -> None:
    other = with_password(cast.owner_retail)
    fail(person.email, LIMIT)
    assert attempt(other.email, PASSWORD).status_code == 302
    assert attempt(person.email, PASSWORD, REMOTE_ADDR="192.0.2.7").status_code == 302


def test_signing_in_forgets_the_wrong_passwords_before_it(person: User) -> None:
    fail(person.email, LIMIT - 1)
    assert attempt(person.email, PASSWORD).status_code == 302
    assert fail(person.email, LIMIT - 1) == [200] * (LIMIT - 1)


def test_the_lock_ends_when_it_said_it_would_although_somebody_kept_knocking(person: User) -> None:
    fail(person.email, LIMIT + 3)
    for record in AccessAttempt.objects.all():
        moved = record.attempt_time - timedelta(minutes=15, seconds=1)
        AccessAttempt.objects.filter(pk=record.pk).update(attempt_time=moved)
    assert attempt(person.email, PASSWORD).status_code == 302


def test_an_address_that_nobody_has_is_locked_all_the_same(cast: Cast) -> None:
    assert fail("nobody@meridian.example", LIMIT)[-1] == 429


def test_a_lock_is_kept_in_the_trail_once_without_the_password(person: User) -> None:
    fail(person.email, LIMIT + 2, REMOTE_ADDR="192.0.2.7")
    events = AuditEvent.objects.filter(verb=Verb.SIGN_IN_LOCKED)
    assert [str(audit_sentences.of_event(event)) for event in events] == [
        f"Atrium locked the sign-in of {person}: 5 wrong passwords from 192.0.2.7, for 15 minutes."
    ]
    assert "wrong guess" not in str(list(AccessAttempt.objects.values()))


def test_who_invents_an_origin_is_known_by_what_the_last_proxy_saw(person: User, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    tries = [attempt(person.email, HTTP_X_FORWARDED_FOR=f"203.0.113.{n}, 192.0.2.7") for n in range(LIMIT)]
    assert tries[-1].status_code == 429
    assert {str(record.ip_address) for record in AccessAttempt.objects.all()} == {"192.0.2.7"}


def test_without_a_proxy_nobody_is_believed_about_their_origin(person: User) -> None:
    tries = [attempt(person.email, HTTP_X_FORWARDED_FOR=f"203.0.113.{number}") for number in range(LIMIT)]
    assert tries[-1].status_code == 429


def test_every_door_has_the_same_lock(person: User) -> None:
    """The reference data's door leads here; whatever checks a password for the API goes through the same backends."""
    fail(person.email, LIMIT)
    request = RequestFactory().post("/api/v1/", REMOTE_ADDR="127.0.0.1")
    assert authenticate(request, username=person.email, password=PASSWORD) is None
    assert Client().post("/admin/login/", {"username": person.email, "password": PASSWORD}).url.startswith(LOGIN)


def test_a_program_is_told_in_its_own_form(person: User) -> None:
    from portal.sign_in import locked

    answer = locked(RequestFactory().post("/api/v1/tokens/"))
    assert (answer.status_code, answer["Content-Type"]) == (429, "application/problem+json")


def test_many_addresses_from_one_place_are_slowed_down(cast: Cast) -> None:
    pages = [attempt(f"guess{number}@meridian.example").content.decode() for number in range(11)]
    assert ["Too many failed login attempts" in page for page in pages] == [False] * 10 + [True]


def test_all_processes_count_together(committed_database: CommittedDatabase) -> None:
    person = with_password(make_cast().builder_retail)
    others = [f"guess{number}@meridian.example" for number in range(6)]
    said = elsewhere(committed_database, *[person.email] * (LIMIT - 1), *others)
    assert said == ["200"] * (LIMIT - 1 + len(others))
    page = attempt("one.more@meridian.example").content.decode()
    assert "Too many failed login attempts" in page, "the limit of the place, kept in the cache"
    cache.clear()
    assert attempt(person.email).status_code == 429, "the lock of the address"


def elsewhere(database: CommittedDatabase, *addresses: str) -> list[str]:
    """Guess in another process; the status of each answer."""
    command = [sys.executable, "-c", GUESS_ELSEWHERE, *addresses]
    done = subprocess.run(command, env=database.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()
