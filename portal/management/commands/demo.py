"""Load the demo company: made through the actions that users call, with the clock set back."""

from argparse import ArgumentParser
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from governance import audit
from governance.actions import notifications
from governance.models import Notification, User
from portal.demo import asking, estate, founding, history, stories
from portal.demo.company import CAST, LINES, NAME, PASSWORD
from portal.demo.shelf import SHELF
from portal.demo.wishes import WISHES
from portal.jobs.models import SyncRun
from portal.jobs.syncs import running
from portal.lib import clock

KIND = "demo"  # of the sync run that keeps whether the company was told to its end
FOUNDED = timedelta(days=120)  # before the moment at which the demo was first loaded
WHO = "\n".join(f"  {email:<27}{what}" for email, what in CAST)


class Command(BaseCommand):
    help = "Load the demo company into this installation. It works on the sandbox account alone; again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--history", action="store_true", help="write ninety days of invocation logs instead")
        parser.add_argument("--days", type=int, default=history.DAYS, help="of history")
        parser.add_argument("--records", type=int, default=history.RECORDS, help="of history")
        parser.add_argument("--wishes", type=int, default=len(WISHES), help="how many access requests, for tests")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SANDBOX:
            raise CommandError("The demo company lives on the sandbox account; unset AWS and use `make run`.")
        began = monotonic()
        if options["history"]:
            said = _write_history(options["records"], options["days"])
        else:
            with audit.as_demo():
                load(options["wishes"])
            said = f"The demo company is there.\nSign in with the password {PASSWORD} as\n{WHO}"
        self.stdout.write(f"{said}\n({monotonic() - began:.0f} s)")


def first_loaded() -> datetime:
    """When the demo was first loaded: everything is told from there, so a repeated load tells the same."""
    first = User.objects.order_by("joined_at").first()
    return first.joined_at + FOUNDED if first else clock.now()


def load(wishes: int) -> None:
    """Everything that is not there yet, in the order of time. Once all of it is there, the company is its people's:
    what they rename, take away or decide is not told again.
    """
    told = SyncRun.objects.filter(kind=KIND, scope=NAME, state=SyncRun.State.DONE)
    if not told.exists():
        with running(KIND, scope=NAME):
            _tell(wishes)


def _tell(wishes: int) -> None:
    now = first_loaded()
    founded = now - FOUNDED
    with clock.set_to(founded):
        founding.found_company()
    with clock.set_to(founded + timedelta(hours=2)):
        estate.connect_accounts()
    told = [founding.take_in(line, founded + timedelta(days=1, hours=n)) for n, line in enumerate(LINES)]
    told += [estate.propose(one, _proposed(one.ending, n, now)) for n, one in enumerate(SHELF)]
    told += [
        asking.wish(one, now - timedelta(days=one.days_ago, minutes=17 * n)) for n, one in enumerate(WISHES[:wishes])
    ]
    stories.tell(told, until=now)
    _read_old_news(now - timedelta(days=2))


def _write_history(records: int, days: int) -> str:
    if history.is_written():
        return "The invocation logs are there."
    done, objects, size = history.write(first_loaded(), records=records, days=days)
    return f"{done:,} log records in {objects:,} objects ({size / 1e6:.0f} MB) are there."


def _read_old_news(before: datetime) -> None:
    """What was told long ago was read, so that no e-mail about it leaves now."""
    for notification in Notification.objects.filter(created_at__lt=before, read_at=None).select_related("user"):
        with clock.set_to(notification.created_at + timedelta(hours=4)):
            notifications.read(notification, by=notification.user)


def _proposed(ending: str, number: int, now: datetime) -> datetime:
    """Reviews that are open were asked for lately, the others in the first days."""
    if ending:
        return now - FOUNDED + timedelta(days=3, hours=number)
    return now - timedelta(days=4 - number % 3, hours=number)
