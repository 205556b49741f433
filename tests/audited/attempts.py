"""One valid attempt for each route that changes something: who does it, on what, with which words."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.test import Client
from django.urls import reverse
from knox.models import get_digest_token

from governance import keys
from governance.actions import credentials, onboardings, people
from governance.models import Approval, Membership, Onboarding, PersonToken, ServiceKey, UseCase, User
from hub.actions import access_requests, model_reviews
from hub.models import AccessRequest, FoundationModel, Grant, ModelReview
from portal.aws import sandbox
from portal.jobs.models import Job, SyncRun
from portal.lib import clock
from tests.cast import use_case
from tests.governance.test_forms import ONBOARDING, USE_CASE
from tests.governance.test_tenants import ASKED
from tests.hub.access_world import World, offered

# What somebody may paste into any field, in the shapes that credentials have.
KEY_ID, SECRET_KEY = "AKIAQZ7PLANTED4XWJT3", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYPLANTEDKEY"
BEARER, PASSWORD = "Bearer ZmFrZS1wbGFudGVkLXRva2Vu", "password=correct-horse-planted"
PERSONAL_TOKEN, SERVICE_KEY = get_digest_token()[1], keys.new_key()
# What Atrium itself was started with: the settings of the tests, and those that the tests have no use for.
OWN = {
    "AUDIT_KEYS": ["own-audit-one", "own-audit-two"],
    "METRICS_TOKEN": "own-measures",
    "EMAIL_HOST_PASSWORD": "own-mail-word",
    "BROKER_URL": "amqp://atrium:own-broker-it@broker:5672//",
}
OWN_SECRETS = (
    settings.SECRET_KEY, settings.DATABASES["default"]["PASSWORD"], *OWN["AUDIT_KEYS"], OWN["METRICS_TOKEN"],
    OWN["EMAIL_HOST_PASSWORD"], "own-broker-it",
)  # fmt: skip
PLANTED = (KEY_ID, SECRET_KEY, BEARER.split()[1], PASSWORD.split("=")[1], PERSONAL_TOKEN, SERVICE_KEY, *OWN_SECRETS)
WORDS = " ".join(("It is needed:", KEY_ID, SECRET_KEY, BEARER, PASSWORD, PERSONAL_TOKEN, SERVICE_KEY, *OWN_SECRETS))
SHORT = f"{KEY_ID} {SECRET_KEY}"
# Some fields take 300 characters.
SHORT_WORDS = WORDS[:300]
HEADERS = {"Authorization": BEARER, "X-Amz-Security-Token": SECRET_KEY, "X-Api-Key": KEY_ID, "User-Agent": WORDS}
API = {"content_type": "application/json"}


@dataclass
class Attempt:
    """Somebody's request. arguments: of the route; data: of the form; method: "post" or "patch"."""

    by: User | None
    arguments: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    method: str = "post"
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Signing in is an event of its own, before the attempt."""
        self.client = Client(raise_request_exception=False)
        if self.by:
            self.client.force_login(self.by)

    def send(self, route: str) -> Any:
        """The answer, whatever it is; an error of the server is an answer too."""
        address = reverse(route, kwargs=self.arguments)
        # A person of the API signs in by session here: with a token of nobody they would not come that far.
        headers = {**HEADERS, "Authorization": ""} if self.options else HEADERS
        answer = getattr(self.client, self.method)(address, self.data, headers=headers, **self.options)
        if answer.streaming:
            b"".join(answer.streaming_content)
        return answer


def on(thing: Any, by: User, **data: Any) -> Attempt:
    return Attempt(by, {"uid": thing.uid}, data)


def approval(w: World) -> Approval:
    request = w.submitted(use_case=new_case(w))
    found = access_requests.approval_of(request)
    assert found
    return found


def draft(w: World) -> AccessRequest:
    return access_requests.start(by=w.cast.builder_retail)


def typed(w: World) -> dict[str, Any]:
    case = new_case(w)
    return {name: values[0] for name, values in w.answers(use_case=case, why=WORDS).typed().items()}


def submitted(w: World) -> AccessRequest:
    return AccessRequest.objects.get(pk=approval(w).subject_id)


def grant(w: World, **changes: Any) -> Grant:
    """Active by the database's word alone, and no job of it waits."""
    case = new_case(w)
    made, now = w.approved(use_case=case), clock.now()
    arn = "arn:aws:bedrock:eu-central-1:447100000212:application-inference-profile/abc"
    given = {"state": "active", "activated_at": now, "applied_at": now, "profile_arn": arn, "since": now}
    Grant.objects.filter(pk=made.pk).update(**(given | changes))
    Job.objects.filter(name="hub.reconcile", argument=made.pk).delete()
    return Grant.objects.get(pk=made.pk)


