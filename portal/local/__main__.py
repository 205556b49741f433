"""The supervisor's command line.

python -m portal.local run                                   everything, until Ctrl-C
python -m portal.local test [pytest arguments]               the tests, with a database and a broker of their own
python -m portal.local up --parts database,broker [-- command]   some parts, for one command or until Ctrl-C
python -m portal.local manage COMMAND …                      manage.py on what `run` keeps, whether it runs or not
python -m portal.local clean                                 remove what `run` keeps
"""

import argparse
import shutil
import signal
import subprocess
import sys
from types import FrameType

from portal.local import processes, running
from portal.local.database import SHARED
from portal.local.errors import StartFailed
from portal.local.ground import ROOT, Ground
from portal.local.part import outer_environ, python
from portal.local.stack import ENDINGS, Stack
from portal.local.testing import run_tests


def main(arguments: list[str]) -> int:
    """Run one command. Returns the exit code; a failure to start is one sentence, after the log lines that show it."""
    for number in ENDINGS:  # SIGINT too: a shell that starts us in the background has it ignored
        signal.signal(number, _interrupt)
    try:
        return _command(arguments)
    except StartFailed as failure:
        if failure.details:
            print(failure.details, file=sys.stderr)
        print(f"\n{failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _command(arguments: list[str]) -> int:
    name, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if name == "run":
        return running.run(_tell)
    if name == "test":
        return run_tests(rest)
    if name == "up":
        return _up(rest)
    if name == "manage":
        return _manage(rest)
    if name == "clean":
        return _clean()
    _tell(__doc__)
    return 2


def _up(arguments: list[str]) -> int:
    """Some parts with the data of `run`: for one command, or until Ctrl-C with their addresses printed."""
    parser = argparse.ArgumentParser(prog="portal.local up")
    parser.add_argument("--parts", default="database,broker")
    parser.add_argument("command", nargs="*")
    chosen = parser.parse_args(arguments)
    with Stack(running.folder(), chosen.parts.split(",")) as stack:
        if chosen.command:
            return subprocess.run(chosen.command, cwd=ROOT, env=stack.environ, check=False).returncode
        for name, value in stack.addresses().items():
            _tell(f"export {name}='{value}'")
        running.Watch(stack, _tell).keep()
    return 0


def _manage(arguments: list[str]) -> int:
    """manage.py against the running stack, or against one started for it."""
    command = python("manage.py", *arguments)
    ground = Ground(running.folder())
    if ground.is_held():
        environ = {**outer_environ(), **ground.read_state()}
        return subprocess.run(command, cwd=ROOT, env=_for_command(environ, arguments), check=False).returncode
    parts = [name for name in running.chosen_parts() if name in {"database", "broker", "sandbox"}]
    with Stack(running.folder(), parts) as stack:
        return subprocess.run(command, cwd=ROOT, env=_for_command(stack.environ, arguments), check=False).returncode


def _clean() -> int:
    """Remove all data of `run`, which must not be running."""
    ground = Ground(running.folder())
    with ground.held():
        processes.stop(processes.of_stack(ground.token), patience_s=5.0)
        for folder in (SHARED / ground.token, ground.folder):
            if folder.exists():
                shutil.rmtree(folder)
    return 0


def _for_command(environ: dict[str, str], arguments: list[str]) -> dict[str, str]:
    """Migrations run as the role that owns the tables, everything else as the application."""
    if arguments[:1] == ["migrate"]:
        return {**environ, "DATABASE_URL": environ["DATABASE_OWNER_URL"]}
    return environ


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _tell(sentence: str) -> None:
    print(sentence, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
