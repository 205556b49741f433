"""Each field of a query, a form or a body that names a thing by its id, and the forms that have such fields."""

from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from tests.access.calls import ABSENT, ABSENT_NUMBER, CALLS, Call, Data, nothing, typed
from tests.access.calls_api import call_of
from tests.access.estate import Belongings, Estate

NOWHERE = "447199999999"  # an account that Atrium does not know
# By what a thing is named → that of a thing that never was.
NEVER: dict[str, Any] = {
    "pk": ABSENT_NUMBER,
    "uid": str(ABSENT),
    "name": "Nothing of this name",
    "number": NOWHERE,
    "route": f"{NOWHERE}|eu-central-1|",
    "pin": f"{ABSENT}:1",
    "role": f"arn:aws:iam::{NOWHERE}:role/caller",
    "model_id": "acme.nothing",
}


@dataclass(frozen=True)
class Choice:
    """where: the route of a page, or an operation of the API; named: where the id stands, from what is somebody's.

    alone: only people of the whole company may name anything there, and for them nothing is others'.
    common: it names what is nobody's, open to whoever has a role.
    draft: what was typed stays in one's own draft, or makes one that is taken back, whatever it names.
    """

    where: str
    method: str
    field: str
    named: str
    alone: bool = False
    draft: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.where.rpartition(' ')[2]} {self.field}"

    @property
    def common(self) -> bool:
        return self.named.startswith("model.")

    @property
    def of_api(self) -> bool:
        return " " in self.where

    @property
    def live(self) -> bool:
        """Whether htmx sends it, to be shown what it thinks of the answers."""
        return self.where == "access:request-save"

    @property
    def call(self) -> Call:
        return call_of(self.where) if self.of_api else CALLS.get(self.where, Call())

    @property
    def data(self) -> Data:
        """The rest of the query, form or body."""
        return WHOLE.get(self.where, nothing if self.method == "GET" else self.call.data)

    def value(self, estate: Estate, of: Belongings | None) -> str:
        """What stands in the field; of=None: what names nothing."""
        if of is None:
            return str(NEVER[self.named.rpartition(".")[2]])
        return str(attrgetter(self.named)(estate if self.common else of))

    def filled(self, estate: Estate, value: str) -> dict[str, Any]:
        """The query, form or body of somebody's own, in which this field alone has another value."""
        several = self.of_api and self.field == "roles"
        return self.data(estate, estate.own) | {self.field: [value] if several else value}


def answers(_estate: Estate, of: Belongings) -> dict[str, Any]:
    """All answers of an access request, as the page sends them."""
    return {name: values[0] for name, values in of.answers.typed().items()}


def answers_of_api(estate: Estate, of: Belongings) -> dict[str, Any]:
    """The same as a body."""
    return answers(estate, of) | {"guardrail_version": of.pin, "roles": [of.role]}


# What else must be said for the field to be looked at.
WHOLE: dict[str, Data] = {
    "access:index": typed(show="all"),
    "access:request-save": answers,
    "access:request-submit": answers,
    "POST /api/v1/access-requests/": lambda estate, of: answers_of_api(estate, of) | {"submit": True},
    "PATCH /api/v1/access-requests/{uid}/": answers_of_api,
}


def each(where: str, fields: dict[str, str], **marks: bool) -> Iterator[Choice]:
    """where: "GET costs:rows", or an operation of the API below /api/v1/."""
    method, rest = where.split()
    full = rest if ":" in rest or rest == "search" else f"{method} /api/v1/{rest}"
    for field, named in fields.items():
        yield Choice(full, method, field, named, **marks)


