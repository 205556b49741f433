"""The work of the drill, all of it real: rows that count their own effects, grants, logs; invitations come by HTTP."""

from collections.abc import Iterator
from itertools import islice

import psycopg
from django.db import transaction

from finops.models import CubeDay
from finops.reports.ages import WHOLE_TASK
from hub.models import AccountRegion, Grant
from portal.jobs.outbox import enqueue
from tests.cast import Cast, make_cast, use_case
from tests.faults.drill.site import Site
from tests.faults.effects.tasks import QUICK_NAME
from tests.faults.logs import contents, deliver, logging_place
from tests.hub.access_world import World, make_world
from tests.hub.conftest import DEV, PROD, an_account, install_stack

QUIET_ROLE, DISTURBED_ROLE = "retail-assistant", "retail-callsummary"
OBJECTS_A_BURST = 6
A_GRANT_EVERY = 3  # bursts
QUIET_LIMIT_S = 90.0


class Workload:
    """effects: the arguments of the jobs of rows so far; grants: those that were made while faults went on.

    quiet_grant and the account DEV are what the undisturbed run left; the account PROD holds the same logs.
    """

    def __init__(self, site: Site, bursts: int) -> None:
        self.site, self.bursts = site, bursts
        self.effects: list[int] = []
        self.grants: list[Grant] = []
        self._burst = 0
        with psycopg.connect(site.backing.environ["DATABASE_OWNER_URL"]) as owner:
            owner.execute("CREATE TABLE effect (argument bigint NOT NULL, attempt int NOT NULL)")
        self.cast: Cast = make_cast()
        self.world = self._world()
        self.quiet_place, self.place = (logging_place(site.sandbox_url, number) for number in (DEV, PROD))
        self._objects = self._logs(PROD)

    def undisturbed(self) -> None:
        """One grant, and all the logs, with nothing in the way."""
        self.quiet_grant = self._grant("Quiet case", QUIET_ROLE)
        deliver(self.site.sandbox_url, self.quiet_place, self._logs(DEV))
        _read(self.quiet_place)
        self.site.until(self._is_quiet, "the undisturbed run ends", QUIET_LIMIT_S)

    def burst(self) -> None:
        """So much work that some of it waits, some runs, and some is about to be sent when the fault strikes."""
        self._burst += 1
        if self._burst % A_GRANT_EVERY == 1:
            self.grant()
        deliver(self.site.sandbox_url, self.place, islice(self._objects, OBJECTS_A_BURST))
        _read(self.place)
        self.rows(-(-self.site.size.jobs // self.bursts))

    def rows(self, count: int) -> list[int]:
        """Ask for so many rows in one transaction. Returns their arguments."""
        arguments = list(range(len(self.effects), len(self.effects) + count))
        with transaction.atomic():
            for argument in arguments:
                enqueue(QUICK_NAME, argument)
        self.effects += arguments
        return arguments

    def grant(self) -> None:
        """A request for access that everybody approves, to be made true in AWS."""
        self.grants.append(self._grant(f"Case {len(self.grants)}", DISTURBED_ROLE))

    def read_again(self) -> None:
        """Read the disturbed account's logs once more."""
        _read(self.place)

    def _grant(self, name: str, role: str) -> Grant:
        case = use_case(self.cast.retail, self.cast.builder_retail, name=name)
        role_arn = f"arn:aws:iam::{self.world.account.number}:role/{role}"
        return self.world.approved(use_case=case, role_arns=(role_arn,))

    def _world(self) -> World:
        account = an_account(PROD)
        install_stack(self.site.sandbox_url, account)
        return make_world(self.cast, account)

    def _logs(self, account: str) -> Iterator[tuple[str, bytes]]:
        return contents(account, str(self.cast.call_summary.uid), OBJECTS_A_BURST * self.bursts)

    def _is_quiet(self) -> bool:
        built = all(day.built == day.version for day in CubeDay.objects.all()) and CubeDay.objects.exists()
        return built and Grant.objects.filter(pk=self.quiet_grant.pk, state="active").exists()


def _read(place: AccountRegion) -> None:
    with transaction.atomic():
        enqueue(WHOLE_TASK, place.pk)
