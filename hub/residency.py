"""Where a call may be answered, against where the data may go. Pure: codes in, one verdict and one sentence out."""

from collections.abc import Collection
from dataclasses import dataclass

from hub.regions import GLOBAL, places, spoken

IN_REGION = "in_region"
GEO = "geo"

# A global profile may route to any commercial Region, also to one that AWS opens tomorrow.
NEVER_GLOBAL = frozenset({"confidential", "restricted"})


@dataclass(frozen=True, slots=True)
class Limit:
    """Somebody's list of allowed Regions. who: "Retail banking", "the clearance of Nova Lite"; "global" in it: all."""

    who: str
    regions: tuple[str, ...]

    def allows(self, region: str) -> bool:
        return GLOBAL in self.regions or region in self.regions


@dataclass(frozen=True, slots=True)
class Residency:
    """allowed: whether every destination is; destinations: where calls may be answered; outside: those not allowed.

    route: where calls go; reason: why that is allowed or not; both begin and go on in one sentence.
    """

    allowed: bool
    destinations: tuple[str, ...]
    outside: tuple[str, ...]
    route: str
    reason: str

    @property
    def sentence(self) -> str:
        return f"{self.route}; {self.reason}."


def judge(
    *, scope: str, region: str, destinations: Collection[str], data_class: str, limits: Collection[Limit]
) -> Residency:
    """Whether data of `data_class` may go wherever a profile routes.

    scope: "in_region", "geo" or "global"; region: where the call is made; destinations: the profile's Regions
    (GetInferenceProfile.models[].modelArn), ignored in-region; limits: everybody whose list must allow each of them.
    """
    if scope == GLOBAL:
        return _judge_global(destinations, data_class, limits)
    reached = tuple(sorted({region} if scope == IN_REGION else {region, *destinations}))
    outside = tuple(r for r in reached if not all(limit.allows(r) for limit in limits))
    route = _route(scope, reached)
    if not outside:
        return Residency(True, reached, (), route, f"{data_class.capitalize()} data may go {_all_of(reached)}")
    return Residency(False, reached, outside, route, _objection(outside, limits))


def _judge_global(destinations: Collection[str], data_class: str, limits: Collection[Limit]) -> Residency:
    route = "Calls may be answered in any commercial Region, also in ones that AWS adds later"
    reached = tuple(sorted(set(destinations) - {GLOBAL}))
    if data_class in NEVER_GLOBAL:
        refusal = f"{data_class.capitalize()} data never goes through a global profile"
        return Residency(False, reached, (GLOBAL,), route, refusal)
    against = [limit for limit in limits if GLOBAL not in limit.regions]
    if against:
        return Residency(False, reached, (GLOBAL,), route, _allowances(against))
    return Residency(True, reached, (), route, f"{data_class.capitalize()} data may go anywhere")


def _route(scope: str, reached: tuple[str, ...]) -> str:
    if scope == IN_REGION:
        return f"Calls stay in {places(reached)}"
    return f"Calls may be answered in {places(reached)}"


def _all_of(reached: tuple[str, ...]) -> str:
    return {1: "there", 2: "to both"}.get(len(reached), f"to all {len(reached)}")


def _objection(outside: tuple[str, ...], limits: Collection[Limit]) -> str:
    against = [limit for limit in limits if not all(limit.allows(region) for region in outside)]
    return f"{_allowances(against)}, so {places(outside)} {'is' if len(outside) == 1 else 'are'} not allowed"


def _allowances(limits: Collection[Limit]) -> str:
    return spoken(f"{limit.who} allows {_only(limit)}" for limit in limits)


def _only(limit: Limit) -> str:
    return f"only {places(limit.regions)}" if limit.regions else "no Region at all"
