"""What was measured last, in `bench/results.json`: a list of rows, each with its name, value, unit and comparison. The
README shows those with a goal, docs/measured.md all.
"""

import json
import os
import platform
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("results.json")
ROOT = FILE.parents[1]
# Where the rows are shown, and whether all of them or those with a goal.
SHOWN = {ROOT / "README.md": False, ROOT / "docs" / "measured.md": True}
BEGIN, END = "<!-- figures: written by make bench -->\n", "<!-- end of the figures -->"


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
    for page in SHOWN:
        page.write_text(with_figures(page))


def with_figures(page: Path) -> str:
    """The text of a page with the rows of bench/results.json in their place."""
    before, _, rest = page.read_text().partition(BEGIN)
    rows = [_line(row) for row in json.loads(FILE.read_text()) if SHOWN[page] or row["compared_with"]]
    lines = ["| what | measured | goal or yardstick | reached | `make bench ARGS=…` |", "|---|---|---|---|---|", *rows]
    table = "\n".join(lines)
    return f"{before}{BEGIN}{table}\n{END}{rest.partition(END)[2]}"


def _line(row: dict[str, Any]) -> str:
    value, goal = row["value"], row["compared_with"]
    return f"| {row['name']} | {value:,} {row['unit']} | {goal} | {_reached(value, goal)} | {row['measure']} |"


def _reached(value: float, goal: str) -> str:
    """yes or no; "" where there is no goal in numbers."""
    bound = re.match(r"(at least|at most) ([0-9,.]+)|0$", goal)
    if bound is None:
        return ""
    if bound[1] is None:
        return "yes" if value == 0 else "**no**"
    limit = float(bound[2].replace(",", ""))
    held = value >= limit if bound[1] == "at least" else value <= limit
    return "yes" if held else "**no**"
