"""Reading a body."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class StrictJson(JSONParser):
    """JSON as the standard has it: no NaN, an object at the top, and not nested without end."""

    strict = True

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        try:
            read: Any = super().parse(stream, media_type, parser_context)
        except ParseError as error:
            raise ParseError("The body is not JSON.") from error
        except RecursionError as error:
            raise ParseError("The body is nested too deeply.") from error
        if not isinstance(read, dict):
            raise ParseError("The body must be a JSON object.")
        return read
