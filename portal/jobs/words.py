"""What syncs, their scopes and the tasks of the schedule are called on pages: each app registers its own."""

from collections.abc import Callable, Collection, Mapping

# Given scopes, the words for those that it knows.
Places = Callable[[Collection[str]], dict[str, str]]

_names: dict[str, str] = {}
_places: list[Places] = []


def name(words: Mapping[str, str]) -> None:
    """At start-up: sync kinds and tasks (the key) are called so."""
    _names.update(words)


def places(reader: Places) -> None:
    """At start-up: `reader` knows what scopes stand for."""
    if reader not in _places:
        _places.append(reader)


def of(key: str) -> str:
    """The words for a sync kind or a task; its own letters, readable, where nobody named it."""
    return _names.get(key) or key.replace("_", " ").replace(".", ": ")


def of_scopes(scopes: Collection[str]) -> dict[str, str]:
    """The words for each scope; itself where nobody knows it."""
    found = {scope: scope for scope in scopes}
    for reader in _places:
        found |= reader(scopes)
    return found
