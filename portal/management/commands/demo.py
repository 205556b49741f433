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
from portal.demo import asking, estate, founding, stories
from portal.demo.company import LINES, PASSWORD
from portal.demo.shelf import SHELF
from portal.demo.wishes import WISHES
from portal.lib import clock

FOUNDED_DAYS_AGO = 120


class Command(BaseCommand):
    help = "Load the demo company into this installation. It works on the sandbox account alone, and only once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--wishes", type=int, default=len(WISHES), help="how many access requests, for tests")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SANDBOX:
            raise CommandError("The demo company lives on the sandbox account; unset AWS and use `make run`.")
        began = monotonic()
        with audit.as_demo():
            load(options["wishes"])
        self.stdout.write(f"The demo company is there ({monotonic() - began:.0f} s).")
        self.stdout.write(
            f"Sign in as builder@retail.example, owner@retail.example, security@meridian.example, "
            f"rai@…, finops@…, executive@…, auditor@… or platform@…; password {PASSWORD}"
        )


def load(wishes: int) -> None:
    """Everything that is not there yet, in the order of time."""
    first = User.objects.order_by("joined_at").first()
    founded = first.joined_at if first else clock.now() - timedelta(days=FOUNDED_DAYS_AGO)
    now = clock.now()
    with clock.set_to(founded):
        founding.found_company()
    with clock.set_to(founded + timedelta(hours=2)):
        estate.connect_accounts()
    told = [founding.take_in(line, founded + timedelta(days=1, hours=n)) for n, line in enumerate(LINES)]
    told += [estate.propose(one, _proposed(one.ending, n, founded, now)) for n, one in enumerate(SHELF)]
    told += [
        asking.wish(one, now - timedelta(days=one.days_ago, minutes=17 * n)) for n, one in enumerate(WISHES[:wishes])
    ]
    stories.tell(told, until=now)
    _read_old_news(now - timedelta(days=2))


def _read_old_news(before: datetime) -> None:
    """What was told long ago was read, so that no e-mail about it leaves now."""
    for notification in Notification.objects.filter(created_at__lt=before, read_at=None).select_related("user"):
        with clock.set_to(notification.created_at + timedelta(hours=4)):
            notifications.read(notification, by=notification.user)


def _proposed(ending: str, number: int, founded: datetime, now: datetime) -> datetime:
    """Reviews that are open were asked for lately, the others in the first days."""
    return founded + timedelta(days=3, hours=number) if ending else now - timedelta(days=4 - number % 3, hours=number)
