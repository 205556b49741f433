"""What the people of a generated company work with: models that were cleared, access that was asked for and granted,
decisions that wait, and the trail of it all. Rows as the product's actions leave them, made in bulk.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from governance.models import RoutingPolicy, UseCase, User
    from hub.models import AccessRequest, AwsAccount, FoundationModel

MODELS, WAITING, EVENTS = 40, 100, 100_000
REGION, DIGEST = "eu-central-1", "0" * 64
REVIEWERS = ("security", "legal", "responsible_ai")
TRAIL = """
    INSERT INTO governance_auditevent (uid, verb, happened_at, recorded_at, actor_id, actor_name, subject_kind,
        subject_uid, subject_name, tenant_id, details, request_id, demo)
    SELECT gen_random_uuid(), (ARRAY['grant.applied', 'approval.step_approved', 'tenant.changed', 'person.signed_in'])
            [1 + n %% 4],
        now() - n * interval '70 seconds', now(), NULL, 'Atrium', 'hub.grant', gen_random_uuid()::text,
        'Model for case ' || n %% 500, t.id, '{}', gen_random_uuid()::text, false
    FROM generate_series(1, %(events)s) n
    JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS nth, count(*) OVER () AS all FROM governance_tenant) t
        ON t.nth = n %% t.all
"""


def found(asker: "User") -> None:
    """A grant for each use case, WAITING decisions of every reviewing role, and EVENTS events of the trail."""
    from django.db import connection

    from governance.actions import routing_policies
    from governance.default_policy import RULES
    from governance.models import UseCase

    policy = routing_policies.activate(rules=RULES, proposed_by=_engineer(1), by=_engineer(2))
    cases = UseCase.objects.select_related("tenant")
    account, models = _account(), _models()
    _offer(account, models)
    requests = _requests(cases, asker, account, models)
    _grants(requests)
    _approvals(requests, asker, policy)
    with connection.cursor() as cursor:
        cursor.execute(TRAIL, {"events": EVENTS})


def _engineer(number: int) -> "User":
    from governance.models import Membership, User

    user = User.objects.create_user(f"engineer-{number}@bench.example", name=f"Engineer {number}")
    Membership.objects.create(user=user, role="platform")
    return user


def _account() -> "AwsAccount":
    from hub.models import AccountRegion, AwsAccount

    account = AwsAccount.objects.create(
        number="447100000212", name="Production", role_arn="arn:aws:iam::447100000212:role/atrium-control",
        external_id="of-the-bench", regions=[REGION], state=AwsAccount.State.CONNECTED,
    )  # fmt: skip
    AccountRegion.objects.create(account=account, region=REGION, logging_on=True, logging_bucket="logs")
    return account


def _models() -> "list[FoundationModel]":
    from hub.models import FoundationModel

    return FoundationModel.objects.bulk_create(
        FoundationModel(
            model_id=f"provider.model-{number}", provider=f"Provider {number % 8}", name=f"Model {number}",
            status=FoundationModel.Status.APPROVED,
        )
        for number in range(MODELS)
    )  # fmt: skip


def _offer(account: "AwsAccount", models: "Sequence[FoundationModel]") -> None:
    from hub.models import ModelOffer

    ModelOffer.objects.bulk_create(
        ModelOffer(
            model=model, account=account, region=REGION, arn=f"arn:aws:bedrock:{REGION}::{model.model_id}",
            agreement="AVAILABLE", authorization="AUTHORIZED", entitlement="AVAILABLE",
            region_availability="AVAILABLE",
        )
        for model in models
    )  # fmt: skip


def _requests(
    cases: "Sequence[UseCase]", asker: "User", account: "AwsAccount", models: "Sequence[FoundationModel]"
) -> "list[AccessRequest]":
    """One a use case; the last WAITING are in review, the others are approved."""
    from hub.models import AccessRequest
    from portal.lib import clock

    states = AccessRequest.State
    return AccessRequest.objects.bulk_create(
        AccessRequest(
            tenant=case.tenant, use_case=case, requested_by=asker, model=models[number % MODELS], account=account,
            region=REGION, environment="prod", data_class="internal", audience="employees", calls_per_day=1_000,
            input_tokens=900, output_tokens=200, monthly_budget_nano=10**12, why="It saves an hour a day.",
            risk="low", state=states.IN_REVIEW if number >= len(cases) - WAITING else states.APPROVED,
            submitted_at=clock.now(),
        )
        for number, case in enumerate(cases)
    )  # fmt: skip


def _grants(requests: "Sequence[AccessRequest]") -> None:
    from hub.models import Artefact, Grant, Plan
    from portal.lib import clock

    now, approved = clock.now(), requests[:-WAITING]
    plans = Plan.objects.bulk_create(Plan(request=one, artefacts=[], digest=DIGEST) for one in requests)
    grants = Grant.objects.bulk_create(
        Grant(
            request=one, plan=plan, approved_digest=DIGEST, tenant=one.tenant, use_case=one.use_case, model=one.model,
            account=one.account, region=REGION, environment="prod", slug=f"case-{one.pk}", state=Grant.State.ACTIVE,
            activated_at=now, since=now, ends_at=now + timedelta(days=300), profile_arn=f"arn:of-case-{one.pk}",
        )
        for one, plan in zip(approved, plans, strict=False)
    )  # fmt: skip
    Artefact.objects.bulk_create(
        Artefact(
            grant=grant, position=position, key=kind, kind=kind, name=grant.slug, desired={},
            state=Artefact.State.PRESENT,
        )
        for grant in grants
        for position, kind in enumerate(("inference_profile", "iam_policy", "budget"))
    )  # fmt: skip


def _approvals(requests: "Sequence[AccessRequest]", asker: "User", policy: "RoutingPolicy") -> None:
    """Of every request, with a step for each reviewing role."""
    from governance.models import Approval, ApprovalStep
    from portal.lib import clock

    now = clock.now()
    states, steps = Approval.State, ApprovalStep.State
    made = Approval.objects.bulk_create(
        Approval(
            tenant=one.tenant, kind="hub.access_request", subject_id=one.pk, digest=DIGEST, headline=one.headline,
            facts={}, policy=policy, requested_by=asker, expires_at=now + timedelta(days=30),
            state=states.APPROVED if one.state == "approved" else states.IN_REVIEW,
        )
        for one in requests
    )  # fmt: skip
    ApprovalStep.objects.bulk_create(
        ApprovalStep(
            approval=one, role=role, stage=1, rules=[], due_hours=48, opened_at=now, due_at=now + timedelta(days=2),
            state=steps.OPEN if one.is_open else steps.APPROVED,
        )
        for one in made
        for role in REVIEWERS
    )  # fmt: skip
