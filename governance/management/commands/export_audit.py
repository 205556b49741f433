"""Write the whole audit trail to a file that docs/verify_audit.py proves without Atrium."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from governance.actions import audit_exports


class Command(BaseCommand):
    help = "Writes the audit trail as JSON lines: a manifest, then a link a line. The export is itself an event."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        number = -1
        with options["file"].open("wb") as written:
            for line in audit_exports.take_away(by=None):
                number += written.write(line) and 1
        self.stdout.write(f"{number} events are in {options['file']}. Prove them by docs/verify_audit.py.")
