"""Prove that the audit trail is what was written: walks the chain and compares it with its anchors."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.sealing import Proof, verify


class Command(BaseCommand):
    help = "Walks the chain over the audit trail. Exit code 0 if it holds, 1 with the first break if it does not."

    def handle(self, *args: Any, **options: Any) -> None:
        proof = verify()
        for line in _lines(proof):
            self.stdout.write(line)
        if not proof.holds:
            raise CommandError(f"The audit chain is broken. {proof.broken}")
        self.stdout.write("The audit chain holds.")


def _lines(proof: Proof) -> list[str]:
    lines = [f"{proof.sealed} links hold; the head is {proof.head}."]
    if proof.unsealed:
        since = f", the oldest recorded {proof.oldest_unsealed:%F %T} UTC" if proof.oldest_unsealed else ""
        lines.append(f"{proof.unsealed} events are not sealed yet{since}.")
    lines.append(
        f"Anchored outside the database up to link {proof.anchored}."
        if proof.anchored
        else "Not anchored outside the database yet: who owns the database could write the whole chain again."
    )
    return lines + [f"Warning: {warning}" for warning in proof.warnings]