TENANT, USE_CASE = {"tenant": "tenant.uid"}, {"use_case": "use_case.uid"}
TENANT_PK = {"tenant": "tenant.pk"}
SPEND = {**TENANT, "line_of_business": "tenant.uid", **USE_CASE, "account": "account.number", "model": "spend.model_id"}
NAMED = {"words": "use_case.name"}
MODEL = {"model": "model.uid"}
REQUEST = {**USE_CASE, **MODEL, "route": "route", "roles": "role"}
CHOICES: list[Choice] = [
    # Queries of pages.
    *each("GET governance:use-case-list", NAMED),
    *each("GET governance:use-case-new", TENANT_PK),
    *each("GET governance:onboarding-reach", {"parent": "tenant.pk"}, alone=True),
    *each("GET governance:audit-list", {**TENANT_PK, "subject": "use_case.uid"}, alone=True),
    *each("GET governance:audit-export", {**TENANT_PK, "subject": "use_case.uid"}, alone=True),
    *each("GET access:index", {"q": "use_case.name"}),
    *each("GET access:request-new", {**USE_CASE, **MODEL}),
    *each("GET access:grant-list", {"q": "use_case.name"}),
    *each("GET costs:budget-new", {**TENANT_PK, "use_case": "use_case.pk"}),
    *each("GET costs:rows", SPEND),
    *each("GET search", {"q": "use_case.name"}),
    # Forms.
    *each("POST governance:use-case-new", TENANT_PK),
    *each("POST governance:use-case-edit", {"owner": "builder.pk"}),
    *each("POST governance:review-decide", {"step": "step.pk"}),
    *each("POST governance:onboarding-new", {"parent": "tenant.pk"}, alone=True),
    *each("POST governance:onboarding-edit", {"parent": "tenant.pk"}, alone=True),
    *each("POST governance:service-make", {"service-tenant": "tenant.pk"}),
    *each("POST governance:key-make", {"key-account": "service.pk"}),
    *each("POST platform:person-invite", TENANT_PK, alone=True),
    *each("POST platform:role-give", TENANT_PK, alone=True),
    *each("POST hub:account-new", TENANT_PK, alone=True),
    *each("POST hub:account-edit", TENANT_PK, alone=True),
    *each("POST access:request-save", {**REQUEST, "guardrail_version": "pinned.pk"}, draft=True),
    *each("POST access:request-submit", {**REQUEST, "guardrail_version": "pinned.pk"}, draft=True),
    *each("POST costs:budget-new", {**TENANT_PK, "use_case": "use_case.pk"}),
    *each("POST costs:assign", {"use_case": "use_case.pk"}, alone=True),
    # Queries of the API.
    *each("GET approvals/", TENANT),
    *each("GET audit/", {**TENANT, "subject": "use_case.uid"}, alone=True),
    *each("GET models/", {"words": "model.name"}),
    *each("GET tenants/", {"parent": "tenant.uid", "words": "tenant.name"}),
    *each("GET use-cases/", {**TENANT, **NAMED}),
    *each("GET access-requests/", {**TENANT, **USE_CASE, **NAMED, **MODEL}),
    *each("GET grants/", {**TENANT, **USE_CASE, **NAMED, **MODEL}),
    *each("GET usage/", SPEND),
    *each("GET budgets/", {**TENANT, **USE_CASE}),
    # Bodies of the API.
    *each("POST use-cases/", {**TENANT, "owner": "builder.uid"}),
    *each("PATCH use-cases/{uid}/", {"owner": "builder.uid"}),
    *each("POST access-requests/", {**REQUEST, "guardrail_version": "pin"}, draft=True),
    *each("PATCH access-requests/{uid}/", {**REQUEST, "guardrail_version": "pin"}, draft=True),
    *each("POST budgets/", {**TENANT, **USE_CASE}),
]  # fmt: skip

# The forms of pages in which things are chosen, and the addresses that take them.
FORMS: dict[str, tuple[str, ...]] = {
    "AccessRequestForm": ("access:request-save", "access:request-submit"),
    "AccountForm": ("hub:account-new", "hub:account-edit"),
    "AssignForm": ("costs:assign",),
    "AuditForm": ("governance:audit-list", "governance:audit-export"),
    "BudgetForm": ("costs:budget-new",),
    "DecisionForm": ("governance:review-decide",),
    "InvitationForm": ("platform:person-invite",),
    "KeyForm": ("governance:key-make",),
    "OnboardingForm": ("governance:onboarding-new", "governance:onboarding-edit"),
    "RoleForm": ("platform:role-give",),
    "ServiceForm": ("governance:service-make",),
    "UseCaseForm": ("governance:use-case-new", "governance:use-case-edit"),
}
