"""The reconciler against the sandbox account: made once, proved, frozen, removed, and never more than was approved."""

import json
from datetime import timedelta

import pytest
from django.conf import settings

from governance.models import AuditEvent, Notification
from governance.vocabulary import Verb
from hub.actions import access_requests, grants
from hub.models import AccountRegion, Artefact, Grant, Plan, SystemProfile
from hub.provisioning import observing
from hub.provisioning.found import Unsettled
from hub.provisioning.reconciler import PROOFS, reconcile
from hub.provisioning.states import MOVES, VERBS
from hub.routes import Route
from portal.aws import bedrock, iam, profiles
from portal.aws.errors import AccessDenied, Unavailable
from portal.aws.runtime import converse
from portal.aws.session import Session, assume, for_account, forget
from portal.jobs.models import Job
from portal.lib import clock
from portal.lib.errors import Refused
from tests.hub.access_world import (
    MODEL,
    REGION,
    ROLE,
    Aws,
    World,
    cleared_model,
    guardrail_version,
    offered,
    use_case_of,
)


def session_of(world: World) -> Session:
    return for_account(world.account.ref, REGION)


def driven(grant: Grant) -> Grant:
    reconcile(grant.pk)
    grant.refresh_from_db()
    return grant


def in_aws(world: World, grant: Grant) -> dict[str, object]:
    """Everything of a grant that AWS has, by the administrator's eyes."""
    session, administrator = session_of(world), Aws(settings.AWS_ENDPOINT_URL, world.account.number).client("iam")
    policy = iam.get_policy(session, f"atrium-{grant.slug}")
    role = iam.get_role(session, world.role_arn)
    return {
        "profile": profiles.find(session, grant.slug),
        "policy": policy and (policy.document, policy.roles),
        "trust": role and [statement.get("Sid") for statement in role.trust["Statement"]],
        "inline": administrator.list_role_policies(RoleName=ROLE)["PolicyNames"],
    }


def call(world: World, grant: Grant, *, guarded: bool = True) -> object:
    """What the workload does: Converse through the grant's profile under its own role."""
    session = assume(world.account.ref, world.role_arn, f"workload-{grant.pk}", REGION)
    pin = world.guardrail
    guardrail = (pin.guardrail.guardrail_id, pin.version) if guarded else None
    return converse(session, grant.profile_arn, "Say ready.", guardrail=guardrail)


@pytest.fixture
def grant(world: World) -> Grant:
    made = world.approved()
    yield made
    # The account outlives the test's database: nothing of the grant may stay in it.
    Grant.objects.filter(pk=made.pk).exclude(state__in=Grant.ENDED).update(wanted="nothing")
    reconcile(made.pk)


def test_an_approved_grant_becomes_active_with_everything_of_its_plan_in_aws(world, grant):
    assert driven(grant).state == "active"
    there = in_aws(world, grant)
    assert there["profile"].tags == {
        "atrium:tenant": str(grant.tenant.uid),
        "atrium:use_case": str(grant.use_case.uid),
        "atrium:environment": "prod",
        "atrium:cost_centre": "CC-1000",
        "atrium:grant": str(grant.uid),
    }
    document, roles = there["policy"]
    assert roles == (ROLE,)
    assert document["Statement"][0]["Resource"] == [grant.profile_arn]
    assert "AtriumProbe" in there["trust"]
    assert {a.state for a in grant.artefacts.all()} == {"present"}
    assert {a.drift for a in grant.artefacts.all()} == {"in_sync"}
    assert [(probe.kind, probe.ok) for probe in grant.probes.order_by("id")] == [
        ("must_work", True),
        ("must_be_refused", True),
    ]
    assert grant.since is not None


def test_the_workload_can_call_with_the_guardrail_and_not_without(world, grant):
    driven(grant)
    assert call(world, grant).output_tokens > 0
    with pytest.raises(AccessDenied):
        call(world, grant, guarded=False)


def test_applying_twice_makes_nothing_twice(world, grant):
    before = in_aws(world, driven(grant))
    arns = {artefact.key: artefact.arn for artefact in grant.artefacts.all()}
    made = AuditEvent.objects.filter(verb=Verb.GRANT_APPLIED, subject_uid=str(grant.uid)).count()
    active_since, probes = grant.activated_at, grant.probes.count()
    assert driven(grant).state == "active"
    assert (grant.activated_at, grant.probes.count()) == (active_since, probes)
    assert in_aws(world, grant) == before
    assert {artefact.key: artefact.arn for artefact in grant.artefacts.all()} == arns
    assert AuditEvent.objects.filter(verb=Verb.GRANT_APPLIED, subject_uid=str(grant.uid)).count() == made
    names = [
        p["inferenceProfileName"]
        for p in session_of(world)
        .client("bedrock")
        .list_inference_profiles(typeEquals="APPLICATION")["inferenceProfileSummaries"]
    ]
    assert names.count(grant.slug) == 1


