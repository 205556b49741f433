"""Addresses of governance: reviews, tenants, use cases, audit."""

from django.urls import URLPattern

app_name = "governance"
urlpatterns: list[URLPattern] = []
