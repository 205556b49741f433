"""Audit events in words: the sentence of each, and the verbs as choices of a filter."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from governance.models import AuditEvent
from governance.roles import ROLES
from governance.vocabulary import Verb
from portal.lib.numbers import usd_exact

Details = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sentence:
    """The words of an event around the name of its subject, which a page may make a link."""

    before: str
    name: str
    after: str

    def __str__(self) -> str:
        return f"{self.before}{self.name}{self.after}"


def of_event(event: AuditEvent) -> Sentence:
    """The event in words, without its time: "Ana (ana@…) gave a role to Ben: Security."."""
    if event.verb == Verb.SIGNED_IN:
        return Sentence("", event.actor_name, " signed in.")
    if event.verb in _OWN:
        return Sentence("", event.actor_name, f" {_CHOICES[Verb(event.verb)]}{_fault(event.details)}.")
    actor = "Somebody" if event.verb == Verb.SIGN_IN_FAILED else event.actor_name
    phrase = _PHRASES.get(event.verb, _nothing)(event.details) or Verb(event.verb).label
    tail = _TAILS.get(event.verb, _because)(event.details) + _approval(event.details)
    return Sentence(f"{actor} {phrase} ", event.subject_name or "nobody known", f"{tail}.")


def choices() -> list[tuple[str, Any]]:
    """The verbs as choices of a filter, grouped by what they are about."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for verb in Verb:
        area, thing = AREAS[verb.value.partition(".")[0]]
        groups.setdefault(area, []).append((verb.value, _CHOICES.get(verb) or _with(verb.label, thing)))
    return [("", "Everything"), *groups.items()]


def _with(label: str, thing: str) -> str:
    """The verb with what it is done to: "tested the connection to" + "an account"; "changed the account" has it."""
    return label if label.endswith(f" {thing.rpartition(' ')[2]}") else f"{label} {thing}"


def _nothing(_details: Details) -> str:
    return ""


def _because(details: Details) -> str:
    reason = details.get("reason") or details.get("because") or details.get("error") or ""
    return f": {reason.rstrip('.')}" if reason else ""


def _approval(details: Details) -> str:
    """On whose word Atrium did it."""
    people = details.get("approved_by") or []
    return f", as {details.get('asked_by', 'somebody')} asked and {_list(people)} approved" if people else ""


def _role(details: Details) -> str:
    role = ROLES.get(details.get("role", ""))
    return f": {role.label}" if role else ""


def _credential(details: Details) -> str:
    whose = details.get("service") or details.get("person")
    scopes = f" for {', '.join(details['scopes'])} until {details.get('until')}" if details.get("scopes") else ""
    return (f" of {whose}" if whose else "") + scopes


def _step(details: Details) -> str:
    role = ROLES.get(details.get("role", ""))
    return (f" as {role.label}" if role else "") + _because(details)


def _changed(details: Details) -> str:
    changed = details.get("changed") or {}
    if isinstance(changed, list):
        return f": {', '.join(_words(name) for name in changed)}" if changed else ""
    changes = [f"{_words(name)} from {_value(old)} to {_value(new)}" for name, (old, new) in changed.items()]
    return f": {'; '.join(changes)}" if changes else ""


def _status(details: Details) -> str:
    if not details.get("after"):
        return _because(details)
    return f" from {_words(details.get('before') or 'nothing')} to {_words(details['after'])}{_because(details)}"


def _data_class(details: Details) -> str:
    return f" for {details['data_class']} data" if details.get("data_class") else ""


def _budget(details: Details) -> str:
    if "usd" not in details:
        return ""
    before = f", before it was {_usd(details['before_usd'])}" if details.get("before_usd") else ""
    return f" to {_usd(details['usd'])} a month{before}"


def _crossed(details: Details) -> str:
    return f": {details['percent']} %, {_usd(details.get('spent_usd'))} spent" if "percent" in details else ""


def _usage(details: Details) -> str:
    return f" to {details['use_case']}" if details.get("use_case") else ""


def _corrected(details: Details) -> str:
    if "before_use_case" not in details:
        return ""
    after, before = (
        _owned(details["use_case"], details["since"]),
        _owned(details["before_use_case"], details["before_since"]),
    )
    return f" to {after}, before it was {before}"


def _owned(use_case: str, since: str) -> str:
    return f"{use_case} since {datetime.fromisoformat(since):%-d %B %Y}"


def _probed(details: Details) -> str:
    if "calls" not in details:
        return ""
    return f": {details['calls']} calls, {'each' if details.get('proved') else 'not each'} answered as it must be"


def _outcome(details: Details) -> str:
    return f": {_words(details['state'])}" if details.get("state") else ""


_HOW = {"created": "made", "updated": "changed", "found": "found"}


def _made(details: Details) -> str:
    verb = _HOW.get(details.get("how", ""), "made")
    return f"{verb} the {_artefact(details)} in AWS for" if details.get("artefact") else ""


def _again(deed: str) -> Callable[[Details], str]:
    """What Atrium goes on with after an attempt that stopped; the verb's own words where it begins."""
    return lambda details: f"went on to {deed}" if details.get("again") else ""


def _removed(details: Details) -> str:
    return f"removed the {_artefact(details)} from AWS for" if details.get("artefact") else ""


def _drifted(details: Details) -> str:
    return f": the {_artefact(details)} is not as it was made" if details.get("artefact") else ""


