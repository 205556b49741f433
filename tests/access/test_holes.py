"""The walk finds planted holes, an address without a rule and a rule without an address."""

from typing import Any

import pytest
from django.urls import get_resolver

from portal.access import OPERATIONS, PAGES
from tests.access.calls import Call
from tests.access.calls_api import call_of
from tests.access.choices import Choice
from tests.access.estate import Estate
from tests.access.holes import CHOICES, FOUND, HOLES
from tests.access.naming import Naming
from tests.access.test_pages import undeclared, unfound
from tests.access.visitors import Visitor
from tests.access.walk import Walk


@pytest.mark.parametrize("name", list(FOUND))
def test_a_hole_is_found(name: str, estate: Estate, visitors: list[Visitor], settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.access.holes"
    some = [visitor for visitor in visitors if visitor.name in ("anonymous", "builder", "colleague", "owner")]
    found = Walk(estate, some, name, HOLES[name], Call("" if name == "listing" else "use_case")).complaints()
    assert [one for one in found if one.startswith(FOUND[name])], found


def test_a_write_of_the_api_on_what_is_others_is_found(estate: Estate, callers: list[Visitor], settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.access.canary_urls"
    true, hole = "PATCH /api/v1/use-cases/{uid}/", "PATCH /api/v1/overreaching/{uid}/"
    some = [visitor for visitor in callers if visitor.name in ("builder", "token", "key")]
    found = Walk(estate, some, hole, OPERATIONS[true], call_of(true)).complaints()
    for who in ("builder", "token", "key"):
        assert f"{who} PATCH foreign: missing expected, 200 came " in found
    assert Walk(estate, some, true, OPERATIONS[true], call_of(true)).complaints() == []


@pytest.mark.parametrize("choice", list(CHOICES), ids=str)
def test_a_field_that_takes_what_is_others_is_found(
    choice: Choice, estate: Estate, visitors: list[Visitor], settings: Any
) -> None:
    settings.ROOT_URLCONF = "tests.access.holes"
    found = Naming(choice, estate, visitors).complaints()
    assert [one for one in found if one.startswith(CHOICES[choice])], found


def test_a_field_that_nobody_reads_is_found(estate: Estate, visitors: list[Visitor], settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.access.holes"
    naming = Naming(Choice("listing", "GET", "tenant", "tenant.uid"), estate, visitors)
    assert not naming.is_read()


def test_an_address_without_a_rule_is_found() -> None:
    assert undeclared(get_resolver("tests.access.holes"), PAGES) == sorted(HOLES)


def test_a_rule_without_an_address_is_found() -> None:
    assert unfound(get_resolver(), PAGES | HOLES) == sorted(HOLES)
