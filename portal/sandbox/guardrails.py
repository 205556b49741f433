"""Guardrails of one account and Region: a DRAFT and its immutable numbered versions.

Source: docs.aws.amazon.com/bedrock/latest/APIReference/API_GetGuardrail.html. Two exist in each Region that was seeded.
"""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from portal.sandbox.errors import NotFoundError, ValidationError

DRAFT = "DRAFT"
FIRST_VERSION_AT = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)
HARM = ("SEXUAL", "VIOLENCE", "HATE", "INSULTS", "MISCONDUCT")


@dataclass(frozen=True)
class Content:
    """What a version holds. ``strength`` is that of its filters; ``pii`` pairs kinds of personal data and actions."""

    description: str
    strength: str
    denied_topics: tuple[tuple[str, str], ...]
    pii: tuple[tuple[str, str], ...]
    grounding: float | None

    def policies(self) -> dict[str, Any]:
        filters = [{"type": kind, "inputStrength": self.strength, "outputStrength": self.strength} for kind in HARM]
        attack = {"type": "PROMPT_ATTACK", "inputStrength": self.strength, "outputStrength": "NONE"}
        policies: dict[str, Any] = {
            "topicPolicy": {"topics": [{"name": n, "definition": d, "type": "DENY"} for n, d in self.denied_topics]},
            "contentPolicy": {"filters": [*filters, attack]},
            "wordPolicy": {"words": [], "managedWordLists": [{"type": "PROFANITY"}]},
            "sensitiveInformationPolicy": {
                "piiEntities": [{"type": k, "action": a} for k, a in self.pii],
                "regexes": [],
            },
        }
        if self.grounding is not None:
            grounding = [
                {"type": "GROUNDING", "threshold": self.grounding},
                {"type": "RELEVANCE", "threshold": self.grounding},
            ]
            policies["contextualGroundingPolicy"] = {"filters": grounding}
        return policies


@dataclass
class Guardrail:
    """A guardrail; ``versions`` maps DRAFT and "1", "2", … to content and the time it was made."""

    id: str
    arn: str
    name: str
    versions: dict[str, tuple[Content, datetime]]
    tokens: dict[str, str] = field(default_factory=dict)

    def version(self, number: str) -> tuple[Content, datetime]:
        if number not in self.versions:
            raise NotFoundError(f"The guardrail {self.id} has no version {number}.")
        return self.versions[number]

    def summary(self, number: str) -> dict[str, Any]:
        """The shape GuardrailSummary."""
        content, made = self.version(number)
        facts = {"id": self.id, "arn": self.arn, "status": "READY", "name": self.name, "version": number}
        return facts | {"description": content.description, "createdAt": FIRST_VERSION_AT, "updatedAt": made}

    def details(self, number: str) -> dict[str, Any]:
        """The answer of GetGuardrail."""
        content, made = self.version(number)
        facts = {
            "guardrailId": self.id,
            "guardrailArn": self.arn,
            "status": "READY",
            "name": self.name,
            "version": number,
        }
        messages = {
            "blockedInputMessaging": "This request cannot be answered here.",
            "blockedOutputsMessaging": "The answer was withheld.",
        }
        dates = {"description": content.description, "createdAt": FIRST_VERSION_AT, "updatedAt": made}
        return facts | dates | messages | content.policies()

    def freeze_draft(self, description: str, token: str) -> str:
        """A new numbered version of the draft; a token that was used before gives the number made then."""
        if token and token in self.tokens:
            return self.tokens[token]
        content, _ = self.versions[DRAFT]
        number = str(len(self.versions))
        self.versions[number] = (replace(content, description=description or content.description), datetime.now(UTC))
        if token:
            self.tokens[token] = number
        return number


class Guardrails:
    def __init__(self) -> None:
        self.by_id: dict[str, Guardrail] = {}

    def find(self, identifier: str) -> Guardrail:
        """A guardrail by id or ARN."""
        for guardrail in self.by_id.values():
            if identifier in (guardrail.id, guardrail.arn):
                return guardrail
        raise NotFoundError(f"The guardrail {identifier} was not found.")

    def list_summaries(self, identifier: str | None) -> list[dict[str, Any]]:
        """The drafts of all guardrails, or every version of the one that is named."""
        if identifier:
            guardrail = self.find(identifier)
            return [guardrail.summary(number) for number in guardrail.versions]
        return [guardrail.summary(DRAFT) for guardrail in self.by_id.values()]

    def for_invocation(self, identifier: str, number: str) -> Guardrail:
        """The guardrail that a call names. Raises ValidationError if it or its version is not there."""
        try:
            guardrail = self.find(identifier)
            guardrail.version(number)
        except NotFoundError as error:
            raise ValidationError(
                "The guardrail identifier or version provided in the request does not exist."
            ) from error
        return guardrail

    def seed(self, region: str, account: str) -> None:
        """The two guardrails of a seeded Region, with ids that depend on account, Region and name alone."""
        for name, (content, count) in SEEDED.items():
            digest = hashlib.sha256(f"{account}/{region}/{name}".encode()).hexdigest()[:12]
            arn = f"arn:aws:bedrock:{region}:{account}:guardrail/{digest}"
            self.by_id[digest] = Guardrail(digest, arn, name, _history(content, count))


def _history(content: Content, count: int) -> dict[str, tuple[Content, datetime]]:
    """``count`` versions, three weeks apart: the first ones with weaker filters, the last as the draft is."""
    versions = {DRAFT: (content, FIRST_VERSION_AT + timedelta(weeks=3 * count))}
    for number in range(1, count + 1):
        strength = content.strength if number > count // 2 else "MEDIUM"
        versions[str(number)] = (replace(content, strength=strength), FIRST_VERSION_AT + timedelta(weeks=3 * number))
    return versions


SEEDED = {
    "customer-facing": (
        Content(
            description="For answers that customers read: strict filters, no personal data, no advice on investments.",
            strength="HIGH",
            denied_topics=(("investment-advice", "Recommending a financial product or a trade to a named person."),),
            pii=(
                ("EMAIL", "ANONYMIZE"),
                ("PHONE", "ANONYMIZE"),
                ("CREDIT_DEBIT_CARD_NUMBER", "BLOCK"),
                ("IP_ADDRESS", "ANONYMIZE"),
            ),
            grounding=0.75,
        ),
        7,
    ),
    "internal-assistant": (
        Content(
            description="For colleagues' assistants: harm filters and card numbers.",
            strength="MEDIUM",
            denied_topics=(("legal-advice", "Giving a binding legal opinion in place of the legal department."),),
            pii=(("CREDIT_DEBIT_CARD_NUMBER", "BLOCK"), ("PASSWORD", "BLOCK")),
            grounding=None,
        ),
        4,
    ),
}
