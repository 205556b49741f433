"""What goes wrong in the sandbox on purpose, by account and operation, from one request to the next.

A fault hits a share of the calls that it is set for. Which ones follows from its seed alone, so that a run can be
repeated call for call. Nothing of it is kept across a restart.
"""

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.sandbox.operations import SERVICES, Operation, names, pages
from portal.sandbox.seed import ACCOUNTS, HOME

ANY = "*"
KNOWN_ACCOUNTS = {HOME: "atrium", **ACCOUNTS}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault. seconds: the most that it may be given, 0 where it takes none; usual: what it gets unasked."""

    name: str
    label: str
    sentence: str
    seconds: float = 0.0
    usual: float = 0.0


KINDS = {
    kind.name: kind
    for kind in (
        Kind("throttling", "Throttling", "Refuses with the service's own error for too many calls."),
        Kind("server-error", "Server error", "Answers with a fault of AWS's own: HTTP 500."),
        Kind("timeout", "No answer", "Accepts the call, does nothing and never answers.", 120, 30),
        Kind("slow", "Slow answer", "Does what was asked, and answers late.", 60, 2),
        Kind("expired-token", "Expired token", "Says that the session of the caller is over."),
        Kind("access-denied", "Access denied", "Says that the caller may not do this."),
        Kind("half-pages", "Half pages", "Gives half of a list, and a token for the rest."),
        Kind("late-reads", "Late reads", "Shows what was written only after a while, as IAM does.", 60, 3),
    )
}


@dataclass(slots=True)
class Fault:
    """One fault that is set. calls: those that it was asked about; hits: those that it struck."""

    number: int
    account: str
    operation: str
    kind: str
    rate: float
    seconds: float
    seed: int
    calls: int = 0
    hits: int = 0
    _random: random.Random = field(default_factory=random.Random, repr=False)

    def __post_init__(self) -> None:
        self._random.seed(self.seed)

    def covers(self, account: str, operation: Operation) -> bool:
        """Whether it is set for this call: by the account of the caller's key, and by the operation."""
        return self.account in (ANY, account) and self.operation in (ANY, f"{operation.service}:*", str(operation))

    def strikes(self) -> bool:
        """Whether it hits this call; each call moves the seeded series on by one."""
        self.calls += 1
        hit = self._random.random() < self.rate
        self.hits += hit
        return hit

    def facts(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in Fault.__slots__ if not name.startswith("_")}


class Faults:
    """The faults that are set now. `cleared` is set, and then replaced, when some are taken away: who waits stops."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._set: list[Fault] = []
        self._next = 1
        self.cleared = threading.Event()

    @property
    def any(self) -> bool:
        return bool(self._set)

    def add(self, given: Mapping[str, Any]) -> Fault:
        """Set a fault. Raises ValueError with a sentence for what cannot be."""
        checked = _checked(given)
        with self._lock:
            fault = Fault(number=self._next, **checked)
            self._next += 1
            self._set.append(fault)
        return fault

    def clear(self, number: int | None = None) -> int:
        """Take one fault away, or all. Returns how many; calls that wait for an answer lose their connection now."""
        with self._lock:
            before = len(self._set)
            self._set = [fault for fault in self._set if number not in (None, fault.number)]
            self.cleared.set()
            self.cleared = threading.Event()
            return before - len(self._set)

    def facts(self) -> list[dict[str, Any]]:
        with self._lock:
            return [fault.facts() for fault in self._set]

    def striking(self, account: str, operation: Operation) -> list[Fault]:
        """The faults that hit this call, in the order in which they were set."""
        with self._lock:
            return [fault for fault in self._set if fault.covers(account, operation) and fault.strikes()]


def described() -> dict[str, Any]:
    """What can be chosen: kinds, accounts and services, for the page that sets faults."""
    kinds = [{name: getattr(kind, name) for name in Kind.__slots__} for kind in KINDS.values()]
    return {"kinds": kinds, "accounts": KNOWN_ACCOUNTS, "services": list(SERVICES)}


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(given) - {"account", "operation", "kind", "rate", "seconds", "seed"}
    if unknown:
        raise ValueError(f"A fault has no {', '.join(sorted(unknown))}.")
    kind = KINDS.get(str(given.get("kind", "")))
    if kind is None:
        raise ValueError(f"There is no such kind of fault; there are {', '.join(KINDS)}.")
    account, operation = str(given.get("account", ANY)), str(given.get("operation", ANY))
    if account != ANY and account not in KNOWN_ACCOUNTS:
        raise ValueError(f"The sandbox has no account {account}.")
    _check_operation(operation, kind)
    rate = _number(given.get("rate", 1), "rate", least=0, most=1)
    seconds = _number(given.get("seconds", kind.usual), "seconds", least=0, most=kind.seconds)
    seed = int(_number(given.get("seed", 1), "seed", least=0, most=2**31))
    return {
        "account": account, "operation": operation, "kind": kind.name, "rate": rate, "seconds": seconds, "seed": seed,
    }  # fmt: skip


def _check_operation(operation: str, kind: Kind) -> None:
    if operation == ANY:
        return
    service, _, name = operation.partition(":")
    if service not in SERVICES:
        raise ValueError(f"Write the operation as service:Name, with a service of {', '.join(SERVICES)}.")
    if name != ANY and name not in names(service):
        raise ValueError(f"AWS has no operation {name} in {service}.")
    if kind.name == "half-pages" and name != ANY and pages(Operation(service, name)) is None:
        raise ValueError(f"{operation} is not a list that AWS gives in pages.")
    if kind.name == "late-reads" and service == "s3":
        raise ValueError("S3 shows at once what was written: docs.aws.amazon.com/AmazonS3 says so since 2020.")


def _number(value: Any, name: str, *, least: float, most: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"The {name} must be a number.") from error
    if not least <= number <= most:
        raise ValueError(f"The {name} must be between {least:g} and {most:g}.")
    return number
