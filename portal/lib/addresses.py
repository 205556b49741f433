"""Words of an address that no form reads."""

from django.http import HttpRequest


def words_of(request: HttpRequest, name: str, longest: int) -> str:
    """The value of `name` in the address, "" without one; cut, and without the character that PostgreSQL refuses."""
    return request.GET.get(name, "").replace("\x00", "")[:longest]
