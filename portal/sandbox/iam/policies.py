"""Policy documents as typed statements.

Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html.
"""

import json
from dataclasses import dataclass
from typing import Any

from portal.sandbox.iam.conditions import Context, holds
from portal.sandbox.iam.errors import PolicyNotUnderstood
from portal.sandbox.iam.matching import arn_like, like

KNOWN_KEYS = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition", "Principal"}


@dataclass(frozen=True)
class Statement:
    """One statement. ``principals`` holds pairs such as ("AWS", "arn:…") and is empty in identity policies."""

    effect: str
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    resources: tuple[str, ...]
    not_resources: tuple[str, ...]
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...]
    principals: tuple[tuple[str, str], ...]

    def covers(self, action: str, resource: str, context: Context) -> bool:
        """Whether the statement speaks about this action on this resource in this context (principals aside)."""
        return (
            self._covers_action(action)
            and self._covers_resource(resource)
            and all(holds(operator, key, values, context) for operator, key, values in self.conditions)
        )

    def _covers_action(self, action: str) -> bool:
        if self.not_actions:
            return not any(like(pattern, action, ignore_case=True) for pattern in self.not_actions)
        return any(like(pattern, action, ignore_case=True) for pattern in self.actions)

    def _covers_resource(self, resource: str) -> bool:
        if self.not_resources:
            return not any(arn_like(pattern, resource) for pattern in self.not_resources)
        # A trust policy names no resource: it is about the role that carries it.
        return not self.resources or any(arn_like(pattern, resource) for pattern in self.resources)


@dataclass(frozen=True)
class Policy:
    """A named policy; ``arn`` is empty for an inline one."""

    name: str
    arn: str
    statements: tuple[Statement, ...]


def parse_policy(document: str | dict[str, Any], *, name: str = "", arn: str = "") -> Policy:
    """The policy of a JSON document. Raises PolicyNotUnderstood for what the evaluator cannot judge."""
    try:
        body = json.loads(document) if isinstance(document, str) else document
    except json.JSONDecodeError as error:
        raise PolicyNotUnderstood(f"The policy {name} is not JSON: {error}.") from error
    return Policy(name, arn, tuple(_statement(entry) for entry in _listed(body.get("Statement", []))))


def _statement(entry: dict[str, Any]) -> Statement:
    unknown = set(entry) - KNOWN_KEYS
    if unknown:
        raise PolicyNotUnderstood(f"The sandbox does not know the policy element {', '.join(sorted(unknown))}.")
    if entry.get("Effect") not in ("Allow", "Deny"):
        raise PolicyNotUnderstood(f"A statement's Effect is Allow or Deny, not {entry.get('Effect')!r}.")
    return Statement(
        effect=entry["Effect"],
        actions=_texts(entry.get("Action", [])),
        not_actions=_texts(entry.get("NotAction", [])),
        resources=_texts(entry.get("Resource", [])),
        not_resources=_texts(entry.get("NotResource", [])),
        conditions=_conditions(entry.get("Condition", {})),
        principals=_principals(entry.get("Principal", {})),
    )


def _conditions(block: dict[str, dict[str, Any]]) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    return tuple((operator, key, _texts(values)) for operator, keys in block.items() for key, values in keys.items())


def _principals(block: str | dict[str, Any]) -> tuple[tuple[str, str], ...]:
    if block == "*":
        return (("AWS", "*"),)
    if isinstance(block, str):
        raise PolicyNotUnderstood(f"The only bare Principal is *, not {block!r}.")
    return tuple((kind, value) for kind, values in block.items() for value in _texts(values))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _texts(value: Any) -> tuple[str, ...]:
    """One value or a list of them as texts; JSON booleans as IAM writes them."""
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in _listed(value))
