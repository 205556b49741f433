"""Who asks: one visitor for each kind of person, and for the API one for each kind of credential."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from django.test import Client

from governance.actions import credentials, people
from governance.models import PersonToken, ServiceKey, User
from governance.scopes import Scope
from portal.lib import clock
from tests.access.estate import Belongings, Estate

# Whose roles reach the belongings of the first line of business; those of the company reach everything.
OF_OWN = {"builder", "colleague", "owner", "token", "narrow_token", "key"}
ROLES = {
    "colleague": "builder", "team": "builder", "token": "builder", "narrow_token": "builder",
    "key": "service", "foreign_key": "service",
}  # fmt: skip
STRANGERS = {"anonymous", "deactivated", "wrong_token", "revoked_token", "ended_token", "revoked_key", "ended_key"}
WITHOUT_ROLE = STRANGERS | {"nobody", "former"}
COMPANY = {"security", "legal", "responsible_ai", "platform", "finops", "executive", "auditor"}


@dataclass
class Visitor:
    """name: of the kind; user: None for a stranger; scopes: what a credential was made for, None for a session."""

    name: str
    client: Client
    user: User | None = None
    headers: dict[str, str] = field(default_factory=dict)
    scopes: list[str] | None = None

    @property
    def known(self) -> bool:
        return self.name not in STRANGERS

    @property
    def role(self) -> str:
        """The role they act as, "" for none."""
        return "" if self.name in WITHOUT_ROLE else ROLES.get(self.name, self.name)

    def reaches(self, place: str) -> bool:
        """Whether a role of a tenant is held where the things of `place` are."""
        return (place == "own" and self.name in OF_OWN) or (place == "foreign" and self.name == "foreign_key")

    def kept_from(self, estate: Estate) -> set[str]:
        """The words that no answer to them may contain."""
        if self.name in COMPANY:
            return set()
        secret = set() if self.reaches("own") else self._secret(estate.own)
        return secret if self.reaches("foreign") else secret | estate.foreign.secret

    def _secret(self, of: Belongings) -> set[str]:
        """A team may know its line of business by name; one's own pages show one's own name and address."""
        known = {of.tenant.name, str(of.tenant.uid)} if self.name == "team" else set()
        return of.secret - known


def people_of(estate: Estate) -> list[Visitor]:
    """Everybody with a browser, with the session of somebody who signed in while they might."""
    made = [Visitor("anonymous", Client(raise_request_exception=False))]
    for name, user in estate.people.items():
        client = Client(raise_request_exception=False)
        client.force_login(user)
        made.append(Visitor(name, client, user))
    people.deactivate(estate.people["deactivated"], by=estate.people["platform"])
    return made


def programs_of(estate: Estate) -> Iterator[Visitor]:
    """Every kind of credential, good and bad."""
    every, own, foreign = list(Scope.values), estate.own, estate.foreign
    yield _bearer("wrong_token", "atp_" + "0" * 64)
    for name, scopes in (("token", every), ("narrow_token", [])):
        token, text = credentials.make_token(name=name, scopes=scopes or every[:1], days=30, by=own.builder)
        PersonToken.objects.filter(pk=token.pk).update(scopes=scopes)
        yield _bearer(name, text, own.builder, scopes)
    for name, service, by in (("key", own.service, own.owner), ("foreign_key", foreign.service, foreign.owner)):
        _key, text = credentials.make_key(service, name=name, scopes=every, days=30, by=by)
        yield _bearer(name, text, service, every)
    yield from _ended(estate, every)
    # Otherwise each request would write when its credential was used.
    later = clock.now() + timedelta(days=1)
    PersonToken.objects.update(last_used_at=later)
    ServiceKey.objects.update(last_used_at=later)


def _ended(estate: Estate, every: list[str]) -> Iterator[Visitor]:
    own, past = estate.own, clock.now() - timedelta(minutes=1)
    for name in ("revoked", "ended"):
        token, text = credentials.make_token(name=name, scopes=every, days=30, by=own.builder)
        given = {"revoked_at": past} if name == "revoked" else {"expiry": past}
        PersonToken.objects.filter(pk=token.pk).update(**given)
        yield _bearer(f"{name}_token", text)
        key, text = credentials.make_key(own.service, name=name, scopes=every, days=30, by=own.owner)
        given = {"revoked_at": past} if name == "revoked" else {"expires_at": past}
        ServiceKey.objects.filter(pk=key.pk).update(**given)
        yield _bearer(f"{name}_key", text)


def _bearer(name: str, text: str, user: User | None = None, scopes: list[str] | None = None) -> Visitor:
    client = Client(raise_request_exception=False)
    return Visitor(name, client, user, {"Authorization": f"Bearer {text}"}, scopes)
