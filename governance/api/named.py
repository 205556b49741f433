"""What of governance a body or a query may name by its uid, and how people are shown."""

from django.db.models import Q, QuerySet
from rest_framework import serializers

from governance import policy
from governance.models import Tenant, User
from governance.roles import Permission


class PersonShape(serializers.ModelSerializer[User]):
    """Somebody, as others see them."""

    class Meta:
        model = User
        fields = ("uid", "name", "is_service")


class TenantName(serializers.ModelSerializer[Tenant]):
    """The tenant of a thing."""

    class Meta:
        model = Tenant
        fields = ("uid", "name", "slug")


def edited_tenants(person: User) -> QuerySet[Tenant]:
    """The tenants in which this person may create use cases."""
    within = policy.within(person, Permission.EDIT_USE_CASES)
    return Tenant.objects.filter(within, state=Tenant.State.ACTIVE)


def colleagues(person: User) -> QuerySet[User]:
    """Who acts in a tenant that this person may see."""
    tenants = Tenant.objects.visible_to(person)
    held = Q(memberships__tenant__in=tenants) | Q(memberships__tenant__teams__in=tenants)
    return User.objects.filter(held, is_active=True, is_service=False).distinct()


def of_tenant(tenant: Tenant) -> Q:
    """Rows of a tenant and of its teams."""
    return Q(tenant=tenant) | Q(tenant__parent=tenant)


def words_in(text: str, *paths: str) -> Q:
    """Rows in which one of `paths` contains the words."""
    found = Q()
    for path in paths:
        found |= Q(**{f"{path}__icontains": text})
    return found
