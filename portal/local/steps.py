"""What runs once, to its end, between the parts: migrations and the demo company."""

import importlib.util
import subprocess
from collections.abc import Callable, Mapping

from portal.local import processes
from portal.local.errors import StartFailed
from portal.local.ground import ROOT, Ground
from portal.local.part import python

Step = Callable[[Ground, Mapping[str, str]], None]


def migrate(ground: Ground, environ: Mapping[str, str]) -> None:
    """Bring the tables up to date, as the role that owns them. The worker runs the system checks when it starts."""
    as_owner = {**environ, "DATABASE_URL": environ["DATABASE_OWNER_URL"]}
    run(ground, "migrate", python("manage.py", "migrate", "--no-input", "--skip-checks"), as_owner)


def demo(ground: Ground, environ: Mapping[str, str]) -> None:
    """Load the demo company; the command itself leaves one alone that is there already."""
    if importlib.util.find_spec("portal.management.commands.demo"):
        run(ground, "demo", python("manage.py", "demo"), environ)


def history(ground: Ground, environ: Mapping[str, str]) -> None:
    """Begin to write the demo's invocation logs beside everything else; it ends by itself, or with the stack."""
    with ground.log("history").open("wb") as output:
        subprocess.Popen(
            python("manage.py", "demo", "--history"),
            cwd=ROOT,
            env=processes.marked(environ, ground.token),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def run(ground: Ground, name: str, command: list[str], environ: Mapping[str, str]) -> None:
    """Run a command to its end, its output going to its log. Raises StartFailed when it fails."""
    with ground.log(name).open("wb") as output:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=processes.marked(environ, ground.token),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        raise StartFailed(
            f"The step {name} failed (exit code {done.returncode}): its log is {ground.log(name)}.",
            details=ground.last_lines(name),
        )
