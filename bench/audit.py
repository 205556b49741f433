"""How fast the audit trail is proven: `python -m bench.audit [--events N]`. Prints a table.

A PostgreSQL of its own with N events of the kinds that the demo writes: sealing them, walking the whole chain, and the
stand-alone verifier over their export. One process of ours each; PostgreSQL has its own beside it.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

from bench.results import Row, keep, show
from portal.local.stack import Stack

OWN = {"BROKER_URL": "redis://127.0.0.1:1/0"}
FILL = """
    INSERT INTO governance_auditevent (uid, verb, happened_at, recorded_at, actor_id, actor_name, subject_kind,
        subject_uid, subject_name, tenant_id, details, request_id, demo)
    SELECT gen_random_uuid(), (ARRAY['grant.applied', 'approval.step_approved', 'tenant.changed', 'person.signed_in'])
            [1 + n %% 4],
        now() - n * interval '7 seconds', now(), n %% 90, 'Bea Builder (bea.builder@meridian.example)', 'hub.grant',
        gen_random_uuid()::text, 'Claude Haiku for the summary of calls ' || n %% 500, n %% 40,
        CASE n %% 4
            WHEN 0 THEN jsonb_build_object('artefact', 'iam_policy', 'name', 'atrium-retail-' || n, 'how', 'created')
            WHEN 1 THEN jsonb_build_object('role', 'owner', 'reason', 'The “DPIA” is renewed.', 'round', 1)
            WHEN 2 THEN '{"changed": {"cost_centre": ["CC-1", "CC-2"]}}'
            ELSE '{}'
        END, gen_random_uuid()::text, false
    FROM generate_series(1, %(events)s) n
"""


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Wall seconds, and what came out."""
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


def seal_all() -> int:
    """Seal until nothing is left. Returns how many."""
    from governance import sealing

    total = 0
    while sealed := sealing.seal():
        total += sealed
    return total


def measure(events: int) -> list[Row]:
    """Fill, seal, prove."""
    from django.db import connection

    from governance import proving

    with connection.cursor() as cursor:
        cursor.execute(FILL, {"events": events})
    sealing, sealed = timed(seal_all)
    assert sealed == events
    proving_took, proof = timed(proving.verify)
    assert (proof.holds, proof.sealed) == (True, events), proof.broken
    return [
        Row(f"sealing {events:,} events, 2,000 a transaction", events / sealing, "events/s", ""),
        Row(
            f"verify_audit, a whole chain of {events:,}", events / proving_took, "events/s", "at least 100,000 events/s"
        ),
    ]


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        Stack(Path(folder) / "bench", ("database", "migrate"), environ=OWN) as stack,
    ):
        os.environ.update(stack.environ)
        django.setup()
        from django.db import connections

        rows = measure(chosen.events)
        connections.close_all()
    show("Audit", rows)
    keep("audit", rows)


if __name__ == "__main__":
    main()
