"""Write the keys that sign anchors to a file for docs/verify_audit.py."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.actions import audit_exports


class Command(BaseCommand):
    help = (
        "Writes the keys that sign anchors, one a line, to a new file that its owner alone may read: for an auditor "
        "who checks the signatures. Also the key that follows from ATRIUM_SECRET_KEY. Itself an event of the trail."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            opened = os.open(options["file"], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be written: {error.strerror}.") from error
        with os.fdopen(opened, "wb") as written:
            written.writelines(b"hex:%s\n" % key.hex().encode() for key in audit_exports.take_keys())
        self.stdout.write(
            f"{options['file']} holds the keys. Who has them can sign: put a new one first in ATRIUM_AUDIT_KEY."
        )