def test_what_a_dead_process_made_without_writing_it_down_is_found_again(world, grant):
    driven(grant)
    profile = in_aws(world, grant)["profile"]
    Artefact.objects.filter(grant=grant).update(state="planned", arn="", actual=None, applied_at=None)
    Grant.objects.filter(pk=grant.pk).update(state="provisioning", profile_arn="", since=None)
    assert driven(grant).profile_arn == profile.arn
    assert grant.state == "active"


@pytest.mark.parametrize("field", ["why", "monthly_budget_nano", "role_arns", "months"])
def test_one_field_changed_after_the_approval_stops_everything(world, grant, field):
    other = {"why": "Something else.", "monthly_budget_nano": 1, "role_arns": [], "months": 7}[field]
    setattr(grant.request, field, other)
    grant.request.save()
    assert driven(grant).state == "provisioning_failed"
    assert "not what was approved" in grant.error
    assert in_aws(world, grant)["profile"] is None


def test_a_changed_plan_is_never_applied(world, grant):
    artefacts = json.loads(json.dumps(grant.plan.artefacts).replace("bedrock:InvokeModel*", "bedrock:*"))
    Plan.objects.filter(pk=grant.plan_id).update(artefacts=artefacts)
    assert driven(grant).state == "provisioning_failed"
    assert in_aws(world, grant)["policy"] is None


def test_a_changed_step_is_never_applied(world, grant):
    policy = grant.artefacts.get(kind="iam_policy")
    policy.desired["roles"] = [world.role_arn.replace(ROLE, "wealth-advisor")]
    policy.save()
    assert driven(grant).state == "provisioning_failed"
    assert in_aws(world, grant)["policy"] is None


def test_a_step_that_fails_shows_what_is_there_and_goes_on_after_a_retry(world, cast):
    missing = world.role_arn.replace(ROLE, "not-made-yet")
    grant = driven(world.approved(role_arns=(missing,)))
    assert grant.state == "provisioning_failed"
    assert "not-made-yet does not exist" in grant.error
    states = {artefact.kind: artefact.state for artefact in grant.artefacts.all()}
    assert states["inference_profile"] == "present"
    assert states["role_trust"] == "failed"
    assert states["iam_policy"] == "planned"
    assert Notification.objects.filter(user=cast.builder_retail, kind="failed", url=grant.get_absolute_url()).exists()

    iam_client = session_of(world).client("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"AWS": f"arn:aws:iam::{world.account.number}:root"},
            }
        ],
    }
    iam_client.create_role(RoleName="not-made-yet", AssumeRolePolicyDocument=json.dumps(trust))
    grants.retry(grant, by=cast.builder_retail)
    assert driven(grant).state == "active"
    grants.revoke(grant, reason="The test is over.", by=cast.owner_retail)
    assert driven(grant).state == "revoked"
    iam_client.delete_role(RoleName="not-made-yet")


def test_logging_that_is_off_blocks_with_the_cure(world, cast):
    region = "eu-west-1"
    offered(world.model, world.account, region)
    profile = world.profile
    profile.pk, profile.region, profile.arn = None, region, profile.arn.replace(REGION, region)
    profile.save()
    route = Route(world.account, region, profile)
    grant = driven(world.approved(route=route, guardrail_version=guardrail_version(world.account, region)))
    assert grant.state == "provisioning_failed"
    assert "Turn it on there" in grant.error
    assert not grant.profile_arn
    assert AccountRegion.objects.get(account=world.account, region=region).logging_on is False


def test_logging_that_a_step_sees_is_known_and_read_at_once(world, grant):
    driven(grant)
    place = AccountRegion.objects.get(account=world.account, region=REGION)
    assert (place.logging_on, bool(place.logging_bucket)) == (True, True)
    reading = Job.objects.filter(name="finops.sync_region_logs", argument=place.pk)
    assert reading.count() == 1
    reading.delete()
    observing.observe(grant.pk)
    assert not reading.exists()


def test_somebody_elses_profile_of_that_name_is_not_taken_over(world, grant):
    client = session_of(world).client("bedrock")
    made = client.create_inference_profile(inferenceProfileName=grant.slug, modelSource={"copyFrom": world.profile.arn})
    assert driven(grant).state == "provisioning_failed"
    assert "was not made for this grant" in grant.error
    client.delete_inference_profile(inferenceProfileIdentifier=made["inferenceProfileArn"])


