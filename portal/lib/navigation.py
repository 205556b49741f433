"""The rail: which places there are, which of them a person sees, what waits there, and what the whole page must say.

Knows addresses by name only. A place whose address does not exist is left out. Apps hand in counts and banners at start-up.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from portal.lib.status import Tone


@dataclass(frozen=True, slots=True)
class Place:
    """url_name: where it leads; needs: the name of a true-or-false attribute of the user, "" for everybody."""

    url_name: str
    label: str
    needs: str = ""

    @property
    def area(self) -> str:
        """The URL namespace whose pages belong to this place."""
        return self.url_name.partition(":")[0]


PLACES = (
    Place("home", "Home"),
    Place("hub:index", "Hub"),
    Place("access:index", "Access"),
    Place("costs:index", "Costs"),
    Place("governance:index", "Governance"),
    Place("platform:index", "Platform", needs="is_platform_staff"),
)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the rail. `count` is what waits there for the person, 0 for nothing."""

    label: str
    url: str
    current: bool
    count: int


@dataclass(frozen=True, slots=True)
class Banner:
    """A sentence above every page, e.g. that AWS is away and how old the data is."""

    sentence: str
    tone: Tone = Tone.ATTENTION


_counts: dict[str, Callable[[Any], int]] = {}
_banners: list[Callable[[Any], Banner | None]] = []


def count_at(url_name: str, counts: Callable[[Any], int]) -> None:
    """At start-up: `counts(user)` is the number beside the place `url_name`."""
    if url_name not in {place.url_name for place in PLACES}:
        raise ValueError(f"There is no place {url_name!r} in the rail.")
    _counts[url_name] = counts


def banner_from(provider: Callable[[Any], Banner | None]) -> None:
    """At start-up: `provider(user)` is a banner, or None while all is well."""
    _banners.append(provider)


def items(request: HttpRequest) -> Iterator[Item]:
    """The lines of the rail for the person of this request, in order."""
    for place in PLACES:
        url = _url(place.url_name)
        if url and (not place.needs or getattr(request.user, place.needs, False)):
            counts = _counts.get(place.url_name)
            yield Item(place.label, url, _is_current(place, request), counts(request.user) if counts else 0)


def banners(request: HttpRequest) -> list[Banner]:
    """What every page has to say to the person of this request."""
    return [banner for provider in _banners if (banner := provider(request.user))]


def rail(request: HttpRequest) -> dict[str, Any]:
    """Context processor. The lists are functions, so a part of a page costs no query for the rail."""
    known = hasattr(request, "user") and request.user.is_authenticated
    return {
        "places": lambda: list(items(request)) if known else [],
        "banners": lambda: banners(request) if known else [],
        "search_url": _url("search") if known else "",
        "sandbox": settings.SANDBOX,
    }


def _is_current(place: Place, request: HttpRequest) -> bool:
    match = request.resolver_match
    if match is None:
        return False
    return place.area == (match.namespaces[0] if match.namespaces else match.url_name)


def _url(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        # The page does not exist in this installation; a rail without it is right.
        return ""
