"""The adapters through which the approval engine sees what is approved; each kind registers one at start-up."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models

from governance.models import Approval, Tenant

Effect = Callable[[Any, Approval], None]


def no_evidence(_subject: Any) -> str | None:
    """For a kind whose facts say it all."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """How the engine handles subjects of one kind ("hub.access_request"). Every function takes the subject itself.

    digest: SHA-256 over the content that is decided on; another digest voids what was approved.
    facts: what the routing policy may ask about (governance.facts).
    headline: what it is, in a few words; url: its page.
    tenant: whose request it is, None for the whole company.
    evidence_url: a page fragment that the review page loads into its left column, or None.
    approved, rejected, changes_requested: called in the transaction of the decision; slow work goes through `enqueue`.
    afterwards: what Atrium does once it is approved, for the last line of the route; "" for nothing to tell.
    withdrawn: called when it ended without a decision: withdrawn, expired or void (`approval.state` says which).
    """

    kind: str
    model: type[models.Model]
    digest: Callable[[Any], str]
    facts: Callable[[Any], dict[str, Any]]
    headline: Callable[[Any], str]
    url: Callable[[Any], str]
    tenant: Callable[[Any], Tenant | None]
    approved: Effect
    rejected: Effect
    changes_requested: Effect
    withdrawn: Effect
    evidence_url: Callable[[Any], str | None] = no_evidence
    afterwards: str = ""

    @property
    def noun(self) -> str:
        """What it is, for people: "hub.access_request" → "access request"."""
        return noun(self.kind)

    def load(self, subject_id: int) -> Any:
        """The subject as it stands in the database now."""
        return self.model._base_manager.get(pk=subject_id)


def noun(kind: str) -> str:
    """A kind as people say it."""
    return kind.rpartition(".")[2].replace("_", " ")


_subjects: dict[str, Subject] = {}


def register(subject: Subject) -> None:
    """Make a kind known, from the `ready()` of the app that owns it."""
    if subject.kind in _subjects:
        raise ValueError(f"Two adapters handle {subject.kind}.")
    _subjects[subject.kind] = subject


def of_kind(kind: str) -> Subject:
    """The adapter of `kind`. Raises LookupError for a kind that nobody registered."""
    try:
        return _subjects[kind]
    except KeyError:
        raise LookupError(f"No adapter handles {kind}.") from None


def kinds() -> list[str]:
    """Every registered kind, sorted."""
    return sorted(_subjects)
