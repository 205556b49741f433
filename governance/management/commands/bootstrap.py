"""The first two platform engineers and the first routing policy of a new installation."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from governance.actions import invitations, people, routing_policies
from governance.default_policy import RULES
from portal.lib.errors import Refused


class Command(BaseCommand):
    help = "Makes two platform engineers (two: nobody approves what they proposed) and the default routing policy."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "person", nargs=2, metavar="EMAIL=NAME", help="two different people: ana@bank.example='Ana Diaz'"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        named = [_person(given) for given in options["person"]]
        try:
            with transaction.atomic():
                proposer, approver = people.found(people=named)
                policy = routing_policies.activate(rules=RULES, proposed_by=proposer, by=approver)
        except Refused as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(f"{policy} is in force. Both set a password at their own link:")
        for user in (proposer, approver):
            self.stdout.write(f"  {user.email}  {invitations.link(user)}")


def _person(given: str) -> tuple[str, str]:
    email, equals, name = given.partition("=")
    if not equals or not name.strip():
        raise CommandError(f"Write each person as EMAIL=NAME, not {given!r}.")
    return email, name
