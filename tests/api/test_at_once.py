"""Requests at the same moment: a write takes place once, a bucket gives what it holds, a version is won once."""

import json
from typing import Any

import pytest
from django.test import Client

from governance.actions import credentials
from governance.models import AuditEvent, UseCase
from governance.vocabulary import Verb
from portal.lib import clock
from portal.lib.api import limits
from tests.api.conftest import Caller, bearer
from tests.api.test_governance import NEW
from tests.cast import Cast, make_cast
from tests.portal.conftest import in_threads

AT_ONCE = 6


@pytest.fixture
def company(committed_database: Any) -> Cast:
    return make_cast()


def token(company: Cast, *scopes: str) -> str:
    return credentials.make_token(name="script", scopes=scopes, days=1, by=company.builder_retail)[1]


def test_a_write_that_is_sent_many_times_at_once_takes_place_once(company: Cast) -> None:
    text, body = token(company, "use_cases:write"), NEW | {"tenant": str(company.retail.uid)}
    with in_threads(AT_ONCE) as run:
        answers = run(lambda: bearer(text).post("use-cases/", body, Idempotency_Key="k"))
    assert [answer.status_code for answer in answers] == [201] * AT_ONCE
    assert len({json.loads(answer.content)["uid"] for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer for answer in answers) == AT_ONCE - 1
    assert UseCase.objects.filter(name="Claim triage").count() == 1
    assert AuditEvent.objects.filter(verb=Verb.USE_CASE_CREATED).count() == 1


def test_of_many_who_change_the_version_that_they_read_one_does(company: Cast) -> None:
    text, address = token(company, "use_cases:read", "use_cases:write"), f"use-cases/{company.call_summary.uid}/"
    read = bearer(text).get(address)["ETag"]
    with in_threads(AT_ONCE) as run:
        answers = run(lambda: bearer(text).patch(address, {"people": clock.wall().microsecond}, If_Match=read))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * (AT_ONCE - 1)


def test_a_bucket_gives_no_more_than_it_holds_to_many_at_once(company: Cast, settings: Any) -> None:
    settings.API_BURST, settings.API_REQUESTS_A_MINUTE = 4, 60
    now = clock.wall()

    def granted() -> bool:
        try:
            limits.take("a", now)
        except limits.Throttled:
            return False
        return True

    with in_threads(AT_ONCE) as run:
        assert sorted(run(granted)) == [False] * (AT_ONCE - 4) + [True] * 4


def test_a_session_is_one_caller_too(company: Cast) -> None:
    client = Client()
    client.force_login(company.platform_person)
    answers = [Caller(client).patch(f"tenants/{company.retail.uid}/", {"name": "R"}, Idempotency_Key="k") for _ in "12"]
    assert ["Idempotency-Replayed" in answer for answer in answers] == [False, True]
