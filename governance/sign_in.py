"""How people sign in: by invitation only, and not by trying passwords."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from portal.lib import client_ip

LONGEST_ADDRESS = 200


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves; platform staff invite."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address by which attempts are counted, the same for the library's limits and for the lock."""
        return client_ip.of(request) or super().get_client_ip(request)


def address_typed(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """For whom somebody tries to sign in, in lower case: from what is being checked, else from the form."""
    given = credentials if credentials is not None else request.POST
    found = given.get("email") or given.get("username") or given.get("login") or ""
    return str(found).strip().lower().replace("\0", "")[:LONGEST_ADDRESS]
