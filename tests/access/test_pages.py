"""Every address of the portal, asked by everybody, for what is theirs, for what is others', for what never was."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import URLPattern, get_resolver, resolve, reverse

from portal.access import PAGES
from portal.access.rules import Kind, Rule
from portal.api.urls import router
from tests.access.calls import CALLS, OPEN_CALLS, Call
from tests.access.estate import Estate
from tests.access.visitors import Visitor
from tests.access.walk import Walk

ASKED = [name for name, rule in PAGES.items() if rule.kind not in (Kind.OPEN, Kind.STAFF)]


def routes(patterns: Any, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address of a URLconf by its full name."""
    for one in patterns:
        if isinstance(one, URLPattern):
            yield f"{space}{one.name}", one
        else:
            yield from routes(one.url_patterns, f"{space}{one.namespace}:" if one.namespace else space)


def declared(name: str) -> str:
    return "admin:*" if name.startswith("admin:") else name


@pytest.mark.parametrize("name", ASKED)
def test_an_address_is_open_to_whom_its_rule_names_and_to_nobody_else(
    name: str, estate: Estate, visitors: list[Visitor]
) -> None:
    walk = Walk(estate, visitors, name, PAGES[name], CALLS.get(name, Call()))
    assert walk.complaints() == []


def undeclared(resolver: Any, rules: dict[str, Rule]) -> list[str]:
    """The addresses of a URLconf that no rule names. Those of the API stand in its own table, by operation."""
    return sorted(_found(resolver) - rules.keys())


def unfound(resolver: Any, rules: dict[str, Rule]) -> list[str]:
    """The rules that name no address."""
    return sorted(rules.keys() - _found(resolver))


def _found(resolver: Any) -> set[str]:
    resources = {url.name for url in router.urls}
    return {declared(name) for name, _one in routes(resolver.url_patterns)} - resources


def test_every_address_has_a_rule_and_every_rule_an_address() -> None:
    assert (undeclared(get_resolver(), PAGES), unfound(get_resolver(), PAGES)) == ([], [])


def test_every_address_that_names_a_thing_is_asked_for_one() -> None:
    naming = {name for name, one in routes(get_resolver().url_patterns) if "<" in str(one.pattern)}
    assert sorted((naming & set(ASKED)) - {name for name, call in CALLS.items() if call.thing or call.given}) == []
    assert sorted(CALLS.keys() - set(ASKED)) == []


@pytest.mark.parametrize("name", [name for name, rule in PAGES.items() if rule.kind == Kind.OPEN])
def test_what_is_open_to_everybody_tells_nothing_and_changes_nothing(
    name: str, estate: Estate, visitors: list[Visitor]
) -> None:
    walk = Walk(estate, visitors, name, PAGES[name], OPEN_CALLS.get(name, Call()))
    assert walk.complaints() == []


def test_the_threat_model_names_exactly_what_is_open_to_everybody() -> None:
    """`…` stands for a part of an address that may be anything; files are served before any address is looked up."""
    text = (Path(__file__).resolve().parents[2] / "docs" / "threat-model.md").read_text()
    (row,) = re.findall(r"^\| somebody who has not signed in \|(.*?)\|", text, re.MULTILINE)
    named = [address.replace("…", "1-x") for address in re.findall(r"`(/[^`]*)`", row)]
    files = {address for address in named if address.startswith(settings.STATIC_URL)}
    assert len(files) == 1
    found = sorted(resolve(address).view_name for address in set(named) - files)
    assert found == sorted(name for name, rule in PAGES.items() if rule.kind == Kind.OPEN)


def admin_addresses() -> list[str]:
    """Every page of the reference data, for a row that is not there where it names one."""
    found = []
    for name, one in routes(get_resolver().url_patterns):
        if name.startswith("admin:") and one.name:
            given = {key: "hub" if key == "app_label" else "1" for key in one.pattern.regex.groupindex}
            found.append(reverse(name, kwargs=given))
    return found


def test_the_reference_data_are_for_staff_alone(estate: Estate, visitors: list[Visitor]) -> None:
    """Nobody here is staff; what staff may read follows from their roles (tests/portal/test_admin.py)."""
    addresses = admin_addresses()
    assert len(addresses) > 100
    wrong = []
    for visitor in (one for one in visitors if one.name in ("anonymous", "owner", "platform", "auditor")):
        for address in addresses:
            answer = visitor.client.get(address)
            if answer.status_code == 200:
                wrong.append(f"{visitor.name} {address}")
    assert wrong == []
