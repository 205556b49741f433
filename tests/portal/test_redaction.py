"""What is taken out of the trail and the log: what looks like a credential, and the secrets of this very process."""

import os
import re
import subprocess
import sys

import pytest
from knox.models import get_digest_token

from governance import keys
from portal.lib.redaction import REDACTED, redacted
from tests.portal.test_environment import ROOT, example

ASK = "import django, sys; django.setup(); from portal.lib.redaction import redacted; print(redacted(sys.stdin.read()))"
# What stands in each variable, and the secret in it.
ADDRESSES = {
    "DATABASE_URL": "postgresql://atrium:{}@127.0.0.1:1/atrium",
    "BROKER_URL": "amqp://atrium:{}@127.0.0.1:1//",
    "ATRIUM_AUDIT_KEY": "{},{}-older",
}


def named_secrets() -> list[str]:
    """The variables that .env.example calls secrets, as settings read them (tests/portal/test_environment.py)."""
    return re.findall(r"[A-Z_]+", re.findall(r"secrets among them\n# \(([^)]*)\)", example())[0])


def test_every_secret_that_the_settings_read_is_taken_out() -> None:
    planted = {name: f"planted.{name.lower().replace('_', '.')}" for name in named_secrets()}
    said = " | ".join([*planted.values(), f"{planted['ATRIUM_AUDIT_KEY']}-older"])
    given = {name: ADDRESSES.get(name, "{}").replace("{}", value) for name, value in planted.items()}
    environ = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "portal.settings", "ATRIUM_ENV": "local"}
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env=environ | given,
        input=said,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(planted) >= 6
    assert done.stdout.strip() == " | ".join([REDACTED] * (len(planted) + 1))


@pytest.mark.parametrize("before", ["", "it was ", "Token ", "token=", '"', "https://atrium.example/?key="])
def test_the_credentials_that_atrium_gives_out_are_known_by_their_shape(before: str) -> None:
    for text in (get_digest_token()[1], keys.new_key()):
        assert text not in redacted(f"{before}{text} was pasted")
        assert redacted(f"{before}{text} was pasted").endswith(f"{REDACTED} was pasted")


def test_what_is_no_credential_stays() -> None:
    said = "The atp_ prefix marks a token of a person, atr_ a service key and format_atp_ none."
    assert redacted(said) == said