def onboarding(w: World) -> Onboarding:
    return onboardings.ask(**ASKED | {"name": f"Treasury {uuid4().hex[:6]}"}, by=w.cast.platform_person)


def proposable(w: World) -> FoundationModel:
    """A model that the account offers in one region."""
    made = model()
    offered(made, w.account)
    return made


def model(**changes: Any) -> FoundationModel:
    given = {"model_id": f"acme.{uuid4().hex[:8]}", "provider": "Acme", "name": "One", "output_modalities": ["TEXT"]}
    return FoundationModel.objects.create(**(given | changes))


PROPOSAL = {"data_classes": ["internal"], "regions": ["eu-central-1"], "rationale": WORDS}


def review(w: World) -> ModelReview:
    return model_reviews.draft(model=proposable(w), by=w.cast.builder_retail, **PROPOSAL)


def newcomer(w: World) -> User:
    return people.invite(email=f"{uuid4().hex[:8]}@meridian.example", name="Nora New", by=w.cast.platform_person)


def membership(w: World) -> Membership:
    user = newcomer(w)
    people.give_role(user, "legal", None, by=w.cast.platform_person)
    return Membership.objects.get(user=user)


def inactive(w: World) -> User:
    user = newcomer(w)
    people.deactivate(user, by=w.cast.platform_person)
    return user


def dead_job(w: World) -> Job:
    return Job.objects.create(name="governance.seal_audit", key=uuid4().hex, state="dead", error=WORDS)


def failed_sync(w: World) -> SyncRun:
    return SyncRun.objects.create(kind="audit", scope=uuid4().hex, state="failed", error=WORDS, job=dead_job(w))


def decision(w: World) -> Attempt:
    asked = approval(w)
    step = asked.steps.get(state="open")
    return on(asked, w.cast.owner_retail, step=step.pk, verdict="approve", reason=WORDS)


def new_case(w: World) -> UseCase:
    return use_case(w.cast.retail, w.cast.builder_retail, f"Case {uuid4().hex[:8]}")


def api(thing: Any, by: User, *, method: str = "post", **data: Any) -> Attempt:
    return Attempt(by, {"uid": thing.uid}, data, method, API)


def told(w: World) -> dict[str, Any]:
    """The answers of an access request as the API takes them."""
    return {
        "use_case": str(new_case(w).uid),
        "model": str(w.model.uid),
        "data_class": "confidential",
        "audience": "employees",
        "environment": "prod",
        "route": f"{w.account.number}|eu-central-1|{w.profile.profile_id}",
        "guardrail_version": f"{w.guardrail.guardrail.uid}:{w.guardrail.version}",
        "roles": [w.role_arn],
        "calls_per_day": 100,
        "input_tokens": 1900,
        "output_tokens": 240,
        "monthly_budget": "600.50",
        "months": 6,
        "why": WORDS,
    }


def api_draft(w: World) -> AccessRequest:
    """A complete draft, as the form keeps it."""
    made, answers = draft(w), w.answers(use_case=new_case(w))
    access_requests.save_draft(
        made, typed=answers.typed(), use_case=answers.use_case, model=w.model, by=w.cast.builder_retail
    )
    return made


API_CASE = USE_CASE | {"people": 120, "autonomy": 1, "purpose": WORDS}


def edited_use_case(w: World) -> Attempt:
    case = new_case(w)
    given = USE_CASE | {"name": f"Case {uuid4().hex[:8]}", "owner": w.cast.owner_retail.pk, "purpose": WORDS}
    return on(case, w.cast.builder_retail, **given)


def edited_account(w: World) -> Attempt:
    given = {"name": w.account.name, "environment": "prod", "regions": ["eu-central-1"]}
    return on(w.account, w.cast.platform_person, **given, role_arn=f"{w.account.role_arn[:-1]}{uuid4().hex[:4]}")


def new_account(w: World) -> Attempt:
    number = f"{uuid4().int % 10**12:012d}"
    given = {"number": number, "name": f"group-{number}", "environment": "nonprod", "regions": ["eu-central-1"]}
    return Attempt(w.cast.platform_person, data=given)


def rate(w: World) -> Attempt:
    given = {
        "model_id": model().model_id, "region": "", "scope": "", "tier": "standard", "band": "", "token_class": "input",
        "usd_per_million": "2.5", "since": "2026-11-20T09:00", "reason": SHORT,
    }  # fmt: skip
    return Attempt(w.cast.finops_person, data=given)


