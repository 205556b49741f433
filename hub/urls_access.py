"""Addresses of access: requests and grants."""

from django.urls import URLPattern

app_name = "access"
urlpatterns: list[URLPattern] = []
