"""Signing in while the demo company is there: its cast on the page, and its password nowhere but on the sandbox."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

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


def locked(request: HttpRequest, response: HttpResponse | None = None, credentials: Any = None) -> HttpResponse:
    """The answer to whoever guessed too often: 429, when to come back, and what helps meanwhile."""
    wait = settings.AXES_COOLOFF_TIME
    sentence = (
        f"Too many wrong passwords for this address from here. Wait {wait.total_seconds() / 60:.0f} minutes, "
        "or choose a new password by e-mail."
    )
    if request.path.startswith("/api/"):
        problem = {"type": "about:blank", "title": "Too Many Requests", "status": 429, "detail": sentence}
        answer: HttpResponse = JsonResponse(problem, status=429, content_type="application/problem+json")
    else:
        answer = render(request, "429.html", {"sentence": sentence}, status=429)
    answer["Retry-After"] = f"{wait.total_seconds():.0f}"
    return answer


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
