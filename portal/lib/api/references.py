"""Things that a body or a query names by their uid: only what the caller may see exists."""

from collections.abc import Callable
from typing import Any

from django.db.models import Model, QuerySet
from rest_framework import serializers

# rows(person) is what they may name.
Rows = Callable[[Any], QuerySet[Any]]


def visible(model: type[Model]) -> Rows:
    """What of a model a person may see, by its `visible_to`."""
    rows: Any = model._default_manager
    return lambda person: rows.visible_to(person)


class Named(serializers.SlugRelatedField[Any]):
    """One of `rows`, by its uid: written as the uid and read into the thing itself.

    What does not exist and what may not be seen are refused with the same sentence.
    """

    default_error_messages = {  # noqa: RUF012  (DRF reads it from the class)
        "does_not_exist": "There is no such thing, or none that you may name here.",
        "invalid": "Write its uid.",
    }

    def __init__(self, rows: Rows, **options: Any) -> None:
        self.rows = rows
        # DRF wants a queryset of a field that is written; get_queryset gives the caller's own.
        super().__init__(slug_field="uid", queryset=options.pop("queryset", QuerySet()), **options)

    def get_queryset(self) -> QuerySet[Any]:
        return self.rows(self.context["request"].user)

    def to_internal_value(self, data: Any) -> Any:
        uid = serializers.UUIDField().run_validation(data)
        return super().to_internal_value(uid)
