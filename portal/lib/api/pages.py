"""Pages by cursor: newest first, the way to the next page in the body."""

import base64
import binascii
import json
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from portal.lib.api.problems import BadQuery

DEFAULT, MOST = 50, 200
PARAMETERS = ("cursor", "page_size")


class KeysetPages(BasePagination):
    """Pages of a queryset in the falling order of `view.order` (field names; together unique, none nullable).

    A page begins after a row, not at a number: what is added meanwhile moves nothing, and deep pages cost no more.
    """

    def paginate_queryset(self, queryset: QuerySet[Any], request: Request, view: Any = None) -> list[Any]:  # type: ignore[override]
        self.address = request.build_absolute_uri()
        self.fields: tuple[str, ...] = view.order
        size = _size(request)
        if cursor := request.query_params.get("cursor"):
            queryset = queryset.filter(_after(self.fields, _read(cursor, self.fields, queryset.model)))
        found = list(queryset.order_by(*(f"-{field}" for field in self.fields))[: size + 1])
        page = found[:size]
        self.next = _written(page[-1], self.fields) if len(found) > size else None
        return page

    def get_paginated_response(self, data: Any) -> Response:
        first = remove_query_param(self.address, "cursor")
        following = replace_query_param(self.address, "cursor", self.next) if self.next else None
        return Response({"items": data, "links": {"first": first, "next": following}})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        links = {
            "type": "object",
            "required": ["first", "next"],
            "properties": {
                "first": {"type": "string", "format": "uri"},
                "next": {"type": ["string", "null"], "format": "uri", "description": "null on the last page"},
            },
        }
        return {"type": "object", "required": ["items", "links"], "properties": {"items": schema, "links": links}}

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT}
        told = "Where the page begins; follow `links.next` instead of making one."
        return [
            {"name": "page_size", "in": "query", "schema": size},
            {"name": "cursor", "in": "query", "description": told, "schema": {"type": "string"}},
        ]


def _size(request: Request) -> int:
    text = request.query_params.get("page_size", str(DEFAULT))
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MOST):
        sentence = f"page_size is a whole number from 1 to {MOST}."
        raise BadQuery(sentence, [{"field": "page_size", "message": sentence}])
    return int(text)


def _after(fields: tuple[str, ...], values: list[Any]) -> Q:
    """The rows that come later in falling order than the one with `values`."""
    later = Q()
    for place, (field, value) in enumerate(zip(fields, values, strict=True)):
        later |= Q(**dict(zip(fields[:place], values[:place], strict=True)), **{f"{field}__lt": value})
    return later


def _written(row: Model, fields: tuple[str, ...]) -> str:
    texts = [row._meta.get_field(name).value_to_string(row) for name in fields]  # type: ignore[union-attr]
    return base64.urlsafe_b64encode(json.dumps(texts).encode()).decode().rstrip("=")


def _read(cursor: str, fields: tuple[str, ...], model: type[Model]) -> list[Any]:
    try:
        texts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise ValueError("not a list of texts")
        read = [model._meta.get_field(name).to_python(t) for name, t in zip(fields, texts, strict=True)]  # type: ignore[union-attr]
    except (ValueError, binascii.Error, RecursionError, ValidationError) as error:
        sentence = "This cursor was not made here. Begin at the first page."
        raise BadQuery(sentence, [{"field": "cursor", "message": sentence}]) from error
    return read
