"""Signing in while the demo company is there: its cast on the page, and its password nowhere but on the sandbox."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from governance.models import User
from governance.sign_in import AccountAdapter
from portal.demo.company import CAST, PASSWORD


@dataclass(frozen=True, slots=True)
class Player:
    """Somebody of the demo company; `line` is what they come for."""

    name: str
    email: str
    line: str


class PortalAccountAdapter(AccountAdapter):
    """Everybody knows the demo's password, so whoever types it is refused where AWS is real."""

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Raises ValidationError, also when there were too many attempts."""
        super().pre_authenticate(request, **credentials)
        if not settings.SANDBOX and credentials.get("password") == PASSWORD:
            raise ValidationError(
                "This is the password of the demo company, which works on the sandbox account only. "
                "Here AWS is real: reset your password, or ask a platform engineer to invite you."
            )


def cast(request: HttpRequest) -> dict[str, Any]:
    """For the sign-in page alone: the people of the demo company and their password, while the sandbox is the AWS."""
    place = request.resolver_match
    if not settings.SANDBOX or place is None or place.url_name != "account_login":
        return {}
    names = dict(
        User.objects.filter(email__in=[email for email, _ in CAST], is_active=True).values_list("email", "name")
    )
    players = [Player(names[email], email, line) for email, line in CAST if email in names]
    return {"demo_people": players, "demo_password": PASSWORD} if players else {}
