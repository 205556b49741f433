"""Write the documents that follow from the code: state machines, roles, who may use what, the API, IAM policies.

CI compares them.
"""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from governance.actions.use_cases import STAGES
from governance.roles import ROLES
from governance.transitions import APPROVAL, STEP
from hub import account_policy, request_states
from hub.account_setup import ROLE_NAME
from hub.model_states import MODEL, REVIEW
from hub.provisioning.states import MOVES
from portal.access import document as access
from portal.api import document

# Stand in the written policies for what each installation has.
ACCOUNT, BUCKET = "111122223333", "atrium-audit"
Table = Mapping[str, frozenset[str]]
MACHINES: tuple[tuple[str, str, Table], ...] = (
    ("Approval", "governance/transitions.py", APPROVAL),
    ("Step of an approval", "governance/transitions.py", STEP),
    ("Use case", "governance/actions/use_cases.py", STAGES),
    ("Model", "hub/model_states.py", MODEL),
    ("Review of a model", "hub/model_states.py", REVIEW),
    ("Access request", "hub/request_states.py", request_states.MOVES),
    ("Grant", "hub/provisioning/states.py", MOVES),
)


class Command(BaseCommand):
    help = "Write states.md, roles.md, access.md, openapi.yaml and iam/ in docs/; --check only compares."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(settings.BASE_DIR) / "docs"
        (folder / "iam").mkdir(exist_ok=True)
        for name, text in {
            "states.md": states(),
            "roles.md": roles(),
            "access.md": access.as_markdown(),
            "openapi.yaml": document.as_yaml(),
            **policies(),
        }.items():
            path = folder / name
            if not options["check"]:
                path.write_text(text)
            elif not path.exists() or path.read_text() != text:
                raise CommandError(f"docs/{name} is not what the code says; run `manage.py write_docs` and look.")


def policies() -> dict[str, str]:
    """The IAM policies that an installation needs, for an account and a bucket whose names are to be replaced."""
    role = f"arn:aws:iam::{ACCOUNT}:role/{ROLE_NAME}"
    documents = {
        "iam/read-only.json": account_policy.policy(ACCOUNT, role, writing=False),
        "iam/with-writing.json": account_policy.policy(ACCOUNT, role, writing=True),
        "iam/home.json": account_policy.home_policy(BUCKET),
    }
    return {name: json.dumps(policy, indent=2) + "\n" for name, policy in documents.items()}


def states() -> str:
    """Each table of moves as a Mermaid diagram; a state without a way out is an end."""
    parts = ["# States\n\nWritten by `manage.py write_docs` from the tables that the movers walk.\n"]
    for name, source, table in MACHINES:
        lines = [f"    {state} --> {following}" for state, ways in table.items() for following in sorted(ways)]
        ends = [f"    {state} --> [*]" for state, ways in table.items() if not ways]
        diagram = "\n".join([f"    [*] --> {next(iter(table))}", *lines, *ends])
        parts.append(f"## {name}\n`{source}`\n```mermaid\nstateDiagram-v2\n{diagram}\n```\n")
    return "\n".join(parts)


def roles() -> str:
    """Who may do what, a row a role."""
    rows = [
        f"| {role.label} | {role.attaches} | {role.sentence} | {', '.join(sorted(role.permissions))} |"
        for role in ROLES.values()
    ]
    head = "| role | held in | what it is for | permissions |\n|---|---|---|---|"
    return (
        f"# Roles\n\nWritten by `manage.py write_docs` from `governance/roles.py`.\n\n{head}\n" + "\n".join(rows) + "\n"
    )
