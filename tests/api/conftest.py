"""Calling the API as somebody of the cast."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from governance.actions import credentials
from governance.models import User
from hub.models import Guardrail, GuardrailVersion, SystemProfile
from tests.cast import Cast
from tests.finops.conftest import sonnet_prices, use  # noqa: F401  (fixtures)
from tests.governance.conftest import purpose_kind  # noqa: F401  (a fixture)
from tests.hub.access_world import MODEL, REGION, World, cleared_model, offered
from tests.hub.conftest import an_account


class Caller:
    """`caller.get("tenants/")`, with JSON in and out; headers by their names."""

    def __init__(self, client: Client, headers: dict[str, str] | None = None) -> None:
        self.client, self.headers = client, headers or {}

    def get(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> Any:
        return self.client.get(f"/api/v1/{path}", query or {}, headers=self._all(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("POST", path, body, headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("PATCH", path, body, headers)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        return self._send(method, path, body, headers)

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> HttpResponse:
        data = body if isinstance(body, str) else json.dumps({} if body is None else body)
        return self.client.generic(method, f"/api/v1/{path}", data, "application/json", headers=self._all(headers))

    def _all(self, headers: dict[str, str]) -> dict[str, str]:
        return self.headers | {name.replace("_", "-"): value for name, value in headers.items()}


As = Callable[[User], Caller]


@pytest.fixture
def signed_in() -> As:
    """signed_in(person): a caller with that person's session."""

    def make(person: User) -> Caller:
        client = Client()
        client.force_login(person)
        return Caller(client)

    return make


@pytest.fixture
def world(cast: Cast) -> World:
    """A world in which a model can be asked for, in rows alone: no account is behind it, so nothing can be made."""
    account, regions = an_account(), [REGION, "eu-west-1"]
    model = cleared_model(by=cast.platform_person, regions=regions)
    offered(model, account)
    profile = SystemProfile.objects.create(
        account=account, region=REGION, profile_id=f"eu.{MODEL}", arn="arn", name="Haiku", model=model, scope="geo",
        destination_regions=regions,
    )  # fmt: skip
    guardrail = Guardrail.objects.create(
        account=account, region=REGION, guardrail_id="gr1", arn="arn", name="customer-facing"
    )
    version = GuardrailVersion.objects.create(
        guardrail=guardrail, version="7", status="READY", content={}, digest="0" * 64
    )
    return World(cast, account, model, profile, version)


@pytest.fixture
def anybody() -> Caller:
    """Somebody whom nobody knows."""
    return Caller(Client())


@pytest.fixture
def with_token() -> Callable[..., Caller]:
    """with_token(person, "tenants:read", …): a caller with a token of that person."""

    def make(person: User, *scopes: str) -> Caller:
        return bearer(credentials.make_token(name="script", scopes=scopes, days=30, by=person)[1])

    return make


def bearer(text: str) -> Caller:
    """A caller with a token or key."""
    return Caller(Client(), {"Authorization": f"Bearer {text}"})


def fields(answer: Any) -> list[str]:
    """The fields that a problem names."""
    return [error["field"] for error in answer.json().get("errors", [])]


def uids(answer: Any) -> list[str]:
    """The uids of a page."""
    return [item["uid"] for item in answer.json()["items"]]
