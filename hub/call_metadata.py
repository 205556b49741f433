"""The request metadata by which the ingest recognises a call: keys that it keeps, ids as values."""

from hub.models import Grant


def call_metadata(grant: Grant) -> dict[str, str]:
    """What calls under a grant should carry; at most 16 pairs of 256 characters (Converse's requestMetadata)."""
    return {
        "use_case": str(grant.use_case.uid),
        "tenant": str(grant.tenant.uid),
        "env": grant.environment,
    }
