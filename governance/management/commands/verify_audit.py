"""Prove that the audit trail is what was written: walks the chain and compares it with its anchors in the bucket."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.anchoring import NO_BUCKET
from governance.proving import Proof, verify


class Command(BaseCommand):
    help = (
        "Walks the chain over the audit trail and compares it with its anchors outside the database. "
        "Exit code 0 if it holds, 1 with the first break if it does not, or if the anchors could not be read."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        proof = verify()
        for line in _lines(proof):
            self.stdout.write(line)
        if not proof.holds:
            raise CommandError(f"The audit chain is broken. {proof.broken}")
        if proof.unread:
            raise CommandError(f"The chain holds by itself, but its anchors could not be read: {proof.unread}")
        self.stdout.write("The audit chain holds.")


def _lines(proof: Proof) -> list[str]:
    lines = [f"{proof.sealed} links hold; the head is {proof.head}."]
    if proof.unsealed:
        since = f", the oldest recorded {proof.oldest_unsealed:%F %T} UTC" if proof.oldest_unsealed else ""
        lines.append(f"{proof.unsealed} events are not sealed yet{since}.")
    lines += _outside(proof)
    return lines + [f"Warning: {warning}" for warning in proof.warnings if warning != NO_BUCKET]


def _outside(proof: Proof) -> list[str]:
    """What vouches for the chain outside the database, and for which part of it nothing does yet."""
    if not proof.place:
        return [f"Not anchored outside the database. {NO_BUCKET}"]
    if not proof.anchored_at:
        return [f"Not anchored outside the database yet: {proof.place} holds no anchor of this chain."]
    stored = f"{proof.anchored_at:%F %T} UTC"
    reach = f"Anchored up to link {proof.anchored} in {proof.place}, stored {stored}."
    return [reach, f"{proof.not_anchored} events after it are not anchored yet."] if proof.not_anchored else [reach]
