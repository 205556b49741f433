"""Every route that changes something leaves an event, changes nothing without it, and keeps no secret."""

import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from governance import refusals
from governance.models import AuditEvent, User
from portal.aws import sandbox
from portal.lib.logs import JsonFormatter
from tests.audited.attempts import ATTEMPTS, HEADERS, PASSWORD, PLANTED, WORDS, Attempt
from tests.audited.closed_trail import Closed, changed, contents
from tests.hub.access_world import World

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "audit.md").read_text()
WITHOUT_EVENT = set(re.findall(r"^\| `([\w:-]+)` \| ", DOCUMENT, re.MULTILINE)) - {"jobs"}
OWN_TESTS = {"account_login", "account_reset_password_from_key"}
# Shown and never changed by anybody; tests/portal/test_admin.py holds that for each of their models.
READ_ONLY = re.compile(r"admin:")
# A draft keeps what was typed.
DRAFTS = {"access:request-submit": {"hub_accessrequest"}, "api-access-requests-list": {"hub_accessrequest"}}
# What they change stands in the sandbox, or is what they hand out.
TRAIL_ALONE = {
    "platform:sandbox-fault-list", "platform:sandbox-fault-clear", "platform:sandbox-fault-clear-all",
    "governance:audit-export",
}  # fmt: skip
UNSAFE = {"post", "put", "patch", "delete"}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What our handler would write, all of it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


@pytest.mark.parametrize("route", list(ATTEMPTS))
def test_a_change_and_its_event_are_one(route: str, world: World, owner: psycopg.Connection, log: io.StringIO) -> None:
    attempt = ATTEMPTS[route](world)
    last = AuditEvent.objects.latest("pk").pk
    with Closed(owner):
        before, faults = contents(owner), sandbox.faults().faults
        refused = attempt.send(route)
        after = contents(owner)
    assert refused.status_code >= 500, "without the trail it must fail"
    assert sandbox.faults().faults == faults, "the sandbox, too, stays as it is"
    assert changed(before, after) <= DRAFTS.get(route, set()), "without its event nothing may change"
    assert not AuditEvent.objects.filter(pk__gt=last).exists()

    done = attempt.send(route)
    assert (sandbox.faults().faults != faults) == route.startswith("platform:sandbox-")
    assert changed(before, contents(owner)) - {"governance_auditevent", "django_session"} or route in TRAIL_ALONE
    events = list(AuditEvent.objects.filter(pk__gt=last))
    assert done.status_code < 400, done.content[:3000]
    assert [event.verb for event in events if event.verb not in ("action.refused", "person.signed_in")]
    assert "permission denied for table governance_auditevent" in log.getvalue()
    assert [secret for secret in PLANTED if secret in log.getvalue() or secret in dump(owner)] == []


def dump(owner: psycopg.Connection) -> str:
    return "\n".join(text for (text,) in owner.execute("SELECT t::text FROM governance_auditevent t"))


def test_the_planted_secrets_would_be_found(world: World, owner: psycopg.Connection) -> None:
    """In the tables that keep what was typed they stand: only the trail and the log take them out."""
    for route in ("governance:review-comment", "hub:model-status"):
        ATTEMPTS[route](world).send(route)
    kept = "\n".join(text for (text,) in owner.execute("SELECT t::text FROM governance_comment t"))
    assert [secret for secret in PLANTED if secret not in kept] == []
    assert "It is needed: [redacted]" in dump(owner)


