"""bandit and ruff's S rules over what runs in production and on one machine: `python -m scans.static`.

Both scan without their own ways to silence them; only a written reason silences here (scans.findings).
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from scans import planted
from scans.findings import ROOT, SCANNED, Finding, without_reason

Scanner = Callable[[Sequence[str]], list[Finding]]


def bandit(paths: Sequence[str]) -> list[Finding]:
    """Every finding of bandit, its rules numbered as ruff numbers the same ones."""
    said = _json("bandit", "--quiet", "--ignore-nosec", "--format", "json", "--recursive", *paths)
    return [
        Finding(
            _relative(one["filename"]), one["line_number"], "S" + one["test_id"][1:], one["issue_text"],
            max(one["line_range"]),
        )
        for one in said["results"]
    ]  # fmt: skip


def ruff(paths: Sequence[str]) -> list[Finding]:
    """Every finding of ruff's S rules (flake8-bandit), without regard to noqa and to the settings of the project."""
    said = _json(
        "ruff",
        "check",
        "--isolated",
        "--ignore-noqa",
        "--select",
        "S",
        "--exit-zero",
        "--output-format",
        "json",
        *paths,
    )
    return [
        Finding(
            _relative(one["filename"]), one["location"]["row"], one["code"], one["message"], one["end_location"]["row"]
        )
        for one in said
    ]


SCANNERS: dict[str, tuple[Scanner, set[str]]] = {
    "bandit": (bandit, planted.BY_BANDIT),
    "ruff S": (ruff, planted.BY_RUFF),
}


def blind(scanner: Scanner, expected: set[str]) -> set[str]:
    """The planted flaws that a scanner passes over; best none."""
    with tempfile.TemporaryDirectory() as folder:
        found = scanner([str(planted.plant(Path(folder)))])
    return expected - {finding.rule for finding in found}


def main() -> int:
    """Show each scanner a planted flaw, then scan. 1 when a scanner is blind or a finding has no reason."""
    paths = [str(ROOT / name) for name in SCANNED]
    found: list[Finding] = []
    for name, (scanner, expected) in SCANNERS.items():
        missed = blind(scanner, expected)
        if missed:
            print(f"{name} does not see the planted {', '.join(sorted(missed))}: its silence means nothing.")
            return 1
        own = scanner(paths)
        print(f"{name}: planted flaws seen ({', '.join(sorted(expected))}); {len(own)} findings.")
        found += own
    left = without_reason(found)
    print("\n".join(map(str, left)) if left else "Each finding has a written reason.")
    return 1 if left else 0


def _json(program: str, *arguments: str) -> Any:
    """Run a scanner of this environment; bandit ends with 1 when it found something, which is no failure here."""
    command = [sys.executable, "-m", program, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if not done.stdout:
        raise SystemExit(f"{program} failed:\n{done.stderr}")
    return json.loads(done.stdout)


def _relative(path: str) -> str:
    found = Path(path)
    return str(found.relative_to(ROOT) if found.is_relative_to(ROOT) else found)


if __name__ == "__main__":
    sys.exit(main())
