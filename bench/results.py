"""What was measured last, in `bench/results.json`: a list of rows, each with its name, value, unit and comparison."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

FILE = Path(__file__).with_name("results.json")


@dataclass(frozen=True)
class Row:
    """One figure. compared_with: the goal, or the yardstick beside which it was taken; "" for a plain fact."""

    name: str
    value: float
    unit: str
    compared_with: str

    @property
    def rounded(self) -> float:
        """As many digits as such a measurement is worth."""
        return round(self.value, 1) if abs(self.value) < 1_000 else round(self.value)


def show(title: str, rows: Sequence[Row]) -> None:
    """Print a table."""
    print(f"\n{title}\n| name | value | unit | compared with |\n|---|---|---|---|")
    for row in rows:
        print(f"| {row.name} | {row.rounded:,} | {row.unit} | {row.compared_with} |", flush=True)


def keep(measure: str, rows: Sequence[Row]) -> None:
    """Replace the rows of a measure, with when and on what they were taken."""
    known = json.loads(FILE.read_text()) if FILE.exists() else []
    taken = {
        "measure": measure,
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpus": os.cpu_count(),
        "load_1_minute": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
    }
    others = [row for row in known if row["measure"] != measure]
    mine = [{**asdict(row), "value": row.rounded, **taken} for row in rows]
    FILE.write_text(json.dumps(sorted([*others, *mine], key=lambda row: row["measure"]), indent=1) + "\n")