def routes(patterns: Any, prefix: str = "", space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route of the URLconf by its full name."""
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, prefix, f"{space}{one.namespace}:" if one.namespace else space)
        elif one.name:
            yield f"{space}{one.name}", one


def takes_writes(name: str, pattern: URLPattern, client: Client) -> bool:
    """Whether a route answers otherwise than 405 to what is not a read."""
    actions = getattr(pattern.callback, "actions", None)
    if actions is not None:
        return bool(UNSAFE & set(actions))
    sample = {"uid": str(UUID(int=0)), "pk": "1", "version": "1", "number": "1", "uidb36": "0", "key": "x-y"}
    arguments = {key: sample.get(key, "x") for key in pattern.pattern.regex.groupindex}
    return bool(client.post(reverse(name, kwargs=arguments)).status_code != 405)


def test_every_route_that_takes_writes_is_tried_or_published(world: World) -> None:
    known = set(ATTEMPTS) | WITHOUT_EVENT | OWN_TESTS
    found = dict(routes(get_resolver().url_patterns))
    left = {name: one for name, one in found.items() if not READ_ONLY.match(name)}
    client = Client(raise_request_exception=False)
    client.force_login(world.cast.platform_person)
    assert sorted(name for name, one in left.items() if name not in known and takes_writes(name, one, client)) == []
    assert sorted(known - set(found)) == []


def test_signing_in_without_the_trail_opens_no_session(world: World, owner: psycopg.Connection) -> None:
    user = User.objects.create_user("ines@meridian.example", "correct-horse-battery", name="Ines")
    client, typed = Client(raise_request_exception=False), {"login": user.email, "password": "correct-horse-battery"}
    with Closed(owner):
        before = contents(owner)
        assert client.post(reverse("account_login"), typed).status_code == 500
        assert changed(before, contents(owner)) == set()
        assert client.get("/").status_code == 302
    assert client.post(reverse("account_login"), typed).status_code == 302
    assert AuditEvent.objects.filter(verb="person.signed_in", actor_id=user.pk).count() == 1


def test_a_password_is_set_with_its_event_or_not(world: World, owner: psycopg.Connection) -> None:
    user = User.objects.create_user("iris@meridian.example", "correct-horse-battery", name="Iris")
    key = default_token_generator.make_token(user)
    client = Client(raise_request_exception=False)
    arguments = {"uidb36": user_pk_to_url_str(user), "key": key}
    page = client.get(reverse("account_reset_password_from_key", kwargs=arguments)).url
    typed = {"password1": "battery-staple-horse", "password2": "battery-staple-horse"}
    with Closed(owner):
        before = contents(owner)
        assert client.post(page, typed).status_code == 500
        assert changed(before, contents(owner)) == set()
    assert client.post(page, typed).status_code == 302
    assert AuditEvent.objects.filter(verb="person.password_set", actor_id=user.pk).count() == 1
    assert key not in dump(owner)


@pytest.mark.parametrize("status", [403, 404])
def test_an_attempt_that_was_refused_is_on_record_without_what_was_typed(
    world: World, owner: psycopg.Connection, status: int
) -> None:
    route, cast = "governance:use-case-stage", world.cast
    by = cast.auditor if status == 403 else cast.builder_insurance
    last = AuditEvent.objects.latest("pk").pk
    attempt = Attempt(by, {"uid": cast.call_summary.uid}, {"stage": "pilot", "more": WORDS})
    assert attempt.send(route).status_code == status
    (event,) = AuditEvent.objects.filter(pk__gt=last, verb="action.refused")
    assert (event.actor_id, event.subject_uid) == (by.pk, str(cast.call_summary.uid))
    assert event.details["route"] == route
    assert set(event.details) == {"route", "method", "because"}
    assert "It is needed" not in dump(owner).split("\n")[-1]


def test_nobody_floods_the_trail_with_refusals(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "MOST", 5)
    client = Client()
    client.force_login(world.cast.nobody)
    address = reverse("governance:review-comment", args=[UUID(int=1)])
    mine = AuditEvent.objects.filter(actor_id=world.cast.nobody.pk, verb="action.refused")
    for _ in range(refusals.MOST + 3):
        assert client.post(address).status_code == 404
    assert mine.count() == refusals.MOST


def test_who_has_not_signed_in_leaves_nothing(world: World) -> None:
    last = AuditEvent.objects.latest("pk").pk
    Client().post(reverse("governance:review-comment", args=[UUID(int=1)]), headers=HEADERS)
    assert not AuditEvent.objects.filter(pk__gt=last).exists()
    assert PASSWORD in WORDS
    connection.close()
