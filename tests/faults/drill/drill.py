"""One drill: an undisturbed run, every fault so many times in an order of the seed's, the end, and the canary."""

import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.drill.site import Site
from tests.faults.drill.size import Size

if TYPE_CHECKING:  # they need a Django that is set up
    from tests.faults.drill.faults import Scene

CANARY_ROWS = 12
# The next burst comes when so few jobs are left of those before: how long a job waits shall tell of the faults, and
# not of how much work a machine of this size was given.
BACKLOG = 6


@dataclass(frozen=True)
class Outcome:
    """proofs: a sentence for each fault by its name; canary_lost: jobs that a run without any sweeper lost, which has
    to be more than none, or the drill would see no loss at all; seconds: from the first fault to the last job's end.
    """

    seed: int
    broker: str
    proofs: dict[str, list[str]]
    figures: dict[str, int | float | bool]
    broken: list[str]
    late: list[str]
    canary_lost: int
    seconds: float


def drill(seed: int, size: Size, broker: str, tell: Callable[[str], None]) -> Outcome:
    """Run it, in processes of its own. The Django of this process then works on their database: one drill a process."""
    with (
        tempfile.TemporaryDirectory(prefix="atrium-drill-", ignore_cleanup_errors=True) as folder,
        Site(Path(folder), size, broker) as site,
    ):
        tell("Everything runs.")
        return _with_django(site, seed, tell)


def _with_django(site: Site, seed: int, tell: Callable[[str], None]) -> Outcome:
    import os

    import django

    os.environ.update(site.product.environ)
    django.setup()
    try:
        return _drill(site, seed, tell)
    finally:
        from django.db import connections

        connections.close_all()


def _drill(site: Site, seed: int, tell: Callable[[str], None]) -> Outcome:
    from tests.faults.drill import faults, verdict
    from tests.faults.drill.sign_in import cookie_of, invite_page
    from tests.faults.drill.visitor import Visitor
    from tests.faults.drill.workload import Workload

    pick = random.Random(seed)
    order = [name for name in faults.FAULTS for _ in range(site.size.times)]
    pick.shuffle(order)
    work = Workload(site, len(order))
    work.undisturbed()
    tell("The undisturbed run is done.")
    struck, since, began = [], verdict.last_job(), time.monotonic()
    with Visitor(site.web_url, cookie_of(work.cast.platform_person), invite_page()) as visitor:
        scene = faults.Scene(site, work, visitor, pick)
        for name in order:
            site.until(lambda: verdict.waiting() < BACKLOG, "the backlog is worked off", site.size.drain_s)
            work.burst()
            struck.append(faults.strike(name, scene))
            tell(f"{struck[-1].fault}: {struck[-1].proof} ({struck[-1].ended - struck[-1].began:.1f} s).")
            site.supervise()
            time.sleep(pick.uniform(0, 0.5))
    _drain(site)
    took = time.monotonic() - began
    found = verdict.judge(site, work, struck, visitor.requests, since)
    proofs = {name: [one.proof for one in struck if one.fault == name] for name in faults.FAULTS}
    late = found.late(site.size)
    for difference in verdict.aws_differences(work):
        tell(difference)
    return Outcome(seed, site.broker, proofs, found.as_dict(), found.broken, late, _canary(scene), took)


def _drain(site: Site) -> None:
    """Let everything come to its end, as far as it does within the limit; the verdict says what did not."""
    from tests.faults.drill import verdict

    limit = time.monotonic() + site.size.drain_s
    while not verdict.settled() and time.monotonic() < limit:
        site.supervise()
        time.sleep(0.1)


def _canary(scene: "Scene") -> int:
    """The same machine without a sweeper: what a broker forgot stays undone. Returns how many jobs that lost.

    With a sweeper again all of them are done, or this fails.
    """
    from tests.faults.drill import faults, verdict

    site = scene.site
    for stack in (site.product, site.spare):
        stack.stop("sweeper")
    scene.work.rows(CANARY_ROWS)
    faults.flush_broker(scene)
    time.sleep(site.size.claim_s + 2 * site.size.sweep_s)
    lost = verdict.unfinished()
    for stack in (site.product, site.spare):
        stack.start("sweeper")
    site.until(verdict.settled, "with sweepers again all is done", site.size.drain_s)
    return lost
