"""A running Atrium with the demo company in it, for tests that look at it as its people do."""

import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from os import environ
from pathlib import Path

from portal.demo.company import PASSWORD
from portal.local.ground import ROOT
from portal.local.part import python
from portal.local.stack import Stack

__all__ = ["PASSWORD", "manage", "running"]
PARTS = ("sandbox", "worker", "sweeper", "web")


@contextmanager
def running(of_database: Mapping[str, str], *, wishes: int, parts: Iterable[str] = PARTS) -> Iterator[Stack]:
    """Every process of Atrium on a database of its own, with the company and its first `wishes` access requests.

    of_database: `CommittedDatabase.environ`. Where AWS is comes from this stack's own sandbox.
    """
    folder = Path(tempfile.mkdtemp(prefix="company-", dir=environ["ATRIUM_TEST_FOLDER"]))
    given = {name: value for name, value in of_database.items() if not name.startswith("AWS_")}
    with Stack(folder, parts, durable=False, environ=given) as stack:
        manage(stack, "demo", "--wishes", str(wishes))
        yield stack


def manage(stack: Stack, *command: str) -> str:
    """What `manage.py …` says in the stack's environment; its own words if it fails."""
    done = subprocess.run(
        python("manage.py", *command), cwd=ROOT, env=stack.environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"manage.py {' '.join(command)}:\n{done.stdout}\n{done.stderr}"
    return done.stdout
