"""Start-up of the portal."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"

    def ready(self) -> None:
        from portal.lib.forms import speak_plainly

        speak_plainly()