def stray(w: World) -> Attempt:
    given = {
        "kind": "principal",
        "value": f"arn:aws:iam::111122223333:role/{uuid4().hex[:6]}",
        "use_case": w.cast.call_summary.pk,
    }
    return Attempt(w.cast.finops_person, data=given | {"since": "2026-11-01"})


def fault_typed(w: World) -> dict[str, Any]:
    return {"kind": "slow", "account": w.account.number, "operation": "bedrock:ListGuardrails", "percent": "1",
            "seconds": "0.1", "seed": "1"}  # fmt: skip


def fault(w: World) -> int:
    """A fault that is set, by its number."""
    return sandbox.set_fault(
        account=w.account.number, operation="bedrock:ListGuardrails", kind="slow", rate=0.01, seconds=0.1, seed=1
    ).number


def fault_to_clear(w: World) -> Attempt:
    fault(w)
    return Attempt(w.cast.platform_person)


CREDENTIAL = {"scopes": ["use_cases:read"], "days": 30}


def typed_credential(kind: str, **more: Any) -> dict[str, Any]:
    given = CREDENTIAL | {"name": SHORT} | more
    return {f"{kind}-{name}": value for name, value in given.items()}


def token(w: World) -> PersonToken:
    return credentials.make_token(name="nightly", **CREDENTIAL, by=w.cast.builder_retail)[0]


def service(w: World) -> User:
    return credentials.make_service(name=f"Intake {uuid4().hex[:6]}", tenant=w.cast.retail, by=w.cast.owner_retail)


def key(w: World) -> ServiceKey:
    return credentials.make_key(service(w), name="nightly", **CREDENTIAL, by=w.cast.owner_retail)[0]


