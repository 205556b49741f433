"""What a model reference and a caller's ARN come down to. ARN forms: AWS's service authorization reference."""

import pytest

from finops.ingest.latency import BUCKETS, EDGES_MS, bucket, percentile
from finops.ingest.modelref import resolve
from finops.ingest.principal import principal
from finops.ingest.rollup import Dimension, dimension_id
from finops.ingest.tokens import context_band

DIMENSION_OF_NUMBERS = -4451146862768716813  # BLAKE2b-64 of "0\x1f1\x1f…\x1f17", worked out with b2sum -l 64
SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0"
ARN = "arn:aws:bedrock:eu-central-1:447100000212:"


@pytest.mark.parametrize(
    ("reference", "scope", "model_id"),
    [
        (SONNET, "in-region", SONNET),
        (f"eu.{SONNET}", "geo", SONNET),
        (f"us-gov.{SONNET}", "geo", SONNET),
        (f"mx.{SONNET}", "geo", SONNET),  # a geography that did not exist when this was written
        ("global.somebody.new-model-v1", "global", "somebody.new-model-v1"),
        (f"global.{SONNET}", "global", SONNET),
        ("deepseek.v3.2", "in-region", "deepseek.v3.2"),
        ("openai.gpt-oss-120b-1:0", "in-region", "openai.gpt-oss-120b-1:0"),
        ("us.meta.llama3-3-70b-instruct-v1:0", "geo", "meta.llama3-3-70b-instruct-v1:0"),
        (f"arn:aws:bedrock:eu-central-1::foundation-model/{SONNET}", "in-region", SONNET),
        (f"{ARN}inference-profile/global.{SONNET}", "global", SONNET),
        (f"{ARN}inference-profile/eu.{SONNET}", "geo", SONNET),
        (f"arn:aws-us-gov:bedrock:us-gov-west-1:447100000212:inference-profile/us-gov.{SONNET}", "geo", SONNET),
        (f"{ARN}application-inference-profile/k3v9x2p1q0ab", "unresolved", ""),
        (f"{ARN}provisioned-model/abcdef123456", "unresolved", ""),
        (f"{ARN}imported-model/abcdef123456", "unresolved", ""),
        ("a-name-of-ours", "unresolved", ""),
        ("arn:nonsense", "unresolved", ""),
        (".", "unresolved", ""),
    ],
)
def test_a_reference_gives_scope_and_model(reference, scope, model_id):
    found = resolve(reference)
    assert (found.scope, found.model_id) == (scope, model_id)


@pytest.mark.parametrize("kind", ["application-inference-profile/k3v9x2p1q0ab", f"inference-profile/eu.{SONNET}"])
def test_a_profile_keeps_its_arn(kind):
    assert resolve(ARN + kind).profile_arn == ARN + kind


def test_a_provisioned_model_is_no_profile():
    assert resolve(f"{ARN}provisioned-model/abcdef123456").profile_arn == ""


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("sts::447100000212:assumed-role/claims/claims-summary", ("role/claims", "claims-summary")),
        ("sts::447100000212:assumed-role/claims/i-0a1b2c3d4e5f60718", ("role/claims", "(instance)")),
        ("sts::447100000212:assumed-role/claims/botocore-session-1760000000", ("role/claims", "(generated)")),
        ("sts::447100000212:assumed-role/claims/0b5a7c1e-1111-4222-8333-444455556666", ("role/claims", "(generated)")),
        ("sts::447100000212:assumed-role/claims/5f0c9b1e8d7a4c3b", ("role/claims", "(generated)")),
        ("sts::447100000212:assumed-role/sso/jane.doe@retail.example", ("role/sso", "(person)")),
        ("iam::447100000212:user/ci/builder", ("user/ci/builder", "")),
        ("iam::447100000212:root", ("root", "")),
    ],
)
def test_a_caller_comes_down_to_principal_and_session(arn, expected):
    name, session = expected
    assert principal(f"arn:aws:{arn}") == (f"arn:aws:iam::447100000212:{name}", session)


def test_the_partition_of_a_caller_is_kept():
    found = principal("arn:aws-us-gov:sts::447100000212:assumed-role/claims/fn")
    assert found == ("arn:aws-us-gov:iam::447100000212:role/claims", "fn")


@pytest.mark.parametrize("arn", ["", "nobody", "arn:aws:sts"])
def test_what_is_no_arn_is_nobody(arn):
    assert principal(arn) == ("", "")


@pytest.mark.parametrize(
    ("tokens", "band"),
    [
        (0, "<=100k"),
        (100_000, "<=100k"),
        (100_001, "<=200k"),
        (200_001, "<=272k"),
        (272_000, "<=272k"),
        (272_001, ">272k"),
    ],
)
def test_a_prompt_falls_into_the_band_of_its_whole_length(tokens, band):
    assert context_band(tokens) == band


def test_the_id_of_a_dimension_is_the_same_for_ever():
    one = Dimension(*(str(number) for number in range(18)))
    assert dimension_id(one) == DIMENSION_OF_NUMBERS
    assert dimension_id(one._replace(status="other")) != dimension_id(one)
    assert -(2**63) <= dimension_id(one) < 2**63


def test_latencies_fall_into_the_bucket_below_their_edge():
    assert [bucket(0), bucket(50), bucket(51), bucket(EDGES_MS[-1]), bucket(10**9)] == [
        0,
        0,
        1,
        BUCKETS - 2,
        BUCKETS - 1,
    ]


def test_a_percentile_is_read_from_the_buckets():
    histogram = [0] * BUCKETS
    for latency in [60] * 90 + [900] * 9 + [10**9]:
        histogram[bucket(latency)] += 1
    assert [percentile(histogram, share) for share in (0.5, 0.9, 0.95, 1.0)] == [71, 71, 1131, EDGES_MS[-1]]
    assert percentile([], 0.5) is None
