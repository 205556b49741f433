"""What a query, a form or a body names is answered like what never was, where it is others'."""

from collections.abc import Iterator
from typing import Any

import pytest
from django import forms

from tests.access.choices import CHOICES, FORMS, Choice
from tests.access.estate import Estate
from tests.access.naming import Naming
from tests.access.test_operations import DOCUMENT
from tests.access.visitors import Visitor

# Strings of the API that name nothing: words of people, and places in a list.
WORDS = {
    "answer", "cost_centre", "cursor", "kind", "kpi", "modality", "name", "outcome", "provider", "purpose", "reason",
    "region", "role", "sponsor", "text", "who", "why",
}  # fmt: skip

# A new use case is its maker's; of one that is there, the tenant stays.
NOT_TAKEN = {"governance:use-case-new owner", "governance:use-case-edit tenant"}


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_an_id_of_others_is_answered_like_one_that_never_was(
    choice: Choice, estate: Estate, visitors: list[Visitor]
) -> None:
    naming = Naming(choice, estate, visitors)
    assert naming.complaints() == []
    assert naming.is_read() is not choice.alone


def test_every_parameter_of_the_api_that_may_be_an_id_is_tried() -> None:
    tried = {f"{one.where} {one.field}" for one in CHOICES}
    assert sorted(one for one in named_in(DOCUMENT) - tried if one.split()[2] not in WORDS) == []


def named_in(document: dict[str, Any]) -> set[str]:
    """Each field of a query or body that takes a uid or any string, as "GET /api/v1/grants/ tenant"."""
    found = set()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for name, schema in _fields(operation):
                if _is_open(schema):
                    found.add(f"{method.upper()} {path} {name}")
    return found


def _fields(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from ((one["name"], one["schema"]) for one in operation["parameters"] if one["in"] == "query")
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    if name := content.get("schema", {}).get("$ref", "").rpartition("/")[2]:
        yield from DOCUMENT["components"]["schemas"][name]["properties"].items()


def _is_open(schema: dict[str, Any]) -> bool:
    """Whether any string fits, or any uid: no word of a list, no date, no amount."""
    within = [*schema.get("oneOf", []), *schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])]
    if within:
        return any(_is_open(one) for one in within)
    is_text = "string" in schema.get("type", ()) and "enum" not in schema
    return is_text and schema.get("format", "uuid") == "uuid"


def test_every_form_in_which_a_thing_is_chosen_is_tried() -> None:
    tried = {f"{one.where} {one.field.rpartition('-')[2]}" for one in CHOICES}
    chosen = {form.__name__: _chosen(form) for form in _forms(forms.BaseForm)}
    chosen = {name: fields for name, fields in chosen.items() if fields}
    assert set(FORMS) == set(chosen)
    wanted = {f"{where} {field}" for name, places in FORMS.items() for where in places for field in chosen[name]}
    assert sorted(wanted - tried - NOT_TAKEN) == []


def test_a_parameter_that_is_not_tried_is_found() -> None:
    document = {"paths": {"/api/v1/things/": {"get": {"parameters": [
        {"in": "query", "name": "owner", "schema": {"type": "string", "format": "uuid"}},
        {"in": "query", "name": "day", "schema": {"type": "string", "format": "date"}},
    ]}}}}  # fmt: skip
    assert named_in(document) == {"GET /api/v1/things/ owner"}


def _forms(kind: type[Any]) -> Iterator[type[Any]]:
    """Every form of a page."""
    for form in kind.__subclasses__():
        yield from _forms(form)
        if form.__module__.partition(".")[0] in ("governance", "hub", "finops"):
            yield form


def _chosen(form: type[Any]) -> list[str]:
    return [name for name, field in form.base_fields.items() if isinstance(field, forms.ModelChoiceField)]
