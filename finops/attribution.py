"""Whose usage it is: profile → request metadata → principal → rule on the account → nobody. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from finops.models import SpendDay, UsageHandle

Method = SpendDay.Method


class Owner(NamedTuple):
    """Who uses it: ids of the use case, its tenant and that tenant's line of business."""

    use_case: int
    tenant: int
    line_of_business: int


class Verdict(NamedTuple):
    """owner: None if nobody is known. conflict: the caller's own metadata names somebody else."""

    owner: Owner | None
    method: str
    conflict: bool


@dataclass(frozen=True)
class Period:
    """`owner` from `since` (inclusive) until `until` (exclusive, None = open)."""

    since: datetime
    until: datetime | None
    owner: Owner

    def holds(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


@dataclass
class Book:
    """Everything by which usage is recognised. handles: (kind, value) → periods; use_cases: uid as text → owner."""

    handles: dict[tuple[str, str], list[Period]] = field(default_factory=dict)
    use_cases: dict[str, Owner] = field(default_factory=dict)

    def find(self, kind: str, value: str, at: datetime) -> Owner | None:
        """The owner of usage that carries `value` at a moment."""
        periods = self.handles.get((kind, value), ())
        return next((period.owner for period in periods if period.holds(at)), None)

    def attribute(self, *, profile: str, metadata_use_case: str, principal: str, account: str, at: datetime) -> Verdict:
        """Who the usage of one dimension belongs to at a moment (an hour's beginning)."""
        claimed = self.use_cases.get(metadata_use_case)
        proven = self.find(UsageHandle.Kind.PROFILE, profile, at) if profile else None
        if proven:
            return Verdict(proven, Method.PROFILE, claimed is not None and claimed != proven)
        if claimed:
            return Verdict(claimed, Method.METADATA, False)
        if owner := self.find(UsageHandle.Kind.PRINCIPAL, principal, at) if principal else None:
            return Verdict(owner, Method.PRINCIPAL, False)
        if owner := self.find(UsageHandle.Kind.ACCOUNT, account, at):
            return Verdict(owner, Method.ACCOUNT, False)
        return Verdict(None, Method.NONE, False)

    def changes_between(self, start: datetime, end: datetime) -> set[datetime]:
        """Moments inside the period (exclusive) at which any handle begins or ends."""
        edges = {edge for periods in self.handles.values() for p in periods for edge in (p.since, p.until) if edge}
        return {edge for edge in edges if start < edge < end}
