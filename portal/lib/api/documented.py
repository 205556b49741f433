"""What the OpenAPI document says of all operations at once. Imports nothing: the settings read it."""

from typing import Any

# Said once for all operations, so a page need not repeat them.
COMMON = ("Idempotency-Key", "If-Match", "If-None-Match", "uid", "cursor", "page_size")

ALTERNATIVES: dict[str, Any] = {
    "type": "array",
    "description": "What the field could say instead.",
    "items": {
        "type": "object",
        "required": ["value", "label"],
        "properties": {"value": {"type": "string"}, "label": {"type": "string"}},
    },
}
COMPONENTS: dict[str, Any] = {
    "securitySchemes": {
        "token": {"type": "http", "scheme": "bearer", "description": "A personal token or a service key."},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "__Host-sessionid",  # as production sets it
            "description": "A person on the pages.",
        },
    },
    "schemas": {
        "Problem": {
            "type": "object",
            "description": "An error, as RFC 9457 has it.",
            "required": ["type", "title", "status", "detail", "request_id"],
            "properties": {
                "type": {"type": "string"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string", "description": "A sentence for the person who asked."},
                "request_id": {"type": "string"},
                "errors": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["field", "message"],
                        "properties": {
                            "field": {"type": "string"},
                            "message": {"type": "string"},
                            "alternatives": ALTERNATIVES,
                        },
                    },
                },
            },
        }
    },
}
