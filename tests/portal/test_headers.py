"""What every kind of answer tells the browser to refuse: pages, parts, errors, the admin, signing in, files."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from portal.lib.headers import HEADERS
from tests.cast import Cast

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
NONCE = re.compile(r" 'nonce-[\w+/=-]{16,}'")
INLINE = re.compile(
    r"<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:|<script(?![^>]*(?:\bsrc=|\bnonce=|application/json))"
)
WRONG_HOST = {"headers": {"Host": "elsewhere.example"}}


def fails(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("planted")


urlpatterns = [path("fails", fails), path("", include("portal.urls"))]

Ask = Callable[[Client], Any]
ANSWERS: dict[str, tuple[int, Ask]] = {
    "page": (200, lambda client: client.get("/")),
    "part": (200, lambda client: client.get("/governance/use-cases/", headers={"HX-Request": "true"})),
    "chart": (200, lambda client: client.get("/costs/")),
    "components": (200, lambda client: client.get("/ui/")),
    "sign in": (200, lambda client: Client().get("/account/login/")),
    "new password": (200, lambda client: Client().get("/account/password/reset/")),
    "sent away to sign in": (302, lambda client: Client().get("/governance/")),
    "admin": (200, lambda client: client.get("/admin/")),
    "admin list": (200, lambda client: client.get("/admin/governance/tenant/")),
    "admin: nothing there": (302, lambda client: client.get("/admin/governance/tenant/999999/change/")),
    "health": (200, lambda client: Client().get("/healthz")),
    "documentation of the API": (200, lambda client: client.get("/api/docs/")),
    "API": (200, lambda client: client.get("/api/v1/tenants/")),
    "API without a token": (401, lambda client: Client().get("/api/v1/tenants/")),
    "not found": (404, lambda client: client.get("/nothing/here/")),
    "wrong method": (405, lambda client: client.put("/governance/")),
    "another site's form": (
        403,
        lambda client: Client(enforce_csrf_checks=True).post("/account/login/", {"login": "a"}),
    ),
    "wrong host": (400, lambda client: Client().get("/", **WRONG_HOST)),
    "wrong host over TLS only": (400, lambda client: redirecting(lambda: Client().get("/", **WRONG_HOST))),
    "failure": (500, lambda client: client.get("/fails")),
    "file": (200, lambda client: client.get("/static/img/atrium.svg")),
    "no such file": (404, lambda client: Client().get("/static/nothing.js")),
}


def redirecting(ask: Callable[[], Any]) -> Any:
    """Ask while everything is sent to HTTPS: then the host is looked at sooner."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "SECURE_SSL_REDIRECT", True)
        return ask()


@pytest.fixture
def client(cast: Cast, client: Client, settings: Any) -> Client:
    settings.ROOT_URLCONF = __name__
    person = cast.platform_person
    person.is_staff = True
    person.save()
    client.raise_request_exception = False
    client.force_login(person)
    return client


@pytest.fixture(params=ANSWERS)
def answer(request: pytest.FixtureRequest, client: Client) -> Iterator[Any]:
    status, ask = ANSWERS[request.param]
    found = ask(client)
    assert found.status_code == status
    yield found
    found.close()


def directives(answer: Any) -> dict[str, str]:
    parts = [part.strip().partition(" ") for part in answer["Content-Security-Policy"].split(";")]
    return {name: NONCE.sub("", sources) for name, _, sources in parts}


def test_every_answer_carries_the_policy_and_the_other_headers(answer: Any) -> None:
    assert directives(answer) == POLICY
    assert {name: answer.get(name) for name in HEADERS} == HEADERS


def test_no_answer_needs_what_the_policy_refuses(answer: Any) -> None:
    body = b"".join(answer) if answer.streaming else answer.content
    if answer.get("Content-Type", "").startswith("text/html"):
        assert INLINE.findall(body.decode()) == []


def test_what_is_looked_for_in_pages_would_be_found() -> None:
    planted = (
        '<style>a{}</style><p style="color:red" onclick="go()"><a href="javascript:go()"></a><script>go()</script>'
    )
    assert len(INLINE.findall(planted)) == 5
    assert INLINE.findall('<script src="a.js"></script><script type="application/json">{}</script>') == []


def test_htmx_neither_evaluates_nor_injects_styles(client: Client) -> None:
    page = client.get("/").content.decode()
    assert '"allowEval": false, "includeIndicatorStyles": false, "selfRequestsOnly": true' in page
