"""What was measured last, in `bench/results.json`: each measure keeps its own part."""

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

FILE = Path(__file__).with_name("results.json")


def keep(measure: str, numbers: dict[str, int | float]) -> None:
    """Replace the part of a measure, with when and on what it was taken."""
    known = json.loads(FILE.read_text()) if FILE.exists() else {}
    known[measure] = {
        **numbers,
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpus": os.cpu_count(),
        "load_1_minute": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
    }
    FILE.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n")