Make = Callable[[World], Attempt]
ATTEMPTS: dict[str, Make] = {
    "governance:review-decide": decision,
    "governance:review-comment": lambda w: on(approval(w), w.cast.builder_retail, text=WORDS),
    "governance:review-withdraw": lambda w: on(approval(w), w.cast.builder_retail),
    "governance:tenant-edit": lambda w: on(
        w.cast.insurance, w.cast.platform_person, name="Insurance", cost_centre=f"CC-{uuid4().hex[:6]}",
        data_classes=["internal"], regions=["eu-central-1"],
    ),
    "governance:onboarding-new": lambda w: Attempt(
        w.cast.platform_person, data=ONBOARDING | {"name": f"Treasury {uuid4().hex[:6]}", "purpose": WORDS}
    ),
    "governance:onboarding-edit": lambda w: on(onboarding(w), w.cast.platform_person, **ONBOARDING),
    "governance:onboarding-submit": lambda w: on(onboarding(w), w.cast.platform_person),
    "governance:use-case-new": lambda w: Attempt(
        w.cast.builder_retail,
        data=USE_CASE | {"tenant": w.cast.retail.pk, "name": f"Case {uuid4().hex[:8]}", "purpose": WORDS},
    ),
    "governance:use-case-edit": edited_use_case,
    "governance:use-case-stage": lambda w: on(
        new_case(w), w.cast.builder_retail, stage="pilot"
    ),
    "governance:audit-export": lambda w: Attempt(w.cast.auditor),
    "hub:model-status": lambda w: on(model(status="approved"), w.cast.security, to="blocked", reason=WORDS),
    "hub:review-new": lambda w: on(proposable(w), w.cast.builder_retail, **PROPOSAL),
    "hub:review-edit": lambda w: on(review(w), w.cast.builder_retail, **PROPOSAL | {"rationale": f"{WORDS} again"}),
    "hub:review-submit": lambda w: on(review(w), w.cast.builder_retail),
    "hub:review-withdraw": lambda w: on(review(w), w.cast.builder_retail),
    "hub:price-new": rate,
    "hub:price-load": lambda w: Attempt(w.cast.finops_person),
    "hub:account-new": new_account,
    "hub:account-edit": edited_account,
    "hub:account-test": lambda w: on(w.account, w.cast.platform_person),
    "hub:account-sync": lambda w: on(w.account, w.cast.platform_person),
    "access:request-submit": lambda w: on(draft(w), w.cast.builder_retail, **typed(w)),
    "access:request-withdraw": lambda w: on(submitted(w), w.cast.builder_retail),
    "access:request-comment": lambda w: on(submitted(w), w.cast.builder_retail, text=WORDS),
    "access:grant-freeze": lambda w: on(grant(w), w.cast.security, reason=WORDS),
    "access:grant-unfreeze": lambda w: on(grant(w, state="frozen", wanted="denial"), w.cast.security, reason=WORDS),
    "access:grant-revoke": lambda w: on(grant(w), w.cast.security, reason=WORDS),
    "access:grant-retry": lambda w: on(grant(w, state="provisioning_failed"), w.cast.platform_person),
    "costs:budget-new": lambda w: Attempt(
        w.cast.owner_retail, data={"tenant": w.cast.retail.pk, "amount": "60000", "thresholds": "80, 100"}
    ),
    "costs:assign": stray,
    "platform:person-invite": lambda w: Attempt(
        w.cast.platform_person, data={"email": f"{uuid4().hex[:8]}@meridian.example", "name": WORDS[:100]}
    ),
    "platform:person-invitation": lambda w: on(newcomer(w), w.cast.platform_person),
    "platform:role-give": lambda w: on(newcomer(w), w.cast.platform_person, role="legal"),
    "platform:role-take": lambda w: (lambda held: Attempt(
        w.cast.platform_person, {"uid": held.user.uid, "pk": held.pk}
    ))(membership(w)),
    "platform:person-deactivate": lambda w: on(newcomer(w), w.cast.platform_person),
    "platform:person-reactivate": lambda w: on(inactive(w), w.cast.platform_person),
    "platform:sync-run-now": lambda w: Attempt(w.cast.platform_person, data={"name": "governance.expire_approvals"}),
    "platform:sync-again": lambda w: Attempt(w.cast.platform_person, {"pk": failed_sync(w).pk}),
    "platform:sandbox-fault-list": lambda w: Attempt(w.cast.platform_person, data=fault_typed(w)),
    "platform:sandbox-fault-clear": lambda w: Attempt(w.cast.platform_person, {"number": fault(w)}),
    "platform:sandbox-fault-clear-all": fault_to_clear,
    "platform:job-retry": lambda w: on(dead_job(w), w.cast.platform_person),
    "governance:token-make": lambda w: Attempt(w.cast.builder_retail, data=typed_credential("token")),
    "governance:token-revoke": lambda w: on(token(w), w.cast.builder_retail),
    "governance:service-make": lambda w: Attempt(
        w.cast.owner_retail,
        data={"service-name": f"Intake {uuid4().hex[:6]}", "service-tenant": w.cast.retail.pk},
    ),
    "governance:key-make": lambda w: Attempt(
        w.cast.owner_retail, data=typed_credential("key", account=service(w).pk)
    ),
    "governance:key-revoke": lambda w: on(key(w), w.cast.owner_retail),
    "api-access-requests-list": lambda w: Attempt(
        w.cast.builder_retail, data=told(w) | {"submit": True}, options=API
    ),
    "api-access-requests-submit": lambda w: api(api_draft(w), w.cast.builder_retail),
    "api-access-requests-withdraw": lambda w: api(submitted(w), w.cast.builder_retail),
    "api-grants-freeze": lambda w: api(grant(w), w.cast.security, reason=SHORT_WORDS),
    "api-grants-unfreeze": lambda w: api(
        grant(w, state="frozen", wanted="denial"), w.cast.security, reason=SHORT_WORDS
    ),
    "api-grants-revoke": lambda w: api(grant(w), w.cast.security, reason=SHORT_WORDS),
    "api-grants-retry": lambda w: api(grant(w, state="provisioning_failed"), w.cast.platform_person),
    "api-budgets-list": lambda w: Attempt(
        w.cast.owner_retail, options=API,
        data={"tenant": str(w.cast.retail.uid), "amount": "60.50", "thresholds": [80, 50]},
    ),
    "api-approvals-decisions": lambda w: api(
        approval(w), w.cast.owner_retail, role="owner", verdict="approve", reason=WORDS
    ),
    "api-approvals-comments": lambda w: api(approval(w), w.cast.builder_retail, text=WORDS),
    "api-approvals-withdraw": lambda w: api(approval(w), w.cast.builder_retail),
    "api-tenants-detail": lambda w: api(
        w.cast.insurance, w.cast.platform_person, method="patch", cost_centre=f"CC-{uuid4().hex[:6]}"
    ),
    "api-use-cases-list": lambda w: Attempt(
        w.cast.builder_retail, data=API_CASE | {"tenant": str(w.cast.retail.uid), "name": f"Case {uuid4().hex[:8]}"},
        options=API,
    ),
    "api-use-cases-detail": lambda w: api(new_case(w), w.cast.builder_retail, method="patch", purpose=WORDS),
    "api-use-cases-stage": lambda w: api(new_case(w), w.cast.builder_retail, stage="pilot"),
}  # fmt: skip
