"""Tokens of people, service accounts and their keys: made, shown once, revoked."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.text import slugify
from knox.models import get_digest_token
from knox.settings import CONSTANTS

from governance import audit, keys, policy
from governance.actions.notifications import tell
from governance.models import Membership, Notification, PersonToken, ServiceKey, Tenant, User
from governance.roles import Owner, Permission, Service
from governance.scopes import Scope
from governance.vocabulary import Verb
from portal.lib import clock
from portal.lib.errors import NotAllowed, Refused
from portal.lib.uid import new_uid

MOST_DAYS = 365
# Nobody can own an address of this domain (RFC 2606), so no mail with a link ever reaches anybody.
NOWHERE = "service.invalid"


def make_token(*, name: str, scopes: Iterable[str], days: int, by: User) -> tuple[PersonToken, str]:
    """Make a token that acts as `by`. Returns it and its text, which is kept nowhere."""
    if by.is_service:
        raise NotAllowed("A service account has keys, which the owner of its tenant makes.")
    named, chosen, lasts = _checked(name, scopes, days)
    with transaction.atomic():
        digest, text = get_digest_token()
        token = PersonToken(user=by, name=named, scopes=chosen, digest=digest, expiry=clock.now() + lasts)
        token.token_key = text[: CONSTANTS.TOKEN_KEY_LENGTH]
        token.save(force_insert=True)
        audit.record(Verb.TOKEN_MADE, token, by=by, **_told(token))
        sentence = f"A token “{token}” was made that acts as you. If it was not you, revoke it."
        _tell([by], sentence, token)
    return token, text


def revoke_token(token: PersonToken, *, by: User) -> None:
    """End a token at once: one's own, or anybody's for who manages people."""
    if token.user_id != by.pk:
        policy.check_can(by, Permission.MANAGE_PEOPLE, what="revoke the tokens of others")
    with transaction.atomic():
        if not _revoke_tokens(token.user, by=by, only=token):
            raise Refused(f"The token {token} was revoked already.")


def make_service(*, name: str, tenant: Tenant, by: User) -> User:
    """Make a service account of `tenant`: it cannot sign in, decides nothing, and is known by its keys alone."""
    _check_manages(by, tenant)
    if not name.strip():
        raise Refused("Say what the service is called.", field="name")
    if tenant.state != Tenant.State.ACTIVE:
        raise Refused(f"{tenant} is closed.", field="tenant")
    address = f"{slugify(name)[:40] or 'service'}-{new_uid().hex[-12:]}@{NOWHERE}"
    with transaction.atomic():
        account = User.objects.create_user(address, name=name.strip(), is_service=True, invited_by=by)
        Membership.objects.create(user=account, role=Service.name, tenant=tenant)
        audit.record(Verb.SERVICE_MADE, account, by=by, tenant=tenant)
    return account


def make_key(account: User, *, name: str, scopes: Iterable[str], days: int, by: User) -> tuple[ServiceKey, str]:
    """Make a key of a service account. Returns it and its text, which is kept nowhere."""
    tenant = tenant_of(account)
    _check_manages(by, tenant)
    if not account.is_active:
        raise Refused(f"{account} is deactivated.")
    named, chosen, lasts = _checked(name, scopes, days)
    text = keys.new_key()
    with transaction.atomic():
        key = ServiceKey.objects.create(
            account=account,
            name=named,
            scopes=chosen,
            digest=keys.digest_of(text),
            hint=text[: keys.HINT],
            expires_at=clock.now() + lasts,
            made_by=by,
        )
        audit.record(Verb.KEY_MADE, key, by=by, tenant=tenant, service=str(account), **_told(key))
        sentence = f"{by} made the key “{key}” for the service {account} of {tenant}."
        _tell({*policy.people_with_role(Owner.name, tenant), by}, sentence, key)
    return key, text


def revoke_key(key: ServiceKey, *, by: User) -> None:
    """End a key at once."""
    _check_manages(by, tenant_of(key.account))
    with transaction.atomic():
        if not _revoke_keys(key.account, by=by, only=key):
            raise Refused(f"The key {key} was revoked already.")


def revoke_all(user: User, *, by: User) -> None:
    """End every token and key of somebody who loses their access. Runs inside the caller's transaction."""
    _revoke_tokens(user, by=by)
    _revoke_keys(user, by=by)


def tenant_of(account: User) -> Tenant:
    """The tenant that a service account acts in. Raises Refused for who is none, or acts nowhere any more."""
    held = [m.tenant for m in account.current_memberships if m.role == Service.name and m.tenant]
    if not account.is_service or not held:
        raise Refused(f"{account} is no service that acts in a tenant.")
    return held[0]


def _revoke_tokens(user: User, *, by: User, only: PersonToken | None = None) -> int:
    rows = PersonToken.objects.filter(user=user, revoked_at=None)
    tokens = list((rows.filter(pk=only.pk) if only else rows).select_for_update())
    for token in tokens:
        PersonToken.objects.filter(pk=token.pk).update(revoked_at=clock.now())
        audit.record(Verb.TOKEN_REVOKED, token, by=by, person=str(user))
    return len(tokens)


def _revoke_keys(account: User, *, by: User, only: ServiceKey | None = None) -> int:
    rows = ServiceKey.objects.filter(account=account, revoked_at=None)
    found = list((rows.filter(pk=only.pk) if only else rows).select_for_update())
    tenant = tenant_of(account) if found else None
    for key in found:
        ServiceKey.objects.filter(pk=key.pk).update(revoked_at=clock.now())
        audit.record(Verb.KEY_REVOKED, key, by=by, tenant=tenant, service=str(account))
    return len(found)


def _check_manages(by: User, tenant: Tenant) -> None:
    policy.check_can(by, Permission.MANAGE_SERVICES, tenant, what=f"make or end keys of services of {tenant}")


def _checked(name: str, scopes: Iterable[str], days: int) -> tuple[str, list[str], timedelta]:
    """Name, scopes and time of a credential. Raises Refused beside the field that is wrong."""
    chosen = sorted(set(scopes))
    if not name.strip():
        raise Refused("Say what it is for.", field="name")
    if not chosen or set(chosen) - set(Scope.values):
        raise Refused("Choose what it may be used for.", field="scopes")
    if not 1 <= days <= MOST_DAYS:
        raise Refused(f"It lasts from 1 to {MOST_DAYS} days.", field="days")
    return name.strip(), chosen, timedelta(days=days)


def _told(credential: PersonToken | ServiceKey) -> dict[str, Any]:
    return {"scopes": credential.scopes, "until": credential.ends_at.date().isoformat()}


def _tell(people: Iterable[User], sentence: str, credential: PersonToken | ServiceKey) -> None:
    tell(
        people,
        kind=Notification.Kind.CREDENTIAL,
        sentence=sentence,
        url=reverse("governance:api-access"),
        key=f"credential:{credential.uid}",
    )