def test_a_role_is_made_when_none_is_named_and_removed_with_the_grant(world, cast):
    grant = driven(world.approved(role_arns=(), create_role=True))
    assert grant.state == "active", grant.error
    role_arn = f"arn:aws:iam::{world.account.number}:role/atrium-{grant.slug}"
    assert [s["Sid"] for s in iam.get_role(session_of(world), role_arn).trust["Statement"]] == [
        "Account",
        "AtriumProbe",
    ]
    grants.revoke(grant, reason="Not needed.", by=cast.owner_retail)
    assert driven(grant).state == "revoked"
    assert iam.get_role(session_of(world), role_arn) is None


def test_a_grant_without_a_guardrail_is_refused_past_its_profile(world, cast):
    case = use_case_of(world, data_class="internal")
    answers = {"use_case": case, "data_class": "internal", "guardrail_version": None}
    grant = driven(world.approved(**answers))
    assert grant.state == "active", grant.error
    refused = grant.probes.get(kind="must_be_refused")
    assert "past the profile" in refused.detail
    assert call(world, grant, guarded=False).input_tokens > 0
    grants.revoke(grant, reason="Not needed.", by=cast.owner_retail)
    driven(grant)


@pytest.mark.parametrize(
    ("model_id", "output"), [("openai.gpt-oss-120b-1:0", "TEXT"), ("amazon.titan-embed-text-v2:0", "EMBEDDING")]
)
def test_a_model_without_a_system_profile_is_proved_too(world, cast, model_id, output):
    model = cleared_model(model_id, by=cast.legal, regions=[REGION], name=model_id, output_modalities=[output])
    offered(model, world.account, inference_types=["ON_DEMAND"])
    route = Route(world.account, REGION, None)
    answers = {"use_case": use_case_of(world, data_class="internal"), "data_class": "internal"}
    grant = driven(world.approved(model=model, route=route, guardrail_version=None, **answers))
    assert grant.state == "active", grant.error
    assert {probe.kind for probe in grant.probes.filter(ok=True)} == {"must_work", "must_be_refused"}
    grants.revoke(grant, reason="Not needed.", by=cast.owner_retail)
    assert driven(grant).state == "revoked"


def test_a_global_profile_works_where_tenant_and_clearance_allow_the_world(world, cast):
    found = next(one for one in bedrock.list_system_profiles(session_of(world)) if one.profile_id == f"global.{MODEL}")
    profile = SystemProfile.objects.create(
        account=world.account, region=REGION, profile_id=found.profile_id, arn=found.arn, name=found.name,
        model=world.model, scope="global", destination_regions=list(found.destination_regions),
    )  # fmt: skip
    world.model.clearances.update(regions=["global"])
    case = use_case_of(world, "Opening hours", data_class="internal")
    case.tenant.regions = ["global"]
    route = Route(world.account, REGION, profile)
    answers = {"use_case": case, "route": route, "data_class": "internal", "guardrail_version": None}
    grant = driven(world.approved(**answers))
    assert grant.state == "active", grant.error
    assert "legal" in {step.role for step in access_requests.approval_of(grant.request).steps.all()}
    grants.revoke(grant, reason="Not needed.", by=cast.owner_retail)
    assert driven(grant).state == "revoked"


def test_a_grant_past_its_end_is_removed_and_expired(world, grant):
    driven(grant)
    with clock.set_to(grant.ends_at + timedelta(minutes=1)):
        assert grants.expire_due() == 1
        assert driven(grant).state == "expired"
    assert in_aws(world, grant)["profile"] is None
    assert in_aws(world, grant)["policy"] is None


def test_a_role_that_may_do_too_much_ends_applied_but_unverified(world, grant, cast):
    client = session_of(world).client("iam")
    wide = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "bedrock:*", "Resource": "*"}]}
    client.put_role_policy(RoleName=ROLE, PolicyName="far-too-wide", PolicyDocument=json.dumps(wide))
    try:
        for _ in range(PROOFS - 1):
            with pytest.raises(Unsettled, match="Not proved yet"):
                reconcile(grant.pk)
        assert driven(grant).state == "applied_unverified"
        assert "must not work" in grant.error
        assert grant.activated_at is None
        assert Notification.objects.filter(user=cast.owner_retail, kind="failed").exists()
    finally:
        client.delete_role_policy(RoleName=ROLE, PolicyName="far-too-wide")
    grants.retry(grant, by=cast.builder_retail)
    assert driven(grant).state == "active"


def test_a_frozen_grant_is_denied_in_aws_and_works_again_after_unfreezing(world, grant, cast):
    driven(grant)
    grants.freeze(grant, reason="Odd traffic.", by=cast.security)
    assert driven(grant).state == "frozen"
    assert in_aws(world, grant)["inline"] == [f"atrium-freeze-{grant.slug}"]
    with pytest.raises(AccessDenied, match="explicit deny"):
        call(world, grant)
    grants.unfreeze(grant, reason="It was a load test.", by=cast.security)
    assert driven(grant).state == "active"
    assert in_aws(world, grant)["inline"] == []
    assert call(world, grant).output_tokens > 0


