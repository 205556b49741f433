"""Plans are compiled from facts alone; the IAM text is exact."""

import dataclasses
import json

import pytest

from hub.plans import demands, naming, policies
from hub.plans.compile import compiled, plan_digest, tags
from hub.plans.inputs import GEO, GLOBAL, IN_REGION, GuardrailPin, Inputs
from hub.plans.lines import BudgetFacts, lines
from hub.plans.symbols import resolve
from portal.lib.digest import canonical

ACCOUNT = "447100000212"
MODEL = "anthropic.claude-sonnet-4-5-20250929-v1:0"
CONTROL = f"arn:aws:iam::{ACCOUNT}:role/atrium-control"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/retail-callsummary"
PIN = GuardrailPin("gr1", f"arn:aws:bedrock:eu-central-1:{ACCOUNT}:guardrail/gr1", "customer-facing", "7")
PROFILE = f"arn:aws:bedrock:eu-central-1:{ACCOUNT}:application-inference-profile/abc123"

INPUTS = Inputs(
    slug="retail-call-summary-prod-r2041",
    tenant_uid="0190a000-0000-7000-8000-000000000001",
    use_case_uid="0190a000-0000-7000-8000-000000000002",
    cost_centre="CC-1001",
    environment="prod",
    account=ACCOUNT,
    region="eu-central-1",
    model_id=MODEL,
    modality="text",
    scope=GEO,
    profile_id=f"eu.{MODEL}",
    profile_arn=f"arn:aws:bedrock:eu-central-1:{ACCOUNT}:inference-profile/eu.{MODEL}",
    destinations=("eu-west-1", "eu-central-1"),
    guardrail=PIN,
    role_arns=(ROLE,),
    control_role=CONTROL,
    budget_nano=6_000 * 10**9,
)
PLAIN = dataclasses.replace(
    INPUTS, scope=IN_REGION, profile_id="", profile_arn="", destinations=(), guardrail=None, role_arns=(), budget_nano=0
)


def artefact(kind, inputs=INPUTS):
    return next(artefact for artefact in compiled(inputs) if artefact["kind"] == kind)


def test_the_same_facts_give_the_same_bytes():
    again = dataclasses.replace(INPUTS)
    assert canonical(compiled(INPUTS)) == canonical(compiled(again))
    assert plan_digest(compiled(INPUTS)) == plan_digest(compiled(again))


def test_the_order_in_which_roles_are_named_does_not_matter():
    other = f"arn:aws:iam::{ACCOUNT}:role/retail-assistant"
    one, two = (dataclasses.replace(INPUTS, role_arns=roles) for roles in ((ROLE, other), (other, ROLE)))
    assert canonical(compiled(one)) == canonical(compiled(two))


@pytest.mark.parametrize(
    "changed",
    [
        {"environment": "dev"},
        {"region": "eu-west-1"},
        {"model_id": "amazon.nova-lite-v1:0"},
        {"destinations": ("eu-central-1",)},
        {"guardrail": None},
        {"guardrail": dataclasses.replace(PIN, version="8")},
        {"role_arns": ()},
        {"budget_nano": 1},
        {"cost_centre": "CC-2"},
        {"control_role": f"arn:aws:iam::{ACCOUNT}:role/other"},
        {"scope": GLOBAL},
        {"modality": "embedding"},
    ],
)
def test_one_changed_fact_gives_another_digest(changed):
    assert plan_digest(compiled(dataclasses.replace(INPUTS, **changed))) != plan_digest(compiled(INPUTS))


def test_a_plan_is_json_and_survives_the_database():
    plan = compiled(INPUTS)
    assert plan_digest(json.loads(json.dumps(plan))) == plan_digest(plan)


def test_artefacts_come_in_the_order_in_which_they_are_applied():
    assert [artefact["kind"] for artefact in compiled(INPUTS)] == [
        "invocation_logging",
        "guardrail_version",
        "inference_profile",
        "role_trust",
        "iam_policy",
        "aws_budget",
        "probe",
    ]
    assert [artefact["kind"] for artefact in compiled(PLAIN)] == [
        "invocation_logging",
        "inference_profile",
        "role",
        "iam_policy",
        "probe",
    ]


def test_the_policy_of_a_guarded_geographic_profile_reads_exactly_so():
    guarded = {"bedrock:GuardrailIdentifier": f"{PIN.arn}:7"}
    through = {"bedrock:InferenceProfileArn": PROFILE} | guarded
    document = resolve(policies.grant_policy(INPUTS), {"$profile.arn": PROFILE})
    assert document == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "InvokeThroughProfile",
                "Effect": "Allow",
                "Action": ["bedrock:InvokeModel*"],
                "Resource": [PROFILE],
                "Condition": {"StringEquals": guarded},
            },
            {
                "Sid": "ModelBehindProfile",
                "Effect": "Allow",
                "Action": ["bedrock:InvokeModel*"],
                "Resource": [
                    f"arn:aws:bedrock:eu-central-1::foundation-model/{MODEL}",
                    f"arn:aws:bedrock:eu-west-1::foundation-model/{MODEL}",
                ],
                "Condition": {"StringEquals": through},
            },
            {
                "Sid": "ApplyGuardrail",
                "Effect": "Allow",
                "Action": ["bedrock:ApplyGuardrail"],
                "Resource": [PIN.arn],
            },
        ],
    }


