"""Guardrail contents in words, and what one version changed against another."""

import difflib
import json
from collections.abc import Iterator
from typing import Any

from hub.models import GuardrailVersion

Lines = Iterator[tuple[str, str]]
STRENGTH = {"NONE": "off", "LOW": "low", "MEDIUM": "medium", "HIGH": "high"}


def summary(content: dict[str, Any]) -> list[tuple[str, str]]:
    """(what, how) for people, from the policies as GetGuardrail gives them. A part that is unknown here is not told."""
    policies = (_filters, _topics, _personal, _words, _grounding)
    return [line for policy in policies for line in policy(content)]


def version_diff(before: GuardrailVersion | None, after: GuardrailVersion) -> list[tuple[str, str]]:
    """Lines (mark, text) for the diff component: what `after` changed against `before`."""
    old = _text(before.content) if before else []
    lines = difflib.unified_diff(old, _text(after.content), lineterm="", n=1)
    return [(_mark(line), line[1:]) for line in lines if not line.startswith(("---", "+++"))]


def _mark(line: str) -> str:
    return line[0] if line[:1] in ("+", "-") else ""


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
