"""Names of what a plan makes: readable, unique for each request, within AWS's limits (64 for profiles and roles)."""

PREFIX = "atrium-"


def slug(*, tenant: str, use_case: str, environment: str, number: int) -> str:
    """ "retail", "call-summary", "prod", 2041 → "retail-call-summary-prod-r2041", at most 57 characters."""
    parts = (tenant[:16].strip("-"), use_case[:24].strip("-"), environment, f"r{number}")
    return "-".join(part for part in parts if part)


def prefixed(name: str) -> str:
    """The name of a role or policy of Atrium's."""
    return f"{PREFIX}{name}"


def budget_name(use_case_uid: str) -> str:
    """The AWS Budget of a use case in an account; by id, so that a renamed use case keeps its budget."""
    return f"{PREFIX}use-case-{use_case_uid}"
