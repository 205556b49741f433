"""Guardrail contents in words, and what one version changed against another."""

import difflib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from hub.models import GuardrailVersion
from hub.models.guardrail import DRAFT

HEAD = ("---", "+++")
Lines = Iterator[tuple[str, str]]
STRENGTH = {"NONE": "off", "LOW": "low", "MEDIUM": "medium", "HIGH": "high"}


def summary(content: dict[str, Any]) -> list[tuple[str, str]]:
    """(what, how) for people, from the policies as GetGuardrail gives them. A part that is unknown here is not told."""
    policies = (_filters, _topics, _personal, _words, _grounding)
    return [line for policy in policies for line in policy(content)]


@dataclass(frozen=True, slots=True)
class Change:
    """A version against the one before it; lines: for the diff component, [] if nothing differs or it is the first."""

    version: GuardrailVersion
    before: GuardrailVersion | None
    lines: list[tuple[str, str]]

    @property
    def title(self) -> str:
        return name_of(self.version)

    @property
    def note(self) -> str:
        if self.before is None:
            return "the first that is known"
        if not self.lines:
            return f"the same as {name_of(self.before).lower()}"
        return f"differs from {name_of(self.before).lower()}"


def changes(versions: Iterable[GuardrailVersion]) -> list[Change]:
    """Each version against its forerunner, the newest first; the working draft counts as the newest."""
    ordered = sorted(versions, key=_age)
    pairs = zip([None, *ordered], ordered, strict=False)
    return [Change(one, before, _diff(before, one)) for before, one in pairs][::-1]


def name_of(version: GuardrailVersion) -> str:
    return "Working draft" if version.version == DRAFT else f"Version {version.version}"


def _age(version: GuardrailVersion) -> tuple[bool, int]:
    number = version.version
    return number == DRAFT, int(number) if number.isdecimal() else 0


def _diff(before: GuardrailVersion | None, after: GuardrailVersion) -> list[tuple[str, str]]:
    if before is None or before.digest == after.digest:
        return []
    lines = difflib.unified_diff(_text(before.content), _text(after.content), lineterm="", n=2)
    return [("", "…") if line.startswith("@@") else (_mark(line), line[1:]) for line in lines if line[:3] not in HEAD]


def _mark(line: str) -> str:
    return line[0] if line[:1] in ("+", "-") else " "


def _text(content: dict[str, Any]) -> list[str]:
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False).splitlines()


def _filters(content: dict[str, Any]) -> Lines:
    for one in content.get("contentPolicy", {}).get("filters", []):
        taken, given = (STRENGTH.get(one.get(side), "not told") for side in ("inputStrength", "outputStrength"))
        yield _spoken(one.get("type")), f"input {taken}, output {given}"


def _topics(content: dict[str, Any]) -> Lines:
    for one in content.get("topicPolicy", {}).get("topics", []):
        yield f"Topic “{one.get('name')}”", f"denied: {one.get('definition', '')}"


def _personal(content: dict[str, Any]) -> Lines:
    for one in content.get("sensitiveInformationPolicy", {}).get("piiEntities", []):
        yield _spoken(one.get("type")), str(one.get("action", "")).lower()


def _words(content: dict[str, Any]) -> Lines:
    policy = content.get("wordPolicy", {})
    own, lists = len(policy.get("words", [])), len(policy.get("managedWordLists", []))
    if own or lists:
        yield "Words", f"{own} own, {lists} lists of AWS"


def _grounding(content: dict[str, Any]) -> Lines:
    for one in content.get("contextualGroundingPolicy", {}).get("filters", []):
        yield _spoken(one.get("type")), f"threshold {one.get('threshold')}"


def _spoken(word: object) -> str:
    return str(word).replace("_", " ").capitalize()
