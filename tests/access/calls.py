"""For each address that names a thing or takes a form: which thing, and a form that would be taken."""

from collections.abc import Callable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any
from uuid import UUID

from governance.models import User
from tests.access.estate import Belongings, Estate
from tests.governance.test_forms import ONBOARDING, USE_CASE

ABSENT, ABSENT_NUMBER = UUID("0193aaaa-0000-7000-8000-00000000dead"), 99_999_999
CREDENTIAL = {"name": "nightly", "scopes": ["use_cases:read"], "days": 30}
PROPOSAL = {"data_classes": ["internal"], "regions": ["eu-central-1"], "rationale": "It is much better."}
Data = Callable[[Estate, Belongings], dict[str, Any]]


def nothing(_estate: Estate, _of: Belongings) -> dict[str, Any]:
    return {}


def typed(**given: Any) -> Data:
    """A form that is the same whatever it is about."""
    return lambda _estate, _of: given


@dataclass(frozen=True)
class Call:
    """thing: the row of the tenant, or (common) of the company, that the address names, "" for none. data: the form.

    names: where the row has what stands in the address: "pk", or "user.uid" for the `uid` of its user.
    idle: it may be taken and change nothing, as where there is nothing to mark as read.
    gone: what it names is never there, so that who may is told so; a test of its own tries what is there.
    given: what the address holds that names nothing.
    """

    thing: str = ""
    data: Data = nothing
    common: bool = False
    names: tuple[str, ...] = ("uid",)
    idle: bool = False
    gone: bool = False
    given: dict[str, Any] = field(default_factory=dict)

    def row(self, estate: Estate, of: Belongings) -> Any:
        return getattr(estate if self.common else of, self.thing)

    def arguments(self, estate: Estate, of: Belongings | None) -> dict[str, Any]:
        """What the address names; of=None: what never existed."""
        if not self.thing:
            return self.given
        found: dict[str, Any] = {}
        for path in self.names:
            name = path.rpartition(".")[2]
            absent = ABSENT if name == "uid" else ABSENT_NUMBER
            found[name] = absent if of is None else attrgetter(path)(self.row(estate, of))
        return found

    def asker(self, estate: Estate, of: Belongings) -> User | None:
        """Whose the thing is."""
        row = self.row(estate, of) if self.thing else None
        found = getattr(row, "requested_by", None) or getattr(row, "user", None)
        return found or (row.request.requested_by if row is not None and hasattr(row, "wanted") else None)


def own_case(_estate: Estate, of: Belongings) -> dict[str, Any]:
    return USE_CASE | {"tenant": of.tenant.pk, "name": "Another one"}


def edited_case(_estate: Estate, of: Belongings) -> dict[str, Any]:
    return USE_CASE | {"name": of.use_case.name, "owner": of.owner.pk}


def account_form(_estate: Estate, of: Belongings) -> dict[str, Any]:
    given = {"name": of.account.name, "environment": "prod", "tenant": of.tenant.pk, "regions": ["eu-central-1"]}
    return given | {"role_arn": f"arn:aws:iam::{of.account.number}:role/another"}


def renamed(_estate: Estate, of: Belongings) -> dict[str, Any]:
    """No narrower than it is: its teams use what it allows."""
    given = {"data_classes": of.tenant.data_classes, "regions": of.tenant.regions}
    return given | {"name": "Renamed", "cost_centre": "CC-9"}


def credential(kind: str, **more: Any) -> dict[str, Any]:
    return {f"{kind}-{name}": value for name, value in (CREDENTIAL | more).items()}


RATE = {
    "model_id": "acme.model-1", "region": "", "scope": "", "tier": "standard", "band": "", "token_class": "input",
    "usd_per_million": "2.5", "since": "2026-11-20T09:00", "reason": "contract 17",
}  # fmt: skip
FAULT = {"kind": "throttling", "account": "*", "operation": "*", "percent": 1, "seed": 1}
STRAY = {"kind": "principal", "value": "arn:aws:iam::111122223333:role/stray", "since": "2026-11-01"}
REASON = typed(reason="It is needed.")
TEXT = typed(text="It is needed.")

