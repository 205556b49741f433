"""Lists of tenants and use cases with what stands in them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count, Prefetch, Q, QuerySet

from governance.models import Membership, Tenant, UseCase, User
from governance.roles import ROLES
from portal.lib import clock

PAGE = 25


@dataclass(frozen=True, slots=True)
class TenantRow:
    """A line of business or a team, with the numbers of its own. depth: 0 or 1."""

    tenant: Tenant
    depth: int
    owners: str
    use_cases: int


@dataclass(frozen=True, slots=True)
class Member:
    """Who acts in a tenant, as what, and whether through its line of business."""

    user: User
    role: str
    through: str


def lines_of_business(user: User, *, number: int | str = 1) -> Page[Tenant]:
    """A page of the top tenants that this person sees; a team whose line of business they do not see stands alone."""
    visible = Tenant.objects.visible_to(user)
    tops = visible.filter(Q(parent__isnull=True) | ~Q(parent__in=visible))
    return Paginator(tops, PAGE).get_page(number)


def tenant_rows(tops: Iterable[Tenant], user: User) -> list[TenantRow]:
    """The tenants of a page, each followed by its teams, in four queries however many they are."""
    tops = list(tops)
    teams = Tenant.objects.visible_to(user).filter(parent__in=tops)
    everyone = _with_owners(Tenant.objects.filter(Q(pk__in=[t.pk for t in tops]) | Q(pk__in=teams)))
    counted = everyone.annotate(number=Count("use_cases", filter=~Q(use_cases__stage=UseCase.Stage.RETIRED)))
    known = {tenant.pk: tenant for tenant in counted}
    below: dict[int, list[Tenant]] = {}
    for tenant in known.values():
        if tenant.parent_id in known:
            below.setdefault(tenant.parent_id, []).append(tenant)
    return [
        _row(tenant, depth)
        for top in tops
        for depth, tenant in [(0, known[top.pk]), *((1, team) for team in below.get(top.pk, []))]
    ]


def members(tenant: Tenant) -> list[Member]:
    """Who acts in a tenant now."""
    found = Membership.objects.in_force(clock.now()).filter(
        tenant__in=[tenant.pk, tenant.parent_id or tenant.pk], user__is_active=True
    )
    return [
        Member(m.user, ROLES[m.role].label, "" if m.tenant_id == tenant.pk else f"through {m.tenant}")
        for m in found.select_related("user", "tenant").order_by("role", "user__name")
    ]


def use_cases(user: User, *, words: str = "", stage: str = "", risk: str = "", number: int | str = 1) -> Page[UseCase]:
    """A page of the use cases that this person sees; `words` of the name or the tenant."""
    found = UseCase.objects.visible_to(user).select_related("tenant", "owner")
    if words:
        found = found.filter(Q(name__icontains=words) | Q(tenant__name__icontains=words))
    if stage in UseCase.Stage.values:
        found = found.filter(stage=stage)
    if risk in UseCase.Risk.values:
        found = found.filter(risk=risk)
    return Paginator(found.order_by("name", "pk"), PAGE).get_page(number)


def _with_owners(tenants: QuerySet[Tenant]) -> QuerySet[Tenant]:
    owners = Membership.objects.in_force(clock.now()).filter(role="owner", user__is_active=True).select_related("user")
    return tenants.prefetch_related(Prefetch("memberships", queryset=owners, to_attr="owners"))


def _row(tenant: Tenant, depth: int) -> TenantRow:
    owners = ", ".join(str(m.user) for m in getattr(tenant, "owners", []))
    return TenantRow(tenant, depth, owners, getattr(tenant, "number", 0))
