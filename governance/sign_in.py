"""How people sign in: by invitation only, and not by trying passwords."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest

from governance import audit
from governance.models import User
from governance.vocabulary import Verb
from portal.lib import client_ip

LONGEST_ADDRESS = 200


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves; platform staff invite. Sessions and passwords change with their event, or not."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address by which attempts are counted, the same for the library's limits and for the lock."""
        return client_ip.of(request) or super().get_client_ip(request)

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """The session, the time of the last sign-in and the event of it (governance.sign_in_audit) are one."""
        with transaction.atomic():
            super().login(request, user)

    def set_password(self, user: Any, password: str) -> None:
        """A password and the event that somebody with the link of a mail, or signed in, has set it."""
        with transaction.atomic():
            super().set_password(user, password)
            audit.record(Verb.PASSWORD_SET, user, by=user if isinstance(user, User) else None)


def address_typed(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """For whom somebody tries to sign in, in lower case: from what is being checked, else from the form."""
    given = credentials if credentials is not None else request.POST
    found = given.get("email") or given.get("username") or given.get("login") or ""
    return str(found).strip().lower().replace("\0", "")[:LONGEST_ADDRESS]
