"""Addresses of costs: the executive page, rows, budgets, the unattributed, the meters."""

from django.urls import path

from finops.views import budgets, meters, overview, rows, unattributed

app_name = "costs"
urlpatterns = [
    path("", overview.index, name="index"),
    path("rows/", rows.index, name="rows"),
    path("rows/<int:pk>/", rows.facts, name="facts"),
    path("budgets/", budgets.index, name="budget-list"),
    path("budgets/new/", budgets.new, name="budget-new"),
    path("budgets/<uuid:uid>/", budgets.detail, name="budget-detail"),
    path("unattributed/", unattributed.index, name="unattributed"),
    path("unattributed/assign/", unattributed.assign, name="assign"),
    path("meters/", meters.index, name="meters"),
    path("panels/use-case/<uuid:uid>/", meters.use_case_panel, name="use-case-panel"),
    path("panels/tenant/<uuid:uid>/", meters.tenant_panel, name="tenant-panel"),
]
