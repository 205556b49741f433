"""What must be done once in a restored database, before the portal runs on it."""

from typing import Any

from django.core.management.base import BaseCommand

from governance import recovering
from governance.models import AuditSeal


class Command(BaseCommand):
    help = (
        "Lets the audit trail go on in a database that was restored into another cluster. Run it before web, worker "
        "and sweeper are started, then `verify_audit`. Safe to repeat."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        missing = recovering.catch_up(lambda left: self.stdout.write(f"{left} transaction numbers are left."))
        head = AuditSeal.objects.order_by("-sequence").first()
        if missing:
            self.stdout.write(f"The cluster was {missing} transaction numbers behind the trail; now it is past it.")
        else:
            self.stdout.write("The cluster is past the audit trail already.")
        self.stdout.write(f"The trail goes on after link {head.sequence}." if head else "The trail has no links yet.")
