"""Search over what one may see: each app registers a provider; governance's own are about people and tenants."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from governance import policy
from governance.models import Approval, Tenant, UseCase, User
from governance.roles import ROLES, Permission

MIN_LENGTH = 2
EACH = 8


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found. kind: what it is ("use case"), note: its small line."""

    title: str
    kind: str
    url: str
    note: str = ""


# provider(user, words, limit) yields at most `limit` hits, only what the user may see.
Provider = Callable[[User, str, int], Iterable[Hit]]
_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """At start-up: ask `provider` too."""
    if provider not in _providers:
        _providers.append(provider)


def search(user: User, words: str) -> list[Hit]:
    """What every provider finds for `words`; nothing for fewer than two letters."""
    words = words.strip()
    if len(words) < MIN_LENGTH:
        return []
    return [hit for provider in _providers for hit in provider(user, words, EACH)]


def containing(words: str, *fields: str) -> Q:
    """The filter for rows that hold each of the words in one of the fields, in any order."""
    found = Q()
    for word in words.split():
        anywhere = Q()
        for field in fields:
            anywhere |= Q(**{f"{field}__icontains": word})
        found &= anywhere
    return found


def tenants(user: User, words: str, limit: int) -> Iterable[Hit]:
    """Tenants by name or cost centre."""
    found = Tenant.objects.visible_to(user).filter(containing(words, "name", "cost_centre", "parent__name"))
    for tenant in found.select_related("parent")[:limit]:
        note = f"team of {tenant.parent}" if tenant.parent else "line of business"
        url = reverse("governance:tenant-detail", args=[tenant.uid])
        yield Hit(tenant.name, "tenant", url, f"{note} · {tenant.cost_centre}")


def use_cases(user: User, words: str, limit: int) -> Iterable[Hit]:
    """Use cases by name or purpose, or by name and tenant."""
    found = UseCase.objects.visible_to(user).filter(containing(words, "name", "purpose", "tenant__name"))
    for use_case in found.select_related("tenant")[:limit]:
        note = f"{use_case.tenant} · {use_case.get_stage_display()}"
        yield Hit(use_case.name, "use case", reverse("governance:use-case-detail", args=[use_case.uid]), note)


def reviews(user: User, words: str, limit: int) -> Iterable[Hit]:
    """Reviews by what they are about or who asked, the newest first."""
    found = Approval.objects.visible_to(user).filter(containing(words, "headline", "requested_by__name"))
    for approval in found.select_related("requested_by").order_by("-opened_at", "-pk")[:limit]:
        note = f"{approval.status} · asked by {approval.requested_by}"
        yield Hit(approval.headline, "review", reverse("governance:review-detail", args=[approval.uid]), note)


def people(user: User, words: str, limit: int) -> Iterable[Hit]:
    """People by name or address, for those who see people."""
    if not policy.can(user, Permission.VIEW_PLATFORM):
        return
    found = User.objects.filter(containing(words, "name", "email"), is_service=False)
    for person in found.order_by("name", "pk")[:limit]:
        note = person.email if person.is_active else f"{person.email} · deactivated"
        yield Hit(person.name, "person", reverse("platform:person-detail", args=[person.uid]), note)


def roles(user: User, words: str, limit: int) -> Iterable[Hit]:
    """Roles by name, with who holds them, for those who see people."""
    if not policy.can(user, Permission.VIEW_PLATFORM):
        return
    found = [role for role in ROLES.values() if words.lower() in role.label.lower()]
    for role in found[:limit]:
        yield Hit(role.label, "role", f"{reverse('platform:people-list')}?role={role.name}", role.sentence)
