"""The cookie of a person's session, and the page on which they work."""

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse

from governance.models import User


def invite_page() -> str:
    """Where a platform engineer invites people."""
    return reverse("platform:person-invite")


def cookie_of(user: User) -> str:
    """A session as a sign-in makes it, as the browser sends it."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
