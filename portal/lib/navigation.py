"""The rail: which places there are, which of them a person sees, what waits there, and what the whole page must say.

Knows addresses by name only; a place whose address does not exist is left out. Apps hand in counts,
banners and who may see a restricted place at start-up.
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
    """url_name: where it leads; restricted: nobody sees it but those whom its `shown_to` admits; borrowed: how names of
    pages begin that stand here and belong to another namespace.
    """

    url_name: str
    label: str
    restricted: bool = False
    borrowed: str = ""

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
    Place("platform:index", "Platform", restricted=True, borrowed="hub:account"),
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
_gates: dict[str, Callable[[Any], bool]] = {}
_banners: list[Callable[[Any], Banner | None]] = []


def count_at(url_name: str, counts: Callable[[Any], int]) -> None:
    """At start-up: `counts(user)` is the number beside the place `url_name`."""
    _counts[_known(url_name)] = counts


def shown_to(url_name: str, admits: Callable[[Any], bool]) -> None:
    """At start-up: the restricted place `url_name` is shown to those whom `admits(user)` accepts."""
    _gates[_known(url_name)] = admits


def banner_from(provider: Callable[[Any], Banner | None]) -> None:
    """At start-up: `provider(user)` is a banner, or None while all is well."""
    _banners.append(provider)


def items(request: HttpRequest) -> Iterator[Item]:
    """The lines of the rail for the person of this request, in order."""
    for place in PLACES:
        url = _url(place.url_name)
        if url and _admitted(place, request.user):
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


def _known(url_name: str) -> str:
    if url_name not in {place.url_name for place in PLACES}:
        raise ValueError(f"There is no place {url_name!r} in the rail.")
    return url_name


def _admitted(place: Place, user: Any) -> bool:
    gate = _gates.get(place.url_name)
    return gate(user) if gate else not place.restricted


def _is_current(place: Place, request: HttpRequest) -> bool:
    match = request.resolver_match
    if match is None:
        return False
    for other in PLACES:
        if other.borrowed and match.view_name.startswith(other.borrowed):
            return place is other
    return place.area == (match.namespaces[0] if match.namespaces else match.url_name)


def _url(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        # The page does not exist in this installation; a rail without it is right.
        return ""
