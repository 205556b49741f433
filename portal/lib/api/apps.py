"""Start-up of the API's frame: its own tables are those of stored answers and of buckets."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "portal.lib.api"
    label = "api"
