"""Signing in and failing to: the only things that reach the audit trail by Django's signals, since Django does them."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db import transaction
from django.dispatch import receiver

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
    user = User.objects.filter(email=address.lower()).first() or User(email=address)
    with transaction.atomic():
        audit.record(Verb.SIGN_IN_FAILED, user, by=None, known=user.pk is not None)
