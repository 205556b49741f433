"""Routes to a model: in one account and Region, directly or through a system profile, and where calls then go."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from governance.models import Tenant
from hub.clearance import cleared_regions, covering
from hub.models import AwsAccount, FoundationModel, ModelOffer, SystemProfile
from hub.plans.inputs import GEO, GLOBAL, IN_REGION
from hub.regions import place
from hub.residency import Limit, Residency, judge
from portal.lib import clock

ON_DEMAND = "ON_DEMAND"


@dataclass(frozen=True, slots=True)
class Route:
    """profile is None for the model itself, in its Region."""

    account: AwsAccount
    region: str
    profile: SystemProfile | None

    @property
    def key(self) -> str:
        """What a form sends: "447100000212|eu-central-1|eu.anthropic.claude-…"."""
        return f"{self.account.number}|{self.region}|{self.profile.profile_id if self.profile else ''}"

    @property
    def scope(self) -> str:
        if self.profile is None:
            return IN_REGION
        return GLOBAL if self.profile.scope == SystemProfile.Scope.GLOBAL else GEO

    @property
    def regions(self) -> tuple[str, ...]:
        """Where calls may be answered; "global" alone for a profile that may answer anywhere."""
        if self.profile is None:
            return (self.region,)
        return (GLOBAL,) if self.scope == GLOBAL else tuple(self.profile.destination_regions)

    @property
    def label(self) -> str:
        """ "Production · Frankfurt, through the EU profile"."""
        here = f"{self.account.name} · {place(self.region)}"
        if self.profile is None:
            return f"{here}, in the Region itself"
        return f"{here}, through the {'global' if self.scope == GLOBAL else self._geography} profile"

    @property
    def _geography(self) -> str:
        return self.profile.profile_id.partition(".")[0].upper() if self.profile else ""


def routes(model: FoundationModel, tenant: Tenant) -> list[Route]:
    """Every way in which `tenant` could call the model: its own accounts and the shared ones, as last seen."""
    offers = _offers(model, tenant)
    direct = [Route(offer.account, offer.region, None) for offer in offers if ON_DEMAND in offer.inference_types]
    places = {(offer.account_id, offer.region) for offer in offers}
    profiles = SystemProfile.objects.filter(model=model, vanished_at__isnull=True).select_related("account")
    through = [Route(p.account, p.region, p) for p in profiles if (p.account_id, p.region) in places]
    return sorted([*direct, *through], key=lambda route: (route.account.name, route.region, route.scope))


def residency(route: Route, *, tenant: Tenant, model: FoundationModel, data_class: str) -> Residency:
    """Whether data of that class may go wherever the route leads, by what tenant and clearance allow."""
    return judged([route], tenant=tenant, model=model, data_class=data_class)[0][1]


def judged(
    found: Iterable[Route], *, tenant: Tenant, model: FoundationModel, data_class: str
) -> list[tuple[Route, Residency]]:
    """Each route with its residency, those that the data may take in front. One query, however many routes."""
    cleared = cleared_regions(covering(model.clearances.in_force(clock.now()), data_class))
    limits = [
        Limit(tenant.name, tuple(tenant.regions)),
        Limit(f"the clearance of {model.name}", tuple(sorted(cleared))),
    ]
    pairs = [(route, _judged(route, data_class, limits)) for route in found]
    return sorted(pairs, key=lambda pair: not pair[1].allowed)


def best_first(found: Iterable[Route], *, tenant: Tenant, model: FoundationModel, data_class: str) -> list[Route]:
    """Routes with those that the data may take in front."""
    return [route for route, _ in judged(found, tenant=tenant, model=model, data_class=data_class)]


def _judged(route: Route, data_class: str, limits: list[Limit]) -> Residency:
    return judge(
        scope=route.scope,
        region=route.region,
        destinations=route.profile.destination_regions if route.profile else (),
        data_class=data_class,
        limits=limits,
    )


def _offers(model: FoundationModel, tenant: Tenant) -> QuerySet[ModelOffer]:
    own = Q(account__tenant__in=[tenant.pk, tenant.parent_id or tenant.pk]) | Q(account__tenant__isnull=True)
    usable = Q(vanished_at__isnull=True, region_availability="AVAILABLE", authorization="AUTHORIZED")
    usable &= Q(agreement="AVAILABLE", entitlement="AVAILABLE")
    return model.offers.filter(own, usable).select_related("account")
