"""What one request may bring, and how long it may keep the database."""

import json
from pathlib import Path

import pytest
from django.core.exceptions import BadRequest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from portal.lib.uploads import RefusingUploadHandler
from portal.local.programs import WEB_FLAGS
from portal.local.roles import APPLICATION, TIMEOUTS

ROOT = Path(__file__).resolve().parents[2]
LOGIN = "/account/login/"
MEBIBYTE = 1_048_576


@pytest.fixture
def anybody(db: None) -> Client:
    return Client(raise_request_exception=False)


def test_a_form_of_ordinary_size_is_read(anybody: Client) -> None:
    assert anybody.post(LOGIN, {"login": "a@meridian.example", "password": "x" * 2000}).status_code == 200


def test_a_form_that_is_too_long_is_refused_in_both_ways_of_writing_it(anybody: Client) -> None:
    long = {"login": "a" * MEBIBYTE, "password": "x"}
    assert anybody.post(LOGIN, long).status_code == 400
    encoded = f"login={'a' * MEBIBYTE}"
    assert anybody.post(LOGIN, encoded, content_type="application/x-www-form-urlencoded").status_code == 400


def test_a_form_of_too_many_fields_is_refused(anybody: Client) -> None:
    assert anybody.post(LOGIN, {f"field{number}": "" for number in range(501)}).status_code == 400


def test_a_file_is_refused(anybody: Client) -> None:
    file = SimpleUploadedFile("notes.txt", b"words")
    assert anybody.post(LOGIN, {"login": "a@meridian.example", "password": "x", "notes": file}).status_code == 400


def test_a_file_that_passed_the_counting_is_refused_before_it_is_kept(anybody: Client, settings: object) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = None  # type: ignore[attr-defined]
    assert anybody.post(LOGIN, {"login": "a", "notes": SimpleUploadedFile("a.txt", b"words")}).status_code == 400
    with pytest.raises(BadRequest):
        RefusingUploadHandler().receive_data_chunk(b"words", 0)


def test_the_role_of_the_application_waits_for_nothing_without_end(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (APPLICATION,)
        cursor.execute("SELECT name, setting::bigint / 1000 FROM pg_settings WHERE name = ANY(%s)", [list(TIMEOUTS)])
        found = dict(cursor.fetchall())
    assert found == {name: int(value.removesuffix("s")) for name, value in TIMEOUTS.items()}
    assert all(found.values())


def test_the_script_for_other_servers_sets_the_same_limits() -> None:
    written = (ROOT / "docs" / "roles.sql").read_text().splitlines()
    wanted = [f"ALTER ROLE {APPLICATION} SET {name} = '{value}';" for name, value in TIMEOUTS.items()]
    assert [line for line in written if line.startswith(f"ALTER ROLE {APPLICATION} SET")] == wanted


def test_the_image_serves_with_the_limits_of_this_machine() -> None:
    command = (ROOT / "Dockerfile").read_text().partition("\nCMD ")[2].replace("\\\n", "")
    program, *flags = json.loads(command)
    host = ["--host", "0.0.0.0", "--port", "8000"]
    assert (program, flags) == ("granian", [*WEB_FLAGS, *host, "portal.wsgi:application"])