def test_the_policy_without_a_guardrail_has_two_halves_and_no_more():
    document = resolve(policies.grant_policy(PLAIN), {"$profile.arn": PROFILE})
    assert [statement["Sid"] for statement in document["Statement"]] == ["InvokeThroughProfile", "ModelBehindProfile"]
    assert "Condition" not in document["Statement"][0]
    assert document["Statement"][1]["Resource"] == [f"arn:aws:bedrock:eu-central-1::foundation-model/{MODEL}"]
    assert document["Statement"][1]["Condition"] == {"StringEquals": {"bedrock:InferenceProfileArn": PROFILE}}


def test_a_global_profile_reaches_the_model_without_a_region_by_its_own_statement():
    document = policies.grant_policy(dataclasses.replace(INPUTS, scope=GLOBAL))
    by_sid = {statement["Sid"]: statement for statement in document["Statement"]}
    assert by_sid["ModelBehindProfile"]["Resource"] == [f"arn:aws:bedrock:eu-central-1::foundation-model/{MODEL}"]
    assert by_sid["ModelAnywhere"]["Resource"] == [f"arn:aws:bedrock:::foundation-model/{MODEL}"]
    assert by_sid["ModelAnywhere"]["Condition"]["StringEquals"]["aws:RequestedRegion"] == "unspecified"
    assert "aws:RequestedRegion" not in by_sid["ModelBehindProfile"]["Condition"]["StringEquals"]


def test_a_freeze_denies_the_profile_and_every_model_behind_it():
    profile, models = policies.freeze_policy(PROFILE)["Statement"]
    assert (profile["Effect"], profile["Resource"]) == ("Deny", [PROFILE])
    assert (models["Effect"], models["Resource"]) == ("Deny", ["*"])
    assert models["Condition"] == {"StringEquals": {"bedrock:InferenceProfileArn": PROFILE}}


def test_only_atriums_own_role_is_trusted_to_probe():
    assert artefact("role_trust")["statement"] == {
        "Sid": "AtriumProbe",
        "Effect": "Allow",
        "Principal": {"AWS": CONTROL},
        "Action": "sts:AssumeRole",
    }


def test_tags_hold_ids_and_no_names():
    assert tags(INPUTS) == {
        "atrium:tenant": INPUTS.tenant_uid,
        "atrium:use_case": INPUTS.use_case_uid,
        "atrium:environment": "prod",
        "atrium:cost_centre": "CC-1001",
        "atrium:grant": "$grant.uid",
    }


def test_a_symbol_that_is_not_known_yet_stops_the_step():
    with pytest.raises(LookupError, match=r"profile\.arn"):
        resolve(artefact("iam_policy")["document"], {"$profile.arn": ""})


def test_a_name_stays_within_what_aws_takes():
    slug = naming.slug(tenant="a" * 40, use_case="b" * 40, environment="prod", number=123456)
    assert len(slug) <= 57
    assert len(naming.prefixed(slug)) <= 64
    assert naming.slug(tenant="retail", use_case="call-summary", environment="prod", number=2041) == INPUTS.slug


@pytest.mark.parametrize(
    ("risk", "data_class", "modality", "reason"),
    [
        ("low", "public", "text", ""),
        ("low", "internal", "text", ""),
        ("medium", "internal", "text", "the risk tier is medium"),
        ("high", "public", "text", "the risk tier is high"),
        ("low", "confidential", "text", "the data is Confidential"),
        ("high", "restricted", "text", "the data is Restricted"),
        ("high", "restricted", "embedding", ""),
    ],
)
def test_risk_and_data_demand_a_guardrail(risk, data_class, modality, reason):
    assert demands.guardrail_because(risk=risk, data_class=data_class, modality=modality) == reason


def test_a_model_that_gives_only_images_cannot_be_probed():
    assert [demands.modality(m) for m in (["TEXT"], ["IMAGE", "TEXT"], ["EMBEDDING"], ["IMAGE"], [])] == [
        "text",
        "text",
        "embedding",
        "",
        "",
    ]


def test_the_diff_reads_as_a_reviewer_needs_it():
    read = lines(compiled(INPUTS), account=ACCOUNT, region="eu-central-1", budget=BudgetFacts(others_nano=0, in_use=12))
    assert read == [
        ("", "account 4471…0212 · eu-central-1"),
        ("", "check: invocation logging is on in eu-central-1, or the grant does not become active"),
        ("~", "guardrail           customer-facing   version 7   pinned, required on each call"),
        ("+", f"inference profile   retail-call-summary-prod-r2041   from eu.{MODEL}"),
        ("~", "role trust          retail-callsummary   atrium-control may assume it, to probe"),
        (
            "+",
            "IAM policy          atrium-retail-call-summary-prod-r2041   "
            "1 profile, its model in 2 Regions   guardrail required",
        ),
        ("+", "  attached to       retail-callsummary"),
        ("+", "AWS Budget          $6,000 a month"),
        ("", "budgets are free of charge; Atrium uses 12 of the payer's 20,000"),
        ("", "probe: one call through the profile must work, one without the guardrail must be refused"),
    ]


def test_the_diff_says_that_a_budget_is_shared():
    facts = BudgetFacts(others_nano=2_000 * 10**9, in_use=12)
    read = lines(compiled(INPUTS), account=ACCOUNT, region="eu-central-1", budget=facts)
    budget = next(text for _, text in read if text.startswith("AWS Budget"))
    assert "$2,000 → $8,000 a month, shared by the use case" in budget


def test_a_role_that_is_made_shows_whom_it_trusts():
    read = lines(compiled(PLAIN), account=ACCOUNT, region="eu-central-1")
    role = next(text for _, text in read if text.startswith("IAM role"))
    assert role.endswith(f"trusts account {ACCOUNT}, atrium-control")
    assert all("AWS Budget" not in text for _, text in read)
