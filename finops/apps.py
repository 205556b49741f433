"""Start-up of finops."""

from django.apps import AppConfig


class FinopsConfig(AppConfig):
    name = "finops"
