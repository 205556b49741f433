"""The OpenAPI document and its page: what is declared is what there is."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from drf_spectacular.validation import validate_schema

from governance.scopes import Scope
from portal.api import document
from portal.api.urls import router
from portal.lib.api.resource import Resource
from tests.cast import Cast

ROOT = Path(__file__).resolve().parents[2]
RESOURCES: dict[str, type[Resource]] = {prefix: resource for prefix, resource, _name in router.registry}


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, told) for path, ways in document.as_data()["paths"].items() for method, told in ways.items()]


def test_the_document_is_valid_and_is_the_one_that_is_committed() -> None:
    data = document.as_data()
    validate_schema(data)
    assert data["openapi"].startswith("3.1")
    assert (ROOT / "docs" / "openapi.yaml").read_text() == document.as_yaml()


def test_every_address_of_a_resource_stands_in_the_document() -> None:
    routes = {
        ("/api/v1/" + re.sub(r"<(\w+:)?(\w+)>", r"{\2}", str(url.pattern)), method)
        for url in router.urls
        for method in url.callback.actions
        if method != "head"
    }
    assert routes == {(path, method) for path, method, _told in operations()}


def test_every_operation_declares_one_known_scope_and_every_scope_has_an_operation() -> None:
    scopes = {scope for _path, _method, told in operations() for scope in told["security"][0]["token"]}
    assert scopes <= set(Scope.values)
    used = {scope for resource in RESOURCES.values() for scope in (resource.reads, resource.writes)}
    assert scopes == {str(scope) for scope in used | {Scope.APPROVALS_DECIDE} if scope}
    assert set(Scope.values) == scopes


def test_every_write_takes_a_key_and_every_operation_tells_of_its_problems() -> None:
    for path, method, told in operations():
        names = {one["name"] for one in told["parameters"] if one["in"] == "header"}
        assert ("Idempotency-Key" in names) == (method != "get"), path
        assert {"400", "401", "403", "429"} <= told["responses"].keys(), path
        assert ("304" in told["responses"]) == (method == "get"), path


@pytest.mark.parametrize("prefix", RESOURCES)
def test_every_address_knows_nobody_without_a_credential(db: None, client: Client, prefix: str) -> None:
    answer = client.get(f"/api/v1/{prefix}/")
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")


def test_the_page_shows_every_operation_and_loads_nothing_from_elsewhere(cast: Cast, client: Client) -> None:
    client.force_login(cast.nobody)
    page = client.get(reverse("api-docs"))
    text = page.content.decode()
    assert [
        told["operationId"] for _path, _method, told in operations() if f'id="{told["operationId"]}"' not in text
    ] == []
    assert re.findall(r'(?:src|href)="(https?:)?//', text) == []
    assert "unsafe" not in page["Content-Security-Policy"]
    assert client.post(reverse("api-docs")).status_code == 405


def test_the_document_is_served_to_programs(db: None, client: Client) -> None:
    answer = client.get(reverse("api-document"))
    assert (answer.status_code, answer.content.decode()) == (200, document.as_yaml())
