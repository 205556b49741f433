"""Commands of a documentation page, run as a shell would: curl and jq with variables, over Django's test client."""

import json
import re
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.test import Client

BLOCK = re.compile(r"^### (.+?)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(
    r"(?:(?P<name>\w+)=\$\()?(?P<curl>curl .+) \| jq -r '(?P<path>[^']+)'\)?(?: > (?P<file>\S+))?", re.DOTALL
)
STEP = re.compile(r"\.(\w+)|\[(\d+)\]")


def sections(page: Path) -> dict[str, list[str]]:
    """The commands of each section of the third level, by its heading, one a line."""
    found = {}
    for heading, text in BLOCK.findall(page.read_text()):
        shell = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
        found[heading] = re.split(r"\n(?=\w+=|curl )", shell.strip())
    return found


class Shell:
    """variables: as a shell has them. Raises AssertionError for a command that it does not know or that fails."""

    def __init__(self, **variables: str) -> None:
        self.variables, self.files = variables, dict[str, str]()

    def run(self, command: str) -> str:
        """What the command prints; kept in its variable or file as well, if it names one."""
        expanded = re.sub(r"\$(\w+)", lambda match: self.variables[match[1]], command.replace("\\\n", " "))
        read = COMMAND.fullmatch(expanded)
        assert read, f"This is no command that can be run here: {expanded}"
        printed = str(picked(call(shlex.split(read["curl"])[1:]), read["path"]))
        if read["name"]:
            self.variables[read["name"]] = printed
        if read["file"]:
            self.files[read["file"]] = printed
        return printed


def call(arguments: list[str]) -> Any:
    """The JSON that curl would get with these arguments."""
    method, headers, body, addresses = "GET", dict[str, str](), "", list[str]()
    given = iter(arguments)
    for one in given:
        if one == "-X":
            method = next(given)
        elif one == "-H":
            name, value = next(given).split(": ", 1)
            headers[name] = value
        elif one == "-d":
            body = next(given)
        elif one != "-s":
            addresses.append(one)
    (address,) = addresses
    place = urlsplit(address)
    kind = headers.pop("Content-Type", "application/x-www-form-urlencoded")
    answer = Client().generic(method, f"{place.path}?{place.query}", body, kind, headers=headers)
    assert answer.status_code < 300, answer.content.decode()
    return json.loads(answer.content)


def picked(data: Any, path: str) -> Any:
    """What jq picks by a plain path: ".items[0].uid"."""
    for name, place in STEP.findall(path):
        data = data[name] if name else data[int(place)]
    return data
