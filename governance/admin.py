"""The Django admin, for looking something up. All of this is governed, so nothing is changed here."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from governance import policy
from governance.models import Approval, AuditEvent, Membership, RoutingPolicy, Tenant, UseCase, User
from governance.roles import Permission


class ReadOnly(admin.ModelAdmin[Any]):
    """Looks, and changes nothing: changes are actions, with their permission and their audit event."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_staff", False))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(ReadOnly):
    list_display = ("name", "email", "is_active", "joined_at")
    search_fields = ("name", "email")
    fields = ("name", "email", "is_active", "is_staff", "joined_at", "last_login", "invited_by")


@admin.register(Membership)
class MembershipAdmin(ReadOnly):
    list_display = ("user", "role", "tenant", "since", "until")
    list_select_related = ("user", "tenant")
    list_filter = ("role",)


@admin.register(Tenant)
class TenantAdmin(ReadOnly):
    list_display = ("name", "parent", "cost_centre", "state")
    list_select_related = ("parent",)
    search_fields = ("name", "cost_centre")


@admin.register(UseCase)
class UseCaseAdmin(ReadOnly):
    list_display = ("name", "tenant", "stage", "risk", "data_class")
    list_select_related = ("tenant",)
    list_filter = ("stage", "risk", "data_class")
    search_fields = ("name",)


@admin.register(RoutingPolicy)
class RoutingPolicyAdmin(ReadOnly):
    list_display = ("version", "proposed_by", "approved_by", "active_from")
    list_select_related = ("proposed_by", "approved_by")


@admin.register(Approval)
class ApprovalAdmin(ReadOnly):
    list_display = ("headline", "kind", "state", "requested_by", "opened_at")
    list_select_related = ("requested_by",)
    list_filter = ("kind", "state")


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly):
    list_display = ("happened_at", "actor_name", "verb", "subject_name")
    list_filter = ("verb",)
    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        """For those who may read the whole trail, as on its own page."""
        user = request.user
        return (
            super().has_module_permission(request)
            and isinstance(user, User)
            and policy.can(user, Permission.VIEW_AUDIT)
        )
