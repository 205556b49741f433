"""Every page of Atrium in a browser, wide and narrow, light and dark: nothing to object to, and a picture of each.

ATRIUM_WRITE_IMAGES=1 writes the pictures to docs/img; otherwise they are thrown away with the test's folder.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.urls.resolvers import URLResolver

from finops.models import SpendDay
from portal.demo.wishes import WISHES
from portal.jobs.models import Job
from portal.local.ground import ROOT
from portal.local.stack import Stack
from tests.cast import Cast
from tests.conftest import CommittedDatabase
from tests.e2e import company
from tests.e2e.places import NO_PAGES, Place, begin, places
from tests.e2e.screens import Finding, chromium, sign_in
from tests.e2e.surveying import seat, survey
from tests.faults.harness import until

WRITING = os.environ.get("ATRIUM_WRITE_IMAGES") == "1"
HISTORY = ("--days", "60", "--records", "12000")
READING_LIMIT_S = 600.0
PARTS_OF_ALL = 2  # the pages are shared out, so that two test processes look at them at the same time
# Any argument will do: an address that takes only POST says so before it looks for anything.
SOME = {"uid": "00000000-0000-7000-8000-000000000000", "pk": 1, "version": 1, "number": 1, "uidb36": "1", "key": "gone"}


@pytest.fixture
def stack(committed_database: CommittedDatabase) -> Iterator[Stack]:
    """The whole demo company with its usage, all of it read."""
    with company.running(committed_database.environ, wishes=len(WISHES), history=HISTORY) as stack:
        reading = Job.objects.filter(name__startswith="finops.", state__in=(Job.State.PENDING, Job.State.CLAIMED))
        begin()
        until(lambda: SpendDay.objects.exists() and not reading.exists(), "the usage is read", READING_LIMIT_S)
        yield stack


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = ROOT / "docs" / "img" if WRITING else tmp_path
    found.mkdir(parents=True, exist_ok=True)
    return found


@pytest.mark.e2e
@pytest.mark.parametrize("part", range(PARTS_OF_ALL))
def test_no_page_has_anything_to_object_to(part: int, stack: Stack, folder: Path) -> None:
    found = list(places())
    assert len({place.name for place in found}) == len(found)
    findings = look_at(found[part::PARTS_OF_ALL], stack.environ["ATRIUM_URL"], folder)
    assert "\n".join(map(str, findings)) == ""


def look_at(found: Iterable[Place], base: str, folder: Path) -> list[Finding]:
    """Each person signs in once and looks at their pages one after the other."""
    findings: list[Finding] = []
    states: dict[str, Any] = {"": None}
    with chromium() as browser:
        for place in found:
            if place.who not in states:
                states[place.who] = sign_in(browser, base, place.who, company.PASSWORD)
            page = seat(browser, states[place.who])
            findings += survey(
                page, base + place.path, place.name, folder,
                status=place.status, press=place.press, document=place.document,
            )  # fmt: skip
            page.context.close()
    return findings


def test_every_address_is_looked_at_or_is_no_page(client: Client, cast: Cast, stack_of_names: set[str]) -> None:
    client.force_login(cast.platform_person)
    for name, arguments in sorted(_addresses(get_resolver(), "")):
        # Resources of the API are no pages: tests/api compares them with their document.
        if name in NO_PAGES or name in stack_of_names or name.startswith("api-"):
            continue
        given = {argument: SOME[argument] for argument in arguments}
        allowed = client.put(reverse(name, kwargs=given)).headers.get("Allow")
        assert allowed == "POST", f"{name} is a page: add it to places.py"


@pytest.fixture
def stack_of_names() -> set[str]:
    """The URL names of all places, read from the source: their objects need a whole company."""
    source = (Path(__file__).parent / "places.py").read_text()
    return {name for name, _ in _addresses(get_resolver(), "") if f'"{name}"' in source}


def _addresses(resolver: URLResolver, namespace: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(name, arguments) of each address. The admin's are Django's own; those below api/ are for machines."""
    for one in resolver.url_patterns:
        if str(one.pattern).lstrip("^").startswith("api/"):
            continue
        if isinstance(one, URLPattern):
            yield f"{namespace}{one.name}", tuple(one.pattern.regex.groupindex) or tuple(one.pattern.converters)
        elif one.namespace != "admin":
            yield from _addresses(one, f"{namespace}{one.namespace}:" if one.namespace else namespace)
