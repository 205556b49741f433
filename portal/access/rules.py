"""The words in which the tables of access speak."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from governance.roles import ROLES, Permission


class Reach(StrEnum):
    """Where a permission must be held. The tenant of a thing is also reached from its line of business."""

    TENANT = "in its tenant"
    COMPANY = "for the whole company"
    SOMEWHERE = "anywhere"


@dataclass(frozen=True, slots=True)
class Who:
    """Holders of a permission within a reach, or of a role in its tenant, or who asked for it; also: or these."""

    permission: Permission | None = None
    reach: Reach = Reach.TENANT
    role: str = ""
    asker: bool = False
    also: tuple["Who", ...] = ()

    def __or__(self, other: "Who") -> "Who":
        return Who(also=(*(self.also or (self,)), *(other.also or (other,))))

    @property
    def words(self) -> str:
        """Who that is, for people."""
        if self.also:
            return ", or ".join(one.words for one in self.also)
        if self.asker:
            return "who asked for it"
        if self.role:
            return f"whom the open step asks (here the {self.role} of its tenant)"
        return f"`{self.permission}` {self.reach}" if self.permission else "everybody who signed in"


def within(permission: Permission) -> Who:
    """Who has it in the tenant of the thing, or company-wide."""
    return Who(permission)


def company(permission: Permission) -> Who:
    return Who(permission, Reach.COMPANY)


def somewhere(permission: Permission) -> Who:
    return Who(permission, Reach.SOMEWHERE)


EVERYBODY = Who()
ASKER = Who(asker=True)
# What waits in the tests of the table is the first step of an access request, which asks the owner.
DECIDER = Who(role="owner")


class Kind(StrEnum):
    """What an address takes."""

    OPEN = "open"  # everybody, also who has not signed in
    PAGE = "page"  # reads alone
    FORM = "form"  # shows a form and takes it
    VERB = "verb"  # is posted to; read, it leads back to its page
    POST = "post"  # is posted to and nothing else
    STAFF = "staff"  # the reference data pages, which show and never change
    OPERATION = "operation"  # one method of the API


@dataclass(frozen=True, slots=True)
class Rule:
    """The policy of one address, asked in this order.

    door: else refused with 403; where the address names a single thing, that is not there, 404.
    sees: else the thing is not there, 404. may: else refused with 403; sends: the same for what is sent alone.
    offered: else the thing that a form or body names is not among its choices.
    scope: what a credential of the API needs besides, asked before all others.
    """

    kind: Kind
    door: Who = EVERYBODY
    sees: Who = EVERYBODY
    may: Who = EVERYBODY
    sends: Who = EVERYBODY
    offered: Who = EVERYBODY
    scope: str = ""


def passes(who: Who, role: str, here: bool | None, asked: bool = False) -> bool:
    """Whether somebody is among `who`. role: "" for none; here: whether a role of a tenant reaches the thing's.

    here=None: the address names no thing. asked: whether they asked for the thing.
    """
    if who.also:
        return any(passes(one, role, here, asked) for one in who.also)
    if who.asker:
        return asked
    if who == EVERYBODY:
        return True
    return bool(role) and _holds(who, role, here)


def _holds(who: Who, role: str, here: bool | None) -> bool:
    spec = ROLES[role]
    whole = spec.attaches == "company"
    reached = {Reach.SOMEWHERE: True, Reach.COMPANY: whole, Reach.TENANT: whole or bool(here)}[who.reach]
    held = who.role == role if who.role else who.permission in spec.permissions
    return held and reached


def _made(kind: Kind) -> Callable[..., Rule]:
    def make(**asked: Who) -> Rule:
        return Rule(kind, **asked)  # type: ignore[arg-type]

    return make


open_page, page, form, verb, post, staff = (_made(kind) for kind in list(Kind)[:-1])


def operation(scope: str, **asked: Who) -> Rule:
    """One method of the API, with the scope that a credential needs."""
    return Rule(Kind.OPERATION, scope=scope, **asked)
