"""Tenants in the API. A new one comes by an onboarding, which is decided on the pages."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.actions import tenants
from governance.models import DataClass, Tenant
from governance.regions import REGIONS
from governance.scopes import Scope
from portal.lib.api.references import Named, visible
from portal.lib.api.resource import Listed, Shown
from portal.lib.api.schema import takes


class TenantShape(serializers.ModelSerializer[Tenant]):
    """A line of business (without a parent) or one of its teams."""

    parent = serializers.UUIDField(source="parent.uid", default=None, allow_null=True)  # type: ignore[assignment]

    class Meta:
        model = Tenant
        fields = ("uid", "name", "slug", "parent", "cost_centre", "data_classes", "regions", "state", "created_at")


class TenantFilters(serializers.Serializer[Any]):
    words = serializers.CharField(required=False, max_length=120, help_text="Words of the name.")
    state = serializers.ChoiceField(Tenant.State.choices, required=False)
    parent = Named(visible(Tenant), required=False, help_text="Its teams.")  # type: ignore[assignment]


class TenantChange(serializers.Serializer[Any]):
    """What of a tenant can be changed; what is left out stays."""

    name = serializers.CharField(max_length=80)
    cost_centre = serializers.CharField(max_length=32)
    data_classes = serializers.ListField(child=serializers.ChoiceField(DataClass.choices))
    regions = serializers.ListField(child=serializers.ChoiceField([(region, region) for region in REGIONS]))


class Tenants(Listed, Shown):
    """Lines of business and their teams."""

    reads, writes = Scope.TENANTS_READ, Scope.TENANTS_WRITE
    shape = TenantShape
    filters = TenantFilters

    def visible(self) -> QuerySet[Tenant]:
        return Tenant.objects.visible_to(self.person).select_related("parent")

    def narrowed(self, rows: QuerySet[Tenant], chosen: dict[str, Any]) -> QuerySet[Tenant]:
        words = chosen.pop("words", "")
        return rows.filter(Q(name__icontains=words), **chosen)

    @takes(TenantChange, TenantShape)
    def partial_update(self, request: Request, uid: UUID) -> Response:
        """Change what it is called, who pays, and what it may use. What it uses already stays."""
        tenant = self.found()
        return self.shown(tenants.change(tenant, by=self.person, **self.given(TenantChange, partial=True)))
