"""docs/fault-drill.md: what the drill does, and what it found, as measured."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from portal.local.ground import ROOT
from tests.faults.drill.size import P99_S, Size

FILE = ROOT / "docs" / "fault-drill.md"
COLUMNS = {
    "accepted": "jobs", "lost": "lost", "missing": "rows missing", "doubled": "rows doubled", "mails": "mails",
    "mails_missing": "never sent", "mails_doubled": "sent twice", "requests": "requests",
    "refused": "refused, database down",
    "failed": "failed otherwise", "while_away": "accepted, broker away", "takeovers": "takeovers", "p50_s": "p50 s",
    "p99_s": "p99 s", "longest_unrefused_s": "longest s", "longest_s": "longest s, AWS refusing",
}  # fmt: skip
NAMES = {"broker": "Redis", "rabbitmq": "RabbitMQ"}
INTRODUCTION = """# Fault drill

`make chaos` starts the whole product (PostgreSQL, Redis or RabbitMQ, the sandbox account, a worker, two sweepers,
the web server), gives it work, and lets one part after another fail while it works. That command writes this page.

**Work.** {jobs} jobs that leave one row each in the commit that ends them; grants that everybody approves and that are
then made true in the sandbox's AWS; invocation logs, delivered bit by bit and read again and again; and invitations,
sent in by a browser without a pause, each of which leads to a mail. A grant, and all the same logs in another account,
were worked off before the first fault: what AWS and the database hold of the disturbed ones must be equal to that.

**Faults**, each {times} times a seed, in an order of the seed's; each asserts that it took place:
{faults}

**Promises.** Every accepted job is done and none takes effect twice. A mail is sent at least once: it leaves before its
row says so, and only an attempt that was cut short may send it again. A request fails only while PostgreSQL is down. 99
of 100 jobs are done within {p99:.0f} s of their acceptance; none takes longer than claim + 2 sweeps + 10 s =
{longest:.0f} s, those aside that AWS refused: they wait for their next attempt. At the end of a seed the sweepers are
stopped and the broker forgets all: that must lose jobs (the last column), or the drill would see no loss at all.
"""


def table(outcomes: Sequence[dict[str, Any]]) -> str:
    """A row for each seed."""
    heads = ["seed", "broker", *COLUMNS.values(), "AWS equal", "usage equal", "seconds", "lost without sweeper"]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for one in outcomes:
        figures = [_text(one["figures"][name]) for name in COLUMNS]
        equal = ["yes" if one["figures"][name] else "NO" for name in ("aws_equal", "usage_equal")]
        cells = [
            str(one["seed"]),
            NAMES[one["broker"]],
            *figures,
            *equal,
            f"{one['seconds']:.0f}",
            str(one["canary_lost"]),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def wrong(outcome: dict[str, Any]) -> list[str]:
    """What was not as it should be, as sentences."""
    blind = [] if outcome["canary_lost"] else ["a run without sweepers lost nothing, so the drill proves nothing"]
    return [*outcome["broken"], *outcome["late"], *blind]


def write(outcomes: Sequence[dict[str, Any]], size: Size) -> None:
    """Write the page."""
    counts = {name: sum(len(one["proofs"][name]) for one in outcomes) for name in outcomes[0]["proofs"]}
    faults = "\n".join(f"- {name}: {n} in all, such as: {outcomes[0]['proofs'][name][0]}" for name, n in counts.items())
    text = INTRODUCTION.format(
        jobs=size.jobs, times=size.times, faults=faults, p99=P99_S, longest=size.longest_s
    )  # fmt: skip
    sentences = [f"- Seed {one['seed']}: {sentence}." for one in outcomes for sentence in wrong(one)]
    result = "\n".join(sentences) or "Every promise was kept with every seed."
    FILE.write_text(f"{text}\n## As measured\n{_measured_on(size)}\n\n{table(outcomes)}\n\n{result}\n")


def _measured_on(size: Size) -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("celery", "kombu", "redis", "django", "psycopg"))
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} processors, load of the last minute "
        f"{os.getloadavg()[0]:.1f}, Python {platform.python_version()}, PostgreSQL 16, {packages}; "
        f"claim {size.claim_s:g} s, heartbeat {size.heartbeat_s:g} s, sweep {size.sweep_s:g} s, "
        f"the broker out of reach for {size.away_s:g} s."
    )


def _text(value: float) -> str:
    return f"{value:.1f}" if isinstance(value, float) else f"{value:,}"
