"""The OpenAPI document of the API, as it is committed, served and tested."""

from functools import cache
from typing import Any

from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer

URLCONF = "portal.api.urls"


class Unclear(Exception):
    """Something about the API cannot be told from its declarations."""


@cache
def as_data() -> dict[str, Any]:
    """The document. Raises Unclear for anything that its generator only guessed."""
    GENERATOR_STATS.reset()
    with GENERATOR_STATS.silence():
        document: dict[str, Any] = SchemaGenerator(urlconf=URLCONF).get_schema(public=True)  # type: ignore[no-untyped-call]
    if GENERATOR_STATS:
        told = [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache]
        raise Unclear("; ".join(told))
    return document


def as_yaml() -> str:
    """The document as the text of docs/openapi.yaml."""
    text: bytes = OpenApiYamlRenderer().render(as_data(), renderer_context={})  # type: ignore[no-untyped-call]
    return text.decode()
