"""Money at the edge: USD as decimal strings, never a float."""

from decimal import Decimal
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers

from portal.lib.money import to_usd


class Usd(serializers.Field[int, Any, str, Any]):
    """nano-USD as USD to the last digit that is kept, at least cents: 4_712_345_000_000 → "4712.345". Read only."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)

    def to_representation(self, value: int) -> str:
        return decimal_text(to_usd(value))


class UsdSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """In the document: a string that is a decimal number."""

    target_class = Usd

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return {"type": "string", "format": "decimal", "examples": ["4712.345"]}


def decimal_text(amount: Decimal) -> str:
    """A decimal without trailing zeros, but with cents: Decimal("3.300") → "3.30"."""
    exponent = amount.normalize().as_tuple().exponent
    places = max(2, -exponent if isinstance(exponent, int) else 2)
    return f"{amount:.{places}f}"
