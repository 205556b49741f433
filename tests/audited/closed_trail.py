"""A trail that nobody can add to, and whether anything changed meanwhile."""

from typing import Any

import psycopg

# Where a failed attempt may leave the machine's own state, as docs/audit.md says.
MACHINE = {"portal_cache", "hub_servicehealth", "api_bucket"}


def contents(owner: psycopg.Connection) -> dict[str, Any]:
    """Each table with the number and the digest of its rows."""
    tables = [name for (name,) in owner.execute(
        "SELECT relname FROM pg_stat_user_tables ORDER BY relname"
    )]  # fmt: skip
    parts = [
        f"SELECT '{name}', count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM {name} t"
        for name in tables
    ]
    return {name: tuple(found) for name, *found in owner.execute(" UNION ALL ".join(parts))}


def changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """The tables that are not what they were, less the machine's own."""
    return {name for name in after if after[name] != before[name]} - MACHINE


class Closed:
    """A block in which nobody can add to the trail."""

    def __init__(self, owner: psycopg.Connection) -> None:
        self.owner = owner

    def __enter__(self) -> None:
        self.owner.execute("REVOKE INSERT ON governance_auditevent FROM atrium")

    def __exit__(self, *_error: object) -> None:
        self.owner.execute("GRANT INSERT ON governance_auditevent TO atrium")
