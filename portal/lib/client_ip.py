"""From where a request comes, as far as it can be trusted."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def of(request: HttpRequest) -> str | None:
    """The address of the client: what the outermost of our proxies saw, or the other end of the connection.

    None when neither is an address (tests without a connection).
    """
    proxies: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    chosen = seen[-proxies] if 0 < proxies <= len(seen) else ""
    return _address(chosen) or _address(request.META.get("REMOTE_ADDR", ""))


def _address(text: str) -> str | None:
    """The address in its one spelling; None for anything else, as a port behind it or a made-up word."""
    try:
        return str(ip_address(text))
    except ValueError:
        return None
