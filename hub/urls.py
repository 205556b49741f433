"""Addresses of the hub: models, prices, accounts."""

from django.urls import URLPattern

app_name = "hub"
urlpatterns: list[URLPattern] = []
