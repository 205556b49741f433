"""What a scanner found, and the written reasons for which a finding may stay.

A reason stands beside the finding (`# noqa: S310 - the sandbox on loopback`), or, for what a whole folder is for, in
[tool.atrium.scans] of pyproject.toml. A reason that no finding needs is itself a finding.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCANNED = ("portal", "governance", "hub", "finops", "manage.py")
BESIDE = re.compile(r"# noqa: (?P<rules>S\d+(?:, S\d+)*)[\s#(-]*(?P<reason>\w.*)?")


@dataclass(frozen=True, order=True, slots=True)
class Finding:
    """One finding. path: from the root of the checkout. rule: S608 for ruff and bandit alike, 5005 for Pysa."""

    path: str
    line: int
    rule: str
    words: str
    end: int = 0  # the last line of a statement that goes over several

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.rule} {self.words}"


def without_reason(found: Iterable[Finding], family: str = "S") -> list[Finding]:
    """The findings that nobody gave a reason for, and the reasons of folders that nothing needs.

    family: the first characters of the rules that were looked for: "S" of ruff and bandit, "56" of Pysa's numbers.
    """
    kept, used = [], set()
    folders = for_folders()
    for finding in sorted(set(found)):
        places = [place for place in folders if finding.path.startswith(place) and finding.rule in folders[place]]
        used |= {(place, finding.rule) for place in places}
        if not places and not beside(finding):
            kept.append(finding)
    return kept + [
        Finding("pyproject.toml", 0, rule, f"the reason for {place} is not needed: {reason}")
        for place, reasons in folders.items()
        for rule, reason in reasons.items()
        if rule[0] in family and (place, rule) not in used
    ]


def beside(finding: Finding) -> bool:
    """Whether the line names the rule and says why; Pysa tells where data comes out, so its reasons stand by place."""
    if not finding.rule.startswith("S"):
        return False
    lines = (ROOT / finding.path).read_text().splitlines()
    matches = map(BESIDE.search, lines[finding.line - 1 : max(finding.line, finding.end)])
    return any(match and match["reason"] and finding.rule in match["rules"].split(", ") for match in matches)


def for_folders() -> dict[str, dict[str, str]]:
    """{beginning of a path: {rule: reason}} of pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    found: dict[str, dict[str, str]] = project["tool"]["atrium"]["scans"]
    return found
