"""The settings of production, in a process of their own: Django's own check, cookies, and what they refuse."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import own_database

pytestmark = pytest.mark.xdist_group("production")
ROOT = Path(__file__).resolve().parents[2]
KEY = "only checked and never used: abcdefghijklmnopqrstuvwxyz"
NOWHERE = {
    "ATRIUM_ENV": "production",
    "ATRIUM_SECRET_KEY": KEY,
    "ATRIUM_HOSTS": "portal.test",
    "ATRIUM_URL": "https://portal.test",
    "ATRIUM_EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend",
    "DATABASE_URL": "postgresql://atrium:unused@127.0.0.1:1/atrium",
    "BROKER_URL": "redis://127.0.0.1:1/0",
}
LOOK_AROUND = """
import json, django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import Client, override_settings
from governance.models import User

# Collecting the static files is not what is asked about.
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"

def objections():
    try:
        call_command("check", deploy=True, fail_level="WARNING")
    except SystemCheckError as found:
        return str(found)
    return ""

with override_settings(SECRET_KEY="short", SESSION_COOKIE_SECURE=False):
    planted = objections()
user = User.objects.create_user("ana@meridian.example", name="Ana")
user.set_password("a long enough sentence")
user.save()
browser = Client(headers={"Host": "portal.test", "X-Forwarded-Proto": "https"}, enforce_csrf_checks=True)
page = browser.get("/account/login/")
token = browser.cookies["__Host-csrftoken"].value
sent = {"login": user.email, "password": "a long enough sentence", "csrfmiddlewaretoken": token}
answer = browser.post("/account/login/", sent, headers={"Referer": "https://portal.test/account/login/"})
plain = Client(headers={"Host": "portal.test"}).get("/account/login/")
print(json.dumps({
    "objections": objections(),
    "planted": planted,
    "statuses": [page.status_code, answer.status_code, browser.get("/").status_code],
    "cookies": [cookie.OutputString() for cookie in browser.cookies.values()],
    "hsts": answer["Strict-Transport-Security"],
    "plain": [plain.status_code, plain["Location"]],
}))
"""


def run(program: str, **given: str) -> subprocess.CompletedProcess[str]:
    """A Python program under the settings of production."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ATRIUM_", "AWS_"))}
    environ = {**inherited, **NOWHERE, "DJANGO_SETTINGS_MODULE": "portal.settings", **given}
    command = [sys.executable, "-W", "ignore", "-c", program]
    return subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def said(test_process: str, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What a process of production saw of itself; its key stands in a file."""
    key = tmp_path_factory.mktemp("secrets") / "key"
    key.write_text(KEY + "\n")
    with django_db_blocker.unblock(), own_database(test_process) as database:
        url = database.environ["DATABASE_URL"]
        done = run(LOOK_AROUND, DATABASE_URL=url, ATRIUM_SECRET_KEY="", ATRIUM_SECRET_KEY_FILE=str(key))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_djangos_own_check_of_a_deployment_finds_planted_flaws_and_nothing_else(said: Any) -> None:
    assert "security.W009" in said["planted"]
    assert "security.W012" in said["planted"]
    assert said["objections"] == ""


def test_the_cookies_belong_to_this_host_over_tls_alone(said: Any) -> None:
    assert said["statuses"] == [200, 302, 200]
    cookies = {line.partition("=")[0]: line.split("; ")[1:] for line in said["cookies"]}
    assert set(cookies) == {"__Host-csrftoken", "__Host-sessionid"}
    for flags in cookies.values():
        assert {"Path=/", "Secure", "SameSite=Lax"} <= set(flags)
        assert not any(flag.startswith("Domain") for flag in flags)
    assert "HttpOnly" in cookies["__Host-sessionid"]


def test_the_document_of_the_api_names_the_cookie_that_production_sets(said: Any) -> None:
    document = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text())
    named = document["components"]["securitySchemes"]["session"]["name"]
    assert [line for line in said["cookies"] if line.startswith(f"{named}=") and "HttpOnly" in line]


def test_a_browser_is_told_to_come_by_tls_and_sent_there(said: Any) -> None:
    assert said["hsts"] == "max-age=31536000; includeSubDomains; preload"
    assert said["plain"] == [301, "https://portal.test/account/login/"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"BROKER_URL": ""}, "Neither BROKER_URL nor BROKER_URL_FILE is set. Write it as redis://"),
        ({"DATABASE_URL": ""}, "Neither DATABASE_URL nor DATABASE_URL_FILE is set. Write it as postgresql://"),
        ({"ATRIUM_URL": ""}, "ATRIUM_URL is not set. Set it to the address that people open, like https://"),
        (
            {"ATRIUM_EMAIL_BACKEND": ""},
            "ATRIUM_EMAIL_BACKEND is not set. Set it to django.core.mail.backends.smtp.EmailBackend, or to",
        ),
        (
            {"ATRIUM_SECRET_KEY_FILE": "/run/secrets/key"},
            "ATRIUM_SECRET_KEY and ATRIUM_SECRET_KEY_FILE are both set: unset one of them.",
        ),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "AWS_ENDPOINT_URL points away from AWS while ATRIUM_ENV is"),
    ],
    ids=["no broker", "no database", "no address", "no way to send mail", "a secret twice", "the sandbox"],
)
def test_it_does_not_start_with_less_or_more_than_it_needs(given: dict[str, str], sentence: str) -> None:
    done = run("import portal.settings", **given)
    assert done.returncode != 0
    assert sentence in done.stderr
