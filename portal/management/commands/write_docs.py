"""Write the documents that follow from the code: docs/states.md, the state machines as diagrams."""

from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from governance import transitions
from governance.actions import use_cases
from hub import model_states, request_states
from hub.provisioning import states as grant_states

Table = Mapping[str, frozenset[str]]
MACHINES: tuple[tuple[str, str, Table], ...] = (
    ("Approval", "governance/transitions.py", transitions.APPROVAL),
    ("Step of an approval", "governance/transitions.py", transitions.STEP),
    ("Use case", "governance/actions/use_cases.py", use_cases.STAGES),
    ("Model in the hub", "hub/model_states.py", model_states.MODEL),
    ("Review of a model", "hub/model_states.py", model_states.REVIEW),
    ("Access request", "hub/request_states.py", request_states.MOVES),
    ("Grant", "hub/provisioning/states.py", grant_states.MOVES),
)


class Command(BaseCommand):
    help = "Writes docs/states.md from the tables of transitions. With --check, only says whether it is up to date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; exit code 1 if the file is not current"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.BASE_DIR / "docs" / "states.md"
        text = "\n".join(_document()) + "\n"
        if not options["check"]:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            raise CommandError("docs/states.md is not what the code says. Run `manage.py write_docs`.")


def _document() -> Iterator[str]:
    yield "# States"
    yield ""
    yield "Each is one table of transitions with one mover, in the file named. Written by `manage.py write_docs`."
    for name, place, table in MACHINES:
        yield from ("", f"## {name}", f"`{place}`", "", "```mermaid", "stateDiagram-v2")
        yield f"    [*] --> {_first(table)}"
        yield from _arrows(table)
        yield "```"


def _arrows(table: Table) -> Iterator[str]:
    for state, after in table.items():
        yield from (f"    {_value(state)} --> {_value(following)}" for following in sorted(after))
        if not after:
            yield f"    {_value(state)} --> [*]"


def _first(table: Table) -> str:
    """Tables begin with the state in which a thing begins."""
    return _value(next(iter(table)))


def _value(state: str) -> str:
    return str(getattr(state, "value", state))
