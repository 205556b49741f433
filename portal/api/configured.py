"""What the settings say of the API, the same in every installation. Imports nothing that reads settings."""

from portal.lib.api.documented import COMPONENTS

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "governance.authentication.ServiceKeys",
        "governance.authentication.PersonTokens",
        "governance.authentication.Session",
    ],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["portal.lib.api.parsing.StrictJson"],
    "DEFAULT_PAGINATION_CLASS": "portal.lib.api.pages.KeysetPages",
    "DEFAULT_SCHEMA_CLASS": "portal.lib.api.schema.DeclaredSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "portal.lib.api.problems.answer",
    "URL_FORMAT_OVERRIDE": None,
}
# People's tokens: 256 random bits after the prefix, kept as SHA-512.
KNOX_TOKEN_MODEL = "governance.PersonToken"  # noqa: S105  (the name of a model)
REST_KNOX = {"TOKEN_PREFIX": "atp_", "AUTH_HEADER_PREFIX": "Bearer"}
SPECTACULAR_SETTINGS = {
    "TITLE": "Atrium",
    "DESCRIPTION": "Asked, decided, made true in AWS, measured, proven: the same actions as the pages.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "APPEND_COMPONENTS": COMPONENTS,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    # Choices stand where they are used, so that no two of them fight for a name.
    "POSTPROCESSING_HOOKS": [],
    "SERVE_URLCONF": "portal.api.urls",
}
