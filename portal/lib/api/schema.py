"""What the OpenAPI document says of every operation, from what its resource declares."""

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, extend_schema

from portal.lib.api import idempotency

View = TypeVar("View", bound=Callable[..., Any])

PROBLEM = {"$ref": "#/components/schemas/Problem"}
_ALWAYS = {
    "400": "The request cannot be read: its JSON, a header or a parameter.",
    "401": "Nobody is signed in, or the token is not valid any more.",
    "403": "Roles or scopes do not permit it.",
    "429": "Too many requests; Retry-After tells the seconds to wait.",
}
_ON_ONE = {"404": "There is no such thing, or none that the caller may see."}
_ON_WRITE = {
    "409": "Somebody else changes it at this moment.",
    "412": "It is not at the version that If-Match names.",
    "415": "The body is not JSON.",
    "422": "It cannot be done; `errors` names the fields.",
}


def takes(body: Any, answer: Any, status: int = 200) -> Callable[[View], View]:
    """Declare a write: the serializer of its body (None without one) and of its answer."""
    return extend_schema(request=body, responses={status: answer})


class DeclaredSchema(AutoSchema):
    """DRF's views as operations, with our conditions, scopes and problems."""

    def get_override_parameters(self) -> list[Any]:
        filters = getattr(self.view, "filters", None)
        named = [filters] if filters and self._action == "list" else []
        return [*named, *self._headers()]

    def get_auth(self) -> list[Any]:
        return [{"token": [self._scope()]}, {"session": []}]

    def get_description(self) -> str:  # type: ignore[override]  # as spectacular has it
        return f"{super().get_description()}\n\nScope: `{self._scope()}`".strip()

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation:
            for status, told in self._problems().items():
                content = {"application/problem+json": {"schema": PROBLEM}}
                operation["responses"][status] = {"description": told, "content": content}
            if self.method == "GET":
                operation["responses"]["304"] = {"description": "The caller has this version already."}
        return operation

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        uid = {"type": "string", "format": "uuid"}
        return [{"in": "path", "name": name, "schema": uid, "required": True} for name in variables]

    @property
    def _action(self) -> str:
        return getattr(self.view, "action", None) or ""

    def _scope(self) -> str:
        view: Any = self.view
        return str(view.scopes.get(self._action, view.reads if self.method == "GET" else view.writes))

    def _problems(self) -> dict[str, str]:
        on_one = _ON_ONE if "{uid}" in self.path or self._action == "list" else {}
        return {**_ALWAYS, **on_one, **({} if self.method == "GET" else _ON_WRITE)}

    def _headers(self) -> list[OpenApiParameter]:
        if self.method == "GET":
            return [_header("If-None-Match", "The ETag that one has; the answer is 304 while it is still right.")]
        key = _header(idempotency.HEADER, "Sent again under its key, a write takes place once. Kept for 24 hours.")
        match = _header("If-Match", "The ETag that one read; the answer is 412 if somebody changed it since.")
        return [key, match] if "{uid}" in self.path else [key]


class NamedAsUid(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """References are uids, in and out."""

    target_class = "portal.lib.api.references.Named"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return {"type": "string", "format": "uuid"}


def _header(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, description=description)
