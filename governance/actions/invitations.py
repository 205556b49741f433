"""The mail that brings somebody in: a link with which they set their first password."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse

from governance.models import User


def is_open(user: User) -> bool:
    """Whether `user` was invited and did not come in yet, in whatever way."""
    return user.is_active and not user.is_service and user.last_login is None and not user.has_usable_password()


def link(user: User) -> str:
    """The address at which `user` sets a password, once; another password makes it worthless."""
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    uid, _dash, token = key.partition("-")
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
    return f"{settings.SITE_URL}{path}"


def mail(user_id: int) -> None:
    """Mail the link to somebody who was invited, unless they set a password already or are deactivated."""
    user = User.objects.select_related("invited_by").filter(pk=user_id).first()
    if user is None or not is_open(user):
        return
    by = user.invited_by or "Atrium"
    body = (
        f"Hello {user},\n\n{by} invited you to Atrium, the front door to generative AI.\n"
        f"Set your password here:\n\n{link(user)}\n"
    )
    send_mail("Your invitation to Atrium", body, None, [user.email])
