"""Making kept rows equal to found ones: insert, change, mark as vanished; never delete, never write what is equal."""

from collections.abc import Hashable, Iterable, Mapping
from typing import Any, TypeVar

from django.db import models

from portal.lib import clock

K = TypeVar("K", bound=Hashable)
M = TypeVar("M", bound=models.Model)


def merge(table: type[M], known: Mapping[K, M], found: Mapping[K, M], fields: Iterable[str]) -> int:
    """Bring unsaved rows `found` into the rows `known` by key, comparing `fields`. Returns how many rows were written.

    The table has `vanished_at`: set once when a row is no longer found, cleared when it is found again.
    """
    compared = (*fields, "vanished_at")
    created = [row for key, row in found.items() if key not in known]
    changed = [row for key, row in known.items() if _change(row, found.get(key), compared)]
    rows: Any = table._default_manager
    rows.bulk_create(created)
    if changed:
        rows.bulk_update(changed, compared, batch_size=500)
    return len(created) + len(changed)


def _change(row: M, found: M | None, fields: Iterable[str]) -> bool:
    """Give `row` the values of `found`, or mark it as vanished. Returns whether anything differs."""
    if found is None:
        wanted = {"vanished_at": getattr(row, "vanished_at", None) or clock.now()}
    else:
        wanted = {name: getattr(found, name) for name in fields}
    differing = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    for name, value in differing.items():
        setattr(row, name, value)
    return bool(differing)
