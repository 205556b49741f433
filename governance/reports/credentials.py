"""What the page of API access lists: one's own tokens, and the services that one answers for, with their keys."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from governance import policy
from governance.models import Membership, PersonToken, ServiceKey, Tenant, User
from governance.roles import Permission, Service
from portal.lib import clock

# A service with more keys than these is not looked after; the newest are shown.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Row:
    """A service account with its tenant and its keys, newest first."""

    account: User
    tenant: Tenant
    keys: Iterable[ServiceKey]


def tokens_of(user: User) -> QuerySet[PersonToken]:
    """The tokens of a person, newest first."""
    return PersonToken.objects.filter(user=user)[:SHOWN]


def tenants_managed_by(user: User) -> QuerySet[Tenant]:
    """Tenants for whose services this person may make accounts and keys."""
    return Tenant.objects.filter(policy.within(user, Permission.MANAGE_SERVICES), state=Tenant.State.ACTIVE)


def accounts_managed_by(user: User) -> QuerySet[User]:
    """Service accounts that this person may make keys of."""
    held = _service_memberships(user)
    return User.objects.filter(pk__in=held.values("user"), is_service=True, is_active=True).order_by("name", "pk")


def keys_managed_by(user: User) -> QuerySet[ServiceKey]:
    """Keys that this person may end, also those of accounts that were deactivated."""
    return ServiceKey.objects.filter(account__in=_service_memberships(user).values("user")).select_related("account")


def services(user: User) -> list[Row]:
    """The services that this person answers for, with their keys, in three queries."""
    keys = Prefetch("user__service_keys", queryset=ServiceKey.objects.select_related("made_by"))
    held = _service_memberships(user).select_related("user", "tenant").prefetch_related(keys)
    return [Row(m.user, m.tenant, m.user.service_keys.all()) for m in held.order_by("user__name", "pk") if m.tenant]


def _service_memberships(user: User) -> QuerySet[Membership]:
    within = policy.within(user, Permission.MANAGE_SERVICES, "tenant")
    return Membership.objects.in_force(clock.now()).filter(within, role=Service.name)
