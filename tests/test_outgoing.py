"""Atrium opens no connections but to AWS, its database and broker, and an SMTP server: who imports what could, fails.

In tests no other connection leaves the machine anyhow (pytest-socket); this holds for what no test reaches.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.test_architecture import ROOT, tracked

# Modules that open connections, and those through which something of the kind may be fetched.
OPENING = {
    "aiohttp", "asyncio", "ftplib", "http.client", "httpcore", "httpx", "imaplib", "nntplib", "poplib", "requests",
    "smtplib", "socket", "socketserver", "ssl", "telnetlib", "urllib.request", "urllib3", "webbrowser", "xmlrpc",
    "boto3", "botocore", "celery", "kombu", "redis", "psycopg", "paramiko", "django.core.mail", "xml.sax",
}  # fmt: skip
SUPERVISOR = "the supervisor or the sandbox of one machine; not in the production image"
ALLOWED: dict[str, tuple[set[str], str]] = {
    "portal/aws/": ({"boto3", "botocore"}, "the only way to AWS"),
    "portal/aws/sandbox.py": ({"urllib.request"}, "the control address of the sandbox, refused unless it is the AWS"),
    "portal/aws/shared_pace.py": ({"psycopg"}, "Atrium's own database, outside of the transaction of the request"),
    "portal/local/": (OPENING, SUPERVISOR),
    "portal/sandbox/": (OPENING, SUPERVISOR),
    "portal/demo/": ({"boto3"}, SUPERVISOR),
    "portal/jobs/": ({"celery", "kombu"}, "messages to the broker"),
    "portal/jobs/locks.py": ({"psycopg"}, "the errors of Django's own connection"),
    "portal/lib/api/problems.py": ({"psycopg"}, "the errors of Django's own connection"),
    "governance/migrations/": ({"psycopg"}, "quotes a name in SQL"),
    "portal/celery.py": ({"celery"}, "the worker"),
    "portal/health.py": ({"celery"}, "asks whether the broker answers"),
    "portal/environment.py": ({"psycopg"}, "reads a URL, connects to nothing"),
    "portal/jobs/claims.py": ({"socket"}, "the name of this machine, no connection"),
    "hub/actions/service_health.py": ({"socket"}, "the name of this machine, no connection"),
    "governance/actions/invitations.py": ({"django.core.mail"}, "an invitation by SMTP"),
    "governance/actions/notifications.py": ({"django.core.mail"}, "a notification by SMTP"),
}


def opening(source: str) -> Iterator[str]:
    """The modules of OPENING that a source imports, anywhere in it, by statement or by name."""
    for node in ast.walk(ast.parse(source)):
        named: list[str] = []
        if isinstance(node, ast.Import):
            named = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            named = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in {
            "import_module", "__import__", "import_string",
        }:  # fmt: skip
            named = [str(argument.value) for argument in node.args if isinstance(argument, ast.Constant)]
        for name in named:
            yield from (one for one in OPENING if name == one or name.startswith(f"{one}."))


def allowed(path: str) -> set[str]:
    return set().union(*(modules for place, (modules, _) in ALLOWED.items() if path.startswith(place)))


def sources() -> list[Path]:
    return [path for app in ("portal", "governance", "hub", "finops") for path in tracked(f"{app}/*.py")]


def test_nothing_opens_a_connection_but_what_is_named_here() -> None:
    found = {
        (place, module)
        for path in sources()
        for place in [str(path.relative_to(ROOT))]
        for module in set(opening(path.read_text())) - allowed(place)
    }
    assert found == set()


def test_what_is_named_here_is_there() -> None:
    """A permission that nobody uses is taken away; the whole of one machine's tools counts as one."""
    used = {place: set() for place in ALLOWED}  # type: dict[str, set[str]]
    for path in sources():
        for place in ALLOWED:
            if str(path.relative_to(ROOT)).startswith(place):
                used[place] |= set(opening(path.read_text()))
    unused = {place: modules - used[place] for place, (modules, why) in ALLOWED.items() if modules is not OPENING}
    assert {place: modules for place, modules in unused.items() if modules} == {}


def test_a_planted_fetch_would_be_found() -> None:
    planted = """
import requests
from urllib import request
from http.client import HTTPSConnection
def later():
    import socket
    return __import__("httpx")
"""
    assert set(opening(planted)) == {"requests", "urllib.request", "http.client", "socket", "httpx"}
    assert list(opening("from urllib.parse import urlsplit\nfrom http import HTTPStatus\n")) == []