def test_a_revoked_grant_leaves_nothing_in_aws(world, grant, cast):
    empty = in_aws(world, grant)
    driven(grant)
    grants.freeze(grant, reason="Odd traffic.", by=cast.security)
    driven(grant)
    grants.revoke(grant, reason="The project ended.", by=cast.owner_retail)
    assert driven(grant).state == "revoked"
    assert in_aws(world, grant) == empty
    assert grant.until is not None
    assert {a.state for a in grant.artefacts.exclude(kind__in=["invocation_logging", "guardrail_version"])} == {
        "absent"
    }


def test_a_revoked_role_trust_stays_for_another_grant_of_the_role(world, grant, cast):
    driven(grant)
    other = driven(world.approved(use_case=use_case_of(world)))
    assert other.state == "active", other.error
    grants.revoke(grant, reason="The project ended.", by=cast.owner_retail)
    driven(grant)
    assert "AtriumProbe" in in_aws(world, other)["trust"]
    assert call(world, other).output_tokens > 0
    grants.revoke(other, reason="The project ended.", by=cast.owner_retail)
    assert driven(other).state == "revoked"
    assert "AtriumProbe" not in in_aws(world, other)["trust"]


def test_the_grants_of_a_use_case_share_one_budget(world, grant, cast):
    def limit():
        name = f"atrium-use-case-{grant.use_case.uid}"
        client = Aws(settings.AWS_ENDPOINT_URL, world.account.number).client("budgets")
        budgets = client.describe_budgets(AccountId=world.account.number)["Budgets"]
        return [b["BudgetLimit"]["Amount"] for b in budgets if b["BudgetName"] == name]

    driven(grant)
    assert limit() == ["600"]
    other = driven(world.approved(environment="test", monthly_budget_nano=150 * 10**9))
    assert other.state == "active", other.error
    assert limit() == ["750"]
    grants.revoke(other, reason="Tested.", by=cast.owner_retail)
    driven(other)
    assert limit() == ["600"]
    grants.revoke(grant, reason="Done.", by=cast.owner_retail)
    driven(grant)
    assert limit() == []


def test_drift_is_seen_and_repaired(world, grant, cast):
    driven(grant)
    session_of(world).client("iam").detach_role_policy(
        RoleName=ROLE, PolicyArn=f"arn:aws:iam::{world.account.number}:policy/atrium-{grant.slug}"
    )
    observing.observe(grant.pk)
    assert grant.artefacts.get(kind="iam_policy").drift == "drifted"
    assert grant.artefacts.get(kind="inference_profile").drift == "in_sync"
    assert AuditEvent.objects.filter(verb=Verb.GRANT_DRIFTED, subject_uid=str(grant.uid)).count() == 1
    grants.retry(grant, by=cast.owner_retail)
    assert driven(grant).state == "active"
    assert grant.artefacts.get(kind="iam_policy").drift == "in_sync"
    assert grant.probes.count() == 4


def test_an_active_grant_stays_active_while_aws_is_away(world, grant, monkeypatch):
    driven(grant)
    with monkeypatch.context() as away:
        away.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        forget(world.account.ref)
        assert driven(grant).state == "active"
    assert {artefact.drift for artefact in grant.artefacts.all()} == {"unknown"}


def test_what_cannot_be_seen_is_unknown_and_never_in_sync(world, grant, monkeypatch):
    driven(grant)
    world.account.external_id = "another-id-that-nobody-trusts"
    world.account.save()
    observing.observe(grant.pk)
    assert {artefact.drift for artefact in grant.artefacts.all()} == {"unknown"}
    world.account.external_id = f"external-id-of-{world.account.number}"
    world.account.save()


def test_aws_being_away_is_said_and_tried_again(world, grant, monkeypatch):
    with monkeypatch.context() as away:
        away.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        forget(world.account.ref)
        with pytest.raises(Unavailable):
            reconcile(grant.pk)
    grant.refresh_from_db()
    assert grant.state == "provisioning"
    assert "could not be reached" in grant.error
    assert (driven(grant).state, grant.error) == ("active", "")


def test_every_state_has_its_moves_and_its_verb():
    assert set(MOVES) == set(Grant.State.values)
    assert set(VERBS) == set(Grant.State.values) - {"approved"}
    assert MOVES["revoked"] == MOVES["expired"] == frozenset()


@pytest.mark.parametrize(("frm", "to"), [("approved", "active"), ("active", "revoked"), ("revoked", "provisioning")])
def test_a_move_that_the_table_lacks_is_refused(world, frm, to):
    from hub.provisioning.states import move

    grant = world.approved()
    grant.state = frm
    with pytest.raises(Refused, match="cannot become"):
        move(grant, to)
