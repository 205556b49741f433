"""Where the subjects of the trail are read: each app registers its kinds at start-up."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models
from django.urls import reverse

from governance.models import User

# visible(user) is what of a model this person may see.
Visible = Callable[[User], models.QuerySet[Any]]


@dataclass(frozen=True, slots=True)
class Page:
    """The page of the things of one model, by their uid."""

    visible: Visible
    url_name: str


_pages: dict[str, Page] = {}


def register(model: type[models.Model], url_name: str, *, visible: Visible | None = None) -> None:
    """At start-up: things of `model` have the page `url_name`. visible: other than what `visible_to` says."""
    manager: Any = model._default_manager
    _pages[model._meta.label_lower] = Page(visible or manager.visible_to, url_name)


def urls(user: User, subjects: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The address of each (kind, uid) that has a page and that this person may see. One query a kind."""
    by_kind: dict[str, set[str]] = {}
    for kind, uid in subjects:
        if kind in _pages and _is_uid(uid):
            by_kind.setdefault(kind, set()).add(uid)
    found: dict[tuple[str, str], str] = {}
    for kind, uids in by_kind.items():
        page = _pages[kind]
        for uid in page.visible(user).filter(uid__in=uids).order_by().values_list("uid", flat=True):
            found[kind, str(uid)] = reverse(page.url_name, args=[uid])
    return found


def _is_uid(text: str) -> bool:
    """Whether it can be one: a subject that was never saved has none."""
    try:
        return bool(UUID(text))
    except ValueError:
        return False
