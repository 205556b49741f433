"""Schemathesis plays two people against the API: each asks for all that the other was shown."""

import copy
import json
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from governance.actions import credentials
from governance.models import User
from governance.scopes import Scope
from portal.local.part import program
from tests.access.test_operations import DOCUMENT

CHECKS = "object_level_authorization,ignored_auth,not_a_server_error"
EXAMPLES = 5  # of each operation, after all boundary values of its fields
OPTIONS = (
    "--checks", CHECKS, "--phases", "coverage,fuzzing", "-n", str(EXAMPLES), "--seed", "1", "--warnings", "off",
    "--report", "junit,har", "--report-junit-path", "out.xml", "--report-har-path", "out.har",
)  # fmt: skip
SINGLE = "/{uid}/"
CONFIG = """
[auth.wfc]
path = "wfc.json"
peers = ["retail", "insurance"]

[phases.coverage]
unexpected-methods = []
"""
# Addresses with a flaw, as canary_urls.py has them, and what must be said of each.
PLANTED = {
    "GET /api/v1/canaries/{uid}/": "Object-level authorization bypass",
    "GET /api/v1/unlocked/": "API accepts requests without authentication",
    "GET /api/v1/broken/": "Server error",
}


@dataclass(frozen=True)
class Played:
    """findings: operation → what was found there; answers: (path, status) of every request; said: for people."""

    findings: dict[str, list[str]]
    answers: list[tuple[str, int]]
    said: str

    def refused(self, path: str) -> set[str]:
        """The things at "/api/v1/grants/{uid}/" that one of the two was shown and that were not there for the other."""
        single = re.compile(re.escape(path).replace(re.escape("{uid}"), "([0-9a-f-]{36})"))
        met = [(found[1], status) for asked, status in self.answers if (found := single.fullmatch(asked))]
        return {uid for uid, status in met if status == 200} & {uid for uid, status in met if status == 404}


def play(base: str, peers: Iterable[User], folder: Path) -> Played:
    """Run Schemathesis in `folder`, against the server at `base`, as two people of different lines of business."""
    names = zip(("retail", "insurance"), peers, strict=True)
    auth = [{"name": name, "fixedHeaders": [{"name": "Authorization", "value": bearer(user)}]} for name, user in names]
    (folder / "wfc.json").write_text(json.dumps({"auth": auth}))
    (folder / "openapi.json").write_text(json.dumps(document()))
    (folder / "st.toml").write_text(CONFIG)
    command = [program("schemathesis"), "--config-file", "st.toml", "run", "openapi.json", "--url", base, *OPTIONS]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    return _read(folder, done.stdout + done.stderr)


def bearer(user: User) -> str:
    return f"Bearer {credentials.make_token(name='peer', scopes=list(Scope.values), days=1, by=user)[1]}"


def document() -> dict[str, Any]:
    """The committed document, with the planted flaws in it.

    A single thing is told by more fields than a line of a list; here both have one name, so that Schemathesis takes
    what a list shows for what can be asked for singly.
    """
    made = copy.deepcopy(DOCUMENT)
    made["paths"] = json.loads(re.sub(r'(schemas/\w+)Whole"', r'\1Shape"', json.dumps(made["paths"])))
    planted = json.loads(_renamed(json.dumps(made)))
    made["components"]["schemas"] |= planted["components"]["schemas"]
    for name, of in {"canaries/": "", "canaries/{uid}/": "{uid}/", "unlocked/": "", "broken/": ""}.items():
        operation = planted["paths"][f"/api/v1/use-cases/{of}"]["get"] | {"operationId": f"planted {name}"}
        made["paths"][f"/api/v1/{name}"] = {"get": operation}
    return made


def _renamed(text: str) -> str:
    """With use cases as a kind of their own."""
    return text.replace("UseCaseShape", "CanaryShape")


def _read(folder: Path, said: str) -> Played:
    assert (folder / "out.xml").exists(), said
    cases = ElementTree.parse(folder / "out.xml").iter("testcase")
    findings = {case.attrib["name"]: [_words(one) for one in case if one.tag in ("failure", "error")] for case in cases}
    entries = json.loads((folder / "out.har").read_text())["log"]["entries"]
    answers = [(_path(entry["request"]["url"]), entry["response"]["status"]) for entry in entries]
    return Played(findings, answers, said)


def _words(found: ElementTree.Element) -> str:
    return f"{found.attrib.get('message', '')} {found.text}"


def _path(address: str) -> str:
    return re.sub(r"^\w+://[^/]+", "", address).partition("?")[0]