def _fault(details: Details) -> str:
    if "kind" not in details:
        return ""
    what = "everything" if details["operation"] == "*" else details["operation"]
    where = "every account" if details["account"] == "*" else f"account {details['account']}"
    return f": {details['kind'].replace('-', ' ')} of {what} in {where}"


def _artefact(details: Details) -> str:
    """The kind and name of a thing in AWS: "IAM policy atrium-call-summary"."""
    return f"{_words(details['artefact'])} {details.get('name', '')}".strip()


_SHORT = {"iam": "IAM", "aws": "AWS", "kpi": "KPI"}


def _words(name: str) -> str:
    return " ".join(_SHORT.get(word, word) for word in name.split("_"))


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    return "nothing" if value in (None, "") else str(value)


def _usd(amount: Any) -> str:
    try:
        return usd_exact(Decimal(str(amount)))
    except InvalidOperation:
        return _value(amount)


def _list(people: list[str]) -> str:
    return people[0] if len(people) == 1 else f"{', '.join(people[:-1])} and {people[-1]}"


# Where details stand in the middle of the sentence, in place of the verb's own words.
_PHRASES: dict[str, Callable[[Details], str]] = {
    Verb.GRANT_APPLIED: _made,
    Verb.GRANT_REMOVED: _removed,
    Verb.GRANT_PROVISIONING: _again("provision"),
    Verb.GRANT_FREEZING: _again("freeze"),
    Verb.GRANT_REVOKING: _again("revoke"),
}

_TAILS: dict[str, Callable[[Details], str]] = {
    Verb.ROLE_GIVEN: _role,
    Verb.ROLE_TAKEN: _role,
    Verb.STEP_OPENED: _role,
    Verb.TOKEN_MADE: _credential,
    Verb.TOKEN_REVOKED: _credential,
    Verb.KEY_MADE: _credential,
    Verb.KEY_REVOKED: _credential,
    Verb.APPROVED_STEP: _step,
    Verb.REJECTED: _step,
    Verb.CHANGES_REQUESTED: _step,
    Verb.TENANT_CHANGED: _changed,
    Verb.TENANT_ONBOARDING_ASKED: _changed,
    Verb.USE_CASE_CHANGED: _changed,
    Verb.MODEL_STATUS_CHANGED: _status,
    Verb.CLEARANCE_GIVEN: _data_class,
    Verb.CLEARANCE_ENDED: _data_class,
    Verb.BUDGET_SET: _budget,
    Verb.BUDGET_CROSSED: _crossed,
    Verb.USAGE_ATTRIBUTED: _usage,
    Verb.USAGE_CORRECTED: _corrected,
    Verb.GRANT_PROBED: _probed,
    Verb.GRANT_DRIFTED: _drifted,
    Verb.ACCESS_DECIDED: _outcome,
    Verb.ACCOUNT_TESTED: _outcome,
}

# By the first word of a verb's value: the group of the filter, and what the verb is done to.
AREAS = {
    "person": ("People and roles", "a person"),
    "role": ("People and roles", "somebody"),
    "action": ("People and roles", "something"),
    "token": ("Tokens and keys", "a token"),
    "service": ("Tokens and keys", "a service account"),
    "key": ("Tokens and keys", "a key"),
    "audit": ("Platform", "the audit trail"),
    "tenant": ("Tenants and use cases", "a tenant"),
    "use_case": ("Tenants and use cases", "a use case"),
    "routing_policy": ("Approvals", "a routing policy"),
    "approval": ("Approvals", "a request"),
    "access": ("Access", "a request"),
    "grant": ("Access", "a grant"),
    "model": ("Models and prices", "a model"),
    "model_review": ("Models and prices", "a review"),
    "clearance": ("Models and prices", "a model"),
    "price": ("Models and prices", "a price"),
    "budget": ("Costs", "a budget"),
    "usage": ("Costs", "a caller"),
    "aws_account": ("Platform", "an account"),
    "job": ("Platform", "a job"),
    "sandbox": ("Platform", "the sandbox"),
}

_CHOICES = {
    Verb.SIGNED_IN: "signed in",
    Verb.SANDBOX_FAULT_SET: "set a fault of the sandbox",
    Verb.SANDBOX_FAULTS_CLEARED: "took faults of the sandbox away",
    Verb.SIGN_IN_FAILED: "failed to sign in",
    Verb.ACTION_REFUSED: "was refused",
    Verb.TENANT_ONBOARDING_ASKED: "drafted the onboarding of a tenant",
    Verb.APPROVAL_RESUBMITTED: "submitted a request again",
    Verb.APPROVAL_EXPIRED: "let a request expire",
    Verb.BUDGET_CROSSED: "saw a budget's threshold crossed",
    Verb.MODEL_REVIEW_DRAFTED: "drafted a review",
    Verb.MODEL_REVIEW_WITHDRAWN: "took back the draft of a review",
    Verb.PRICES_LOADED: "loaded list prices",
    Verb.ACCESS_REQUESTED: "asked for access",
    Verb.GRANT_APPLIED: "made something in AWS for a grant",
    Verb.GRANT_REMOVED: "removed something from AWS for a grant",
    Verb.GRANT_CREATED: "granted access",
    Verb.GRANT_RETRIED: "asked to try a grant again",
}

# What has no subject but its actor.
_OWN = {Verb.SANDBOX_FAULT_SET, Verb.SANDBOX_FAULTS_CLEARED}
