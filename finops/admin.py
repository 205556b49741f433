"""Costs in the Django admin, for looking something up. What is governed changes by actions alone."""

from django.contrib import admin

from finops.models import BadLine, Budget, LogObject, UsageHandle
from governance.admin import ReadOnly


@admin.register(Budget)
class BudgetAdmin(ReadOnly):
    list_display = ("tenant", "use_case", "amount_nano", "since", "until", "set_by")
    list_select_related = ("tenant", "use_case", "set_by")
    search_fields = ("tenant__name", "use_case__name")


@admin.register(UsageHandle)
class UsageHandleAdmin(ReadOnly):
    list_display = ("kind", "value", "use_case", "since", "until")
    list_select_related = ("use_case",)
    list_filter = ("kind",)
    search_fields = ("value",)


@admin.register(LogObject)
class LogObjectAdmin(ReadOnly):
    list_display = ("hour", "account", "region", "state", "records", "bad")
    list_filter = ("state", "region")
    search_fields = ("key",)
    show_full_result_count = False


@admin.register(BadLine)
class BadLineAdmin(ReadOnly):
    list_display = ("object", "number", "reason")
    list_select_related = ("object",)
    show_full_result_count = False
