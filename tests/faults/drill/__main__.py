"""The drill's command line.

python -m tests.faults.drill [--seeds 1,2,…] [--broker redis|rabbitmq] [--short] [--result FILE]

Without --result each seed runs in a process of its own, and docs/fault-drill.md is written from what they found.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from portal.local.part import outer_environ, python
from tests.faults.drill import page
from tests.faults.drill.drill import drill
from tests.faults.drill.site import BROKERS
from tests.faults.drill.size import FULL, SHORT

SEEDS = "1,2,3,4,5,6,7,8"


def main(arguments: list[str]) -> int:
    """Returns 0 when every seed kept every promise and every limit."""
    parser = argparse.ArgumentParser(prog="make chaos")
    parser.add_argument("--seeds", default=SEEDS)
    parser.add_argument("--broker", choices=list(BROKERS))
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--result", type=Path)
    chosen = parser.parse_args(arguments)
    if chosen.result:
        outcome = drill(int(chosen.seeds), SHORT if chosen.short else FULL, chosen.broker or "redis", _tell)
        chosen.result.write_text(json.dumps(asdict(outcome)))
        return 0
    seeds = [int(seed) for seed in chosen.seeds.split(",")]
    outcomes = [_apart(seed, chosen.broker or broker_of(seed), chosen.short) for seed in seeds]
    _tell(page.table(outcomes))
    if not chosen.short:
        page.write(outcomes, FULL)
    wrong = [f"Seed {one['seed']}: {sentence}." for one in outcomes for sentence in page.wrong(one)]
    _tell("\n".join(wrong) or "Every promise was kept.")
    return 1 if wrong else 0


def broker_of(seed: int) -> str:
    """By turns: odd seeds on Redis, even ones on RabbitMQ."""
    return "redis" if seed % 2 else "rabbitmq"


def _apart(seed: int, broker: str, short: bool) -> dict[str, Any]:
    """One seed in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="atrium-drill-result-") as folder:
        result = Path(folder) / "result.json"
        flags = ["--seeds", str(seed), "--result", str(result), *(["--short"] if short else [])]
        flags += ["--broker", broker]
        _tell(f"Seed {seed}, on {broker}.")
        subprocess.run(python("-m", "tests.faults.drill", *flags), env=outer_environ(), check=True)
        outcome: dict[str, Any] = json.loads(result.read_text())
        return outcome


def _tell(sentence: str) -> None:
    sys.stdout.write(f"{datetime.now(UTC):%H:%M:%S} {sentence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
