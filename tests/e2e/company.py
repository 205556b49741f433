"""A running Atrium with the demo company in it, for tests that look at it as its people do."""

import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import environ
from pathlib import Path

from portal.demo.company import PASSWORD
from portal.local.ground import ROOT
from portal.local.part import python
from portal.local.stack import Stack

__all__ = ["PASSWORD", "manage", "running"]
PARTS = ("worker", "sweeper", "web")


@contextmanager
def running(
    of_database: Mapping[str, str], *, wishes: int, history: Sequence[str] = (), parts: Iterable[str] = PARTS
) -> Iterator[Stack]:
    """The processes of Atrium on a database of its own, with the company and its first `wishes` access requests.

    of_database: `CommittedDatabase.environ`. Where AWS is comes from a sandbox of their own. As in `make run`, the
    company is there before any of the processes starts.
    """
    given = {name: value for name, value in of_database.items() if not name.startswith("AWS_")}
    with Stack(_folder("sandbox"), ("sandbox",), durable=False, environ=given) as sandbox:
        manage(sandbox, "demo", "--wishes", str(wishes))
        if history:
            manage(sandbox, "demo", "--history", *history)
        with Stack(_folder("company"), parts, environ={**given, **sandbox.part("sandbox").provides()}) as stack:
            yield stack


def _folder(name: str) -> Path:
    return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=environ["ATRIUM_TEST_FOLDER"]))


def manage(stack: Stack, *command: str) -> str:
    """What `manage.py …` says in the stack's environment; its own words if it fails."""
    done = subprocess.run(
        python("manage.py", *command), cwd=ROOT, env=stack.environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"manage.py {' '.join(command)}:\n{done.stdout}\n{done.stderr}"
    return done.stdout
