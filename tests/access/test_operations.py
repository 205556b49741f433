"""Every operation of the API, asked by everybody with a session, a token or a key, good or bad."""

from pathlib import Path

import pytest
import yaml

from portal.access import OPERATIONS
from tests.access.calls_api import API_CALLS, call_of
from tests.access.estate import Estate
from tests.access.visitors import Visitor
from tests.access.walk import Walk

DOCUMENT = yaml.safe_load((Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml").read_text())


def operations() -> dict[str, str]:
    """Each operation of the document with the scope that it asks for."""
    return {
        f"{method.upper()} {path}": told["security"][0]["token"][0]
        for path, methods in DOCUMENT["paths"].items()
        for method, told in methods.items()
    }


@pytest.mark.parametrize("name", list(OPERATIONS))
def test_an_operation_is_open_to_whom_its_rule_names_and_to_nobody_else(
    name: str, estate: Estate, callers: list[Visitor]
) -> None:
    assert Walk(estate, callers, name, OPERATIONS[name], call_of(name)).complaints() == []


def test_every_operation_has_a_rule_with_its_scope_and_every_rule_an_operation() -> None:
    assert {name: str(rule.scope) for name, rule in OPERATIONS.items()} == operations()


def test_every_operation_that_names_a_thing_or_takes_a_body_is_asked_with_one() -> None:
    takes = {name.replace("/api/v1/", "") for name in OPERATIONS if "{" in name or not name.startswith("GET")}
    assert set(API_CALLS) == takes
