"""The page of the API's documentation: the OpenAPI document in our own components, without a script."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from governance.scopes import Scope
from portal.api import document
from portal.lib.api import pages
from portal.lib.api.documented import COMMON


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter or field. shape: its type in words."""

    name: str
    shape: str
    needed: bool
    told: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    name: str
    method: str
    path: str
    told: str
    scope: str
    parameters: list[Field]
    body: list[Field]
    answer: list[Field]
    statuses: list[str]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every operation, what all have in common, and the scopes."""
    groups: dict[str, list[Operation]] = {}
    for operation in _operations(document.as_data()):
        groups.setdefault(operation.path.split("/")[3].replace("-", " ").capitalize(), []).append(operation)
    context = {"groups": groups.items(), "scopes": Scope.choices, "most": pages.MOST}
    return render(request, "api/docs.html", context)


@require_safe
@login_not_required
def as_yaml(request: HttpRequest) -> HttpResponse:
    """The document itself, for programs. It is the same in every installation, so anybody may read it."""
    return HttpResponse(document.as_yaml(), content_type="application/yaml")


def _operations(data: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in data["paths"].items():
        for method, told in methods.items():
            yield Operation(
                name=told["operationId"],
                method=method.upper(),
                path=path,
                told=told["description"].partition("\n\nScope:")[0],
                scope=told["security"][0]["token"][0],
                parameters=[_parameter(one) for one in told.get("parameters", []) if one["name"] not in COMMON],
                body=list(_fields(data, _schema(told.get("requestBody")))),
                answer=list(_fields(data, _schema(_success(told)))),
                statuses=sorted(told["responses"]),
            )


def _parameter(one: dict[str, Any]) -> Field:
    return Field(one["name"], _shape(one["schema"]), one.get("required", False), one.get("description", ""))


def _success(told: dict[str, Any]) -> Any:
    return next(answer for status, answer in told["responses"].items() if status.startswith("2"))


def _schema(part: Any) -> dict[str, Any]:
    """The schema of a body or an answer, {} where there is none."""
    content = (part or {}).get("content", {}).get("application/json", {})
    found: dict[str, Any] = content.get("schema", {})
    return found


def _fields(data: dict[str, Any], schema: dict[str, Any]) -> Iterator[Field]:
    """The fields of an object; of a page those of its items."""
    schema = _resolved(data, schema)
    if "items" in schema.get("properties", {}):
        schema = _resolved(data, schema["properties"]["items"]["items"])
    for name, one in schema.get("properties", {}).items():
        yield Field(name, _shape(one), name in schema.get("required", []), one.get("description", ""))


def _resolved(data: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = data["components"]["schemas"][name] if name else schema
    return found


def _shape(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if "oneOf" in schema or "allOf" in schema:
        return " or ".join(_shape(one) for one in schema.get("oneOf") or schema["allOf"])
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2]  # type: ignore[no-any-return]
    if schema.get("type") == "array":
        return f"list of {_shape(schema['items'])}"
    kinds = schema.get("type", "anything")
    words = " or ".join(kinds) if isinstance(kinds, list) else kinds
    return f"{words} ({schema['format']})" if "format" in schema else words