CALLS: dict[str, Call] = {
    "governance:review-detail": Call("approval"),
    "governance:review-decide": Call(
        "approval", lambda _e, of: {"step": of.step.pk, "verdict": "approve", "reason": "Good."}
    ),
    "governance:review-comment": Call("approval", TEXT),
    "governance:review-withdraw": Call("approval"),
    "governance:tenant-detail": Call("tenant"),
    "governance:tenant-edit": Call("tenant", renamed),
    "governance:onboarding-new": Call(data=typed(**ONBOARDING)),
    "governance:onboarding-detail": Call("onboarding"),
    "governance:onboarding-edit": Call("onboarding", typed(**ONBOARDING)),
    "governance:onboarding-submit": Call("onboarding"),
    "governance:onboarding-evidence": Call("onboarding"),
    "governance:use-case-new": Call(data=own_case),
    "governance:use-case-detail": Call("use_case"),
    "governance:use-case-edit": Call("use_case", edited_case),
    "governance:use-case-stage": Call("use_case", typed(stage="pilot")),
    "governance:token-make": Call(data=typed(**credential("token"))),
    "governance:token-revoke": Call("token"),
    "governance:service-make": Call(data=lambda _e, of: {"service-name": "Another", "service-tenant": of.tenant.pk}),
    "governance:key-make": Call(data=lambda _e, of: credential("key", account=of.service.pk)),
    "governance:key-revoke": Call("key"),
    "governance:notification-read": Call("notification", names=("pk",)),
    "platform:person-invite": Call(data=typed(email="nina@meridian.example", name="Nina")),
    "platform:person-detail": Call("newcomer", common=True),
    "platform:person-invitation": Call("newcomer", common=True),
    "platform:role-give": Call("newcomer", typed(role="legal"), common=True),
    "platform:role-take": Call("membership", common=True, names=("user.uid", "pk")),
    "platform:routing-policy-detail": Call("routing_policy", common=True, names=("version",)),
    "platform:sandbox-fault-clear": Call(given={"number": 4711}, gone=True),
    "platform:sandbox-fault-clear-all": Call(idle=True),
    "governance:notification-read-all": Call(idle=True),
    "platform:person-deactivate": Call("newcomer", common=True),
    "platform:person-reactivate": Call("inactive", common=True),
    "platform:sync-run-now": Call(data=typed(name="governance.expire_approvals")),
    "platform:sync-again": Call("sync", common=True, names=("pk",)),
    "platform:job-retry": Call("job", common=True),
    "platform:sandbox-fault-list": Call(data=typed(**FAULT)),
    "hub:model-detail": Call("model", common=True),
    "hub:model-status": Call("model", typed(to="blocked", reason="It leaks."), common=True),
    "hub:review-new": Call("model", typed(**PROPOSAL), common=True),
    "hub:review-detail": Call("review"),
    "hub:review-edit": Call("review", typed(**PROPOSAL)),
    "hub:review-submit": Call("review"),
    "hub:review-withdraw": Call("review"),
    "hub:review-evidence": Call("review"),
    "hub:price-new": Call(data=typed(**RATE)),
    "hub:guardrail-detail": Call("guardrail"),
    "hub:account-new": Call(data=typed(number="447100000777", name="new", environment="nonprod", regions="eu-west-1")),
    "hub:account-detail": Call("account"),
    "hub:account-edit": Call("account", account_form),
    "hub:account-test": Call("account"),
    "hub:account-sync": Call("account"),
    "access:request-detail": Call("request"),
    "access:request-edit": Call("draft"),
    "access:request-save": Call("draft", typed(why="For the agents.")),
    "access:request-submit": Call(
        "draft", lambda e, of: {k: v[0] for k, v in e.world.answers(use_case=of.use_case).typed().items()}
    ),
    "access:request-evidence": Call("request"),
    "access:request-withdraw": Call("request"),
    "access:request-clone": Call("request"),
    "access:request-comment": Call("request", TEXT),
    "access:use-case-panel": Call("use_case"),
    "access:grant-detail": Call("active"),
    "access:grant-freeze": Call("active", REASON),
    "access:grant-unfreeze": Call("frozen", REASON),
    "access:grant-revoke": Call("active", REASON),
    "access:grant-retry": Call("failed"),
    "costs:facts": Call("spend", names=("pk",)),
    "costs:budget-new": Call(data=lambda _e, of: {"tenant": of.tenant.pk, "amount": "60000", "thresholds": "80"}),
    "costs:budget-detail": Call("budget"),
    "costs:assign": Call(data=lambda _e, of: STRAY | {"use_case": of.use_case.pk}),
    "costs:use-case-panel": Call("use_case"),
    "costs:tenant-panel": Call("tenant"),
}

# Pages that need no sign-in; the link of a mail that nobody got.
OPEN_CALLS = {
    "account_reset_password_from_key": Call(given={"uidb36": "0", "key": "no-such-key"}),
    "api-nothing": Call(given={}),
}
