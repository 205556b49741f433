"""Signing in and failing to: the only things that reach the audit trail by Django's signals, since Django does them."""

from typing import Any

from axes.signals import user_locked_out
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from governance import audit
from governance.models import User
from governance.vocabulary import Verb


@receiver(user_logged_in)
def signed_in(sender: Any, user: User, **_signal: Any) -> None:
    """Record who signed in."""
    with transaction.atomic():
        audit.record(Verb.SIGNED_IN, user, by=user)


@receiver(user_login_failed)
def sign_in_failed(sender: Any, credentials: dict[str, Any], **_signal: Any) -> None:
    """Record for whose address signing in failed, whether or not it has an account."""
    address = str(credentials.get("email") or credentials.get("username") or "")[:200]
    user = _known_or_not(address)
    with transaction.atomic():
        audit.record(Verb.SIGN_IN_FAILED, user, by=None, known=user.pk is not None)


@receiver(user_locked_out)
def sign_in_locked(sender: Any, request: HttpRequest, username: str, ip_address: str | None, **_signal: Any) -> None:
    """Record that an address was locked out, once: knocking at a locked door sends the signal without a count."""
    failures = getattr(request, "axes_failures_since_start", None)
    if failures is None:
        return
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    because = f"{failures} wrong passwords from {ip_address or 'an unknown address'}, for {minutes} minutes"
    with transaction.atomic():
        audit.record(Verb.SIGN_IN_LOCKED, _known_or_not(username), by=None, because=because)


def _known_or_not(address: str) -> User:
    """Who signs in with the address, or somebody unsaved of that address."""
    return User.objects.filter(email=address.lower()).first() or User(email=address)
