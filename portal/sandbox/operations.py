"""Which operation of which service a request asks for, and where its pages are cut, by botocore's service models."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlencode

import botocore.session
from botocore.model import OperationModel, ServiceModel
from botocore.parsers import create_parser

# By the name in a signature: two services of Bedrock sign with the same one and differ in their paths.
SIGNED_AS = {
    "bedrock": ("bedrock", "bedrock-runtime"),
    "budgets": ("budgets",),
    "iam": ("iam",),
    "s3": ("s3",),
    "sts": ("sts",),
}
SERVICES = tuple(sorted(service for names in SIGNED_AS.values() for service in names))
READING = re.compile(r"^(Get|List|Describe|Head|BatchGet)")
_session = botocore.session.Session()


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: `service` as botocore names it, `name` as AWS does."""

    service: str
    name: str

    def __str__(self) -> str:
        return f"{self.service}:{self.name}"

    @property
    def reads(self) -> bool:
        return bool(READING.match(self.name))

    @property
    def model(self) -> OperationModel:
        return _models(self.service).operation_model(self.name)


@dataclass(frozen=True, slots=True)
class Wire:
    """A request as it came: `path` and `query` still encoded; target: the header X-Amz-Target; copies: whether the
    header x-amz-copy-source is there, by which S3 tells CopyObject from PutObject."""

    method: str
    path: str
    query: str
    target: str
    form: bool
    copies: bool
    body: bytes

    @classmethod
    def of(cls, environ: Mapping[str, Any], body: bytes) -> "Wire":
        path, _, query = str(environ.get("RAW_URI") or environ["PATH_INFO"]).partition("?")
        form = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
        target, copies = environ.get("HTTP_X_AMZ_TARGET", ""), "HTTP_X_AMZ_COPY_SOURCE" in environ
        return cls(environ["REQUEST_METHOD"], path, query, target, form, copies, body)


@cache
def names(service: str) -> frozenset[str]:
    """The operations that AWS has in a service."""
    return frozenset(_models(service).operation_names)


def asked_for(signed_as: str, wire: Wire) -> Operation | None:
    """The operation that a request asks for, None if no model of a known service has it."""
    services = SIGNED_AS.get(signed_as, ())
    if wire.target or wire.form:
        name = wire.target.rpartition(".")[2] or parse_qs(wire.body.decode(errors="replace")).get("Action", [""])[0]
        return Operation(services[0], name) if services and name in names(services[0]) else None
    given = set(parse_qs(wire.query, keep_blank_values=True))
    path = wire.path.rstrip("/") or "/"
    for route in _routes(services):
        fits = route.method == wire.method and route.query <= given and route.copies == wire.copies
        if fits and route.path.fullmatch(path):
            return route.operation
    return None


@dataclass(frozen=True, slots=True)
class _Route:
    operation: Operation
    method: str
    path: re.Pattern[str]
    query: frozenset[str]
    copies: bool
    literal: int


@cache
def _routes(services: tuple[str, ...]) -> list[_Route]:
    """Routes of the REST services, the most specific one first."""
    found = [_route(Operation(service, name)) for service in services for name in names(service)]
    return sorted(found, key=lambda route: (-len(route.query), -route.literal, str(route.operation)))


def _route(operation: Operation) -> _Route:
    path, _, query = operation.model.http["requestUri"].partition("?")
    parts = re.split(r"(\{[^}]+\})", path.rstrip("/") or "/")
    pattern = "".join(_placeholder(part) if part.startswith("{") else re.escape(part) for part in parts)
    literal = sum(len(part) for part in parts if not part.startswith("{"))
    given = frozenset(parse_qs(query, keep_blank_values=True))
    copies = "Copy" in operation.name
    return _Route(operation, operation.model.http["method"], re.compile(pattern), given, copies, literal)


def _placeholder(part: str) -> str:
    return ".+" if part.endswith("+}") else "[^/]+"


class Pages:
    """How a list operation is paged, by botocore's own description of its paginator."""

    def __init__(self, operation: Operation, described: Mapping[str, Any]) -> None:
        self.operation = operation
        self.limit = str(described["limit_key"])
        results, tokens = described["result_key"], described["input_token"]
        self.results = [results] if isinstance(results, str) else list(results)
        self.tokens = [tokens] if isinstance(tokens, str) else list(tokens)

    def goes_on(self, wire: Wire) -> bool:
        """Whether the request asks for a further page: it carries a token."""
        given = _parameters(wire)
        return any(self._on_wire(token) in given for token in self.tokens)

    def size(self, status: int, headers: Mapping[str, str], body: bytes) -> int:
        """How many items an answer holds."""
        answer = {"status_code": status, "headers": headers, "body": body}
        parser = create_parser(self.operation.model.service_model.protocol)
        parsed = parser.parse(answer, self.operation.model.output_shape)
        return sum(len(parsed.get(result, ())) for result in self.results)

    def cut(self, wire: Wire, limit: int) -> tuple[str, bytes]:
        """(query, body) that ask for at most `limit` items."""
        name = self._on_wire(self.limit)
        if wire.target:
            return wire.query, json.dumps(json.loads(wire.body or b"{}") | {name: limit}).encode()
        fields = {key: values for key, values in _parameters(wire).items()} | {name: [str(limit)]}
        if wire.form:
            return wire.query, urlencode(fields, doseq=True).encode()
        return urlencode(fields, doseq=True), wire.body

    def _on_wire(self, member: str) -> str:
        shape = self.operation.model.input_shape
        return str(shape.members[member].serialization.get("name", member)) if shape else member


@cache
def pages(operation: Operation) -> Pages | None:
    """How an operation is paged, None if AWS gives it whole or its pages cannot be made smaller."""
    try:
        described = _session.get_paginator_model(operation.service).get_paginator(operation.name)
    except ValueError:
        return None
    return Pages(operation, described) if "limit_key" in described else None


def _parameters(wire: Wire) -> dict[str, list[str]]:
    if wire.target:
        return {name: [str(value)] for name, value in json.loads(wire.body or b"{}").items()}
    return parse_qs(wire.body.decode() if wire.form else wire.query, keep_blank_values=True)


@cache
def _models(service: str) -> ServiceModel:
    return _session.get_service_model(service)
