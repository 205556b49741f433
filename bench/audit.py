"""How fast the audit trail is proven: `python -m bench.audit [--events N]`. Prints a table.

A PostgreSQL of its own with N events of the kinds that the demo writes: sealing them, walking the whole chain, writing
its export, and the stand-alone verifier over that, from start to end. One process of ours each; PostgreSQL has its own
beside it.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

from bench.results import Row, keep, show
from portal.local.stack import Stack

VERIFIER = Path(__file__).resolve().parents[1] / "docs" / "verify_audit.py"
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


def write_export(file: Path) -> None:
    """As `manage.py export_audit` does."""
    from governance.actions import audit_exports

    with file.open("wb") as written:
        written.writelines(audit_exports.take_away(by=None))


def prove_alone(file: Path) -> str:
    """What the stand-alone verifier says. Raises CalledProcessError if the export does not hold."""
    command = [sys.executable, "-I", "-S", str(VERIFIER), str(file)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def measure(events: int, export: Path) -> list[Row]:
    """Fill, seal, prove, write to the file `export`, prove that."""
    from django.db import connection

    from governance import proving

    with connection.cursor() as cursor:
        cursor.execute(FILL, {"events": events})
    sealing, sealed = timed(seal_all)
    assert sealed == events
    proving_took, proof = timed(proving.verify)
    assert (proof.holds, proof.sealed) == (True, events), proof.broken
    exporting, _ = timed(lambda: write_export(export))
    alone, said = timed(lambda: prove_alone(export))
    assert f"{events} links hold; the head is {proof.head}." in said, said
    return [
        Row(f"sealing {events:,} events, 2,000 a transaction", events / sealing, "events/s", ""),
        Row(
            f"verify_audit, a whole chain of {events:,}", events / proving_took, "events/s", "at least 100,000 events/s"
        ),
        Row("export_audit, the same chain to a file", events / exporting, "events/s", ""),
        Row("docs/verify_audit.py on that file, start included", events / alone, "events/s", ""),
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

        rows = measure(chosen.events, Path(folder) / "audit.jsonl")
        connections.close_all()
    show("Audit", rows)
    keep("audit", rows)


if __name__ == "__main__":
    main()
