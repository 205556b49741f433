"""Addresses of costs: the executive page, budgets, the unattributed."""

from django.urls import URLPattern

app_name = "costs"
urlpatterns: list[URLPattern] = []
