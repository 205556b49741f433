"""How somebody is known to the API: by a session of the pages, a token, or the key of a service account."""

from datetime import timedelta

from django.db.models import Q
from knox.auth import TokenAuthentication
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from governance import keys
from governance.models import PersonToken, ServiceKey, User
from portal.lib import clock

# One sentence for all that is wrong with a credential: which it is helps nobody but a thief.
UNKNOWN = "This token is not known, has ended or was revoked."
# Last use is told to the minute, so most requests write nothing.
USED_AGAIN_AFTER = timedelta(minutes=1)


class Session(SessionAuthentication):
    """A person who signed in on the pages; writes carry the CSRF token."""

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class ServiceKeys(BaseAuthentication):
    """Authorization: Bearer atr_…"""

    def authenticate(self, request: Request) -> tuple[User, ServiceKey] | None:
        scheme, _space, text = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer" or not text.startswith(keys.PREFIX.encode()):
            return None
        digest = keys.digest_of(text.decode("ascii", "replace"))
        key = ServiceKey.objects.select_related("account").filter(digest=digest).first()
        if key is None or not key.in_force or not key.account.is_active:
            raise AuthenticationFailed(UNKNOWN)
        _used(key)
        return key.account, key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class PersonTokens(TokenAuthentication):
    """Authorization: Bearer atp_…, as knox finds them. Tokens that ended stay in the record; knox would delete them."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, PersonToken]:
        try:
            token.decode("ascii")
        except UnicodeDecodeError as error:
            raise AuthenticationFailed(UNKNOWN) from error
        try:
            user, found = super().authenticate_credentials(token)
        except AuthenticationFailed as error:
            raise AuthenticationFailed(UNKNOWN) from error
        _used(found)
        return user, found

    def _cleanup_token(self, auth_token: PersonToken) -> bool:
        return not auth_token.in_force


def _used(credential: PersonToken | ServiceKey) -> None:
    now = clock.now()
    long_ago = Q(last_used_at=None) | Q(last_used_at__lt=now - USED_AGAIN_AFTER)
    type(credential)._default_manager.filter(long_ago, pk=credential.pk).update(last_used_at=now)
