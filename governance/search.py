"""Search over what one may see: each app registers a provider; governance contributes tenants and use cases."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.urls import reverse

from governance.models import Tenant, UseCase, User

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


def tenants(user: User, words: str, limit: int) -> Iterable[Hit]:
    """Tenants by name or cost centre."""
    visible = Tenant.objects.visible_to(user)
    found = visible.filter(name__icontains=words) | visible.filter(cost_centre__icontains=words)
    for tenant in found.select_related("parent")[:limit]:
        note = f"team of {tenant.parent}" if tenant.parent else "line of business"
        yield Hit(tenant.name, "tenant", reverse("governance:tenant-detail", args=[tenant.uid]), note)


def use_cases(user: User, words: str, limit: int) -> Iterable[Hit]:
    """Use cases by name or purpose."""
    visible = UseCase.objects.visible_to(user)
    found = visible.filter(name__icontains=words) | visible.filter(purpose__icontains=words)
    for use_case in found.select_related("tenant")[:limit]:
        note = f"{use_case.tenant} · {use_case.get_stage_display()}"
        yield Hit(use_case.name, "use case", reverse("governance:use-case-detail", args=[use_case.uid]), note)
