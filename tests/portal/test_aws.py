"""What portal.aws makes of AWS's answers, and how long it remembers who it is."""

from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from portal.aws import bedrock, session
from portal.aws.bedrock import ProfileInfo
from portal.aws.errors import (
    AccessDenied,
    AwsError,
    Conflict,
    NotFound,
    Throttled,
    Unauthenticated,
    Unavailable,
    translated,
)
from portal.aws.session import AccountRef
from portal.lib import clock
from tests.hub.conftest import install_stack

NUMBER = "447100000212"


def answer(code: str, status: int = 400) -> ClientError:
    """What botocore raises for an answer of AWS."""
    response = {"Error": {"Code": code, "Message": "Because."}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "ListGuardrails")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("raised", "kind", "retryable"),
    [
        (answer("AccessDeniedException", 403), AccessDenied, False),
        (answer("AccessDenied", 403), AccessDenied, False),
        (answer("ExpiredToken", 403), Unauthenticated, False),
        (answer("ResourceNotFoundException", 404), NotFound, False),
        (answer("NoSuchEntity", 404), NotFound, False),
        (answer("EntityAlreadyExists", 409), Conflict, True),
        (answer("ThrottlingException", 429), Throttled, True),
        (answer("SlowDown", 503), Throttled, True),
        (answer("InternalServerException", 500), Unavailable, True),
        (answer("SomethingNew", 503), Unavailable, True),
        (answer("ValidationException"), AwsError, False),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), Unavailable, True),
        (ReadTimeoutError(endpoint_url="http://127.0.0.1:1"), Unavailable, True),
        (NoCredentialsError(), Unauthenticated, False),
        (ParamValidationError(report="a tag is too long"), AwsError, False),
    ],
)
def test_each_answer_has_a_kind_that_says_whether_to_try_again(
    raised: Exception, kind: type[AwsError], retryable: bool
) -> None:
    with pytest.raises(AwsError) as told, translated("bedrock", "ListGuardrails"):
        raise raised
    assert type(told.value) is kind
    assert told.value.retryable is retryable


def test_the_sentence_names_the_call_and_keeps_the_words_of_aws() -> None:
    with (
        pytest.raises(AwsError, match=r"AWS refused bedrock ListGuardrails: Because\."),
        translated("bedrock", "ListGuardrails"),
    ):
        raise answer("ValidationException")


def test_what_is_not_of_aws_passes_through() -> None:
    with pytest.raises(KeyError), translated("bedrock", "ListGuardrails"):
        raise KeyError("ours")


def test_an_account_that_nothing_answers_for_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }.items():
        monkeypatch.setenv(name, value)
    account = AccountRef(NUMBER, f"arn:aws:iam::{NUMBER}:role/nobody-there", "id")
    with pytest.raises(Unavailable, match="AWS could not be reached for sts AssumeRole"):
        session.for_account(account, "eu-central-1")


def test_a_profile_knows_its_model_and_the_regions_that_aws_names() -> None:
    arn = "arn:aws:bedrock:{}::foundation-model/acme.one-v1:0"
    geo = ProfileInfo("eu.acme.one-v1:0", "arn", "One", "ACTIVE", (arn.format("eu-west-1"), arn.format("eu-central-1")))
    assert (geo.model_id, geo.destination_regions) == ("acme.one-v1:0", ("eu-central-1", "eu-west-1"))
    world = ProfileInfo("global.acme.one-v1:0", "arn", "One", "ACTIVE", (arn.format("eu-west-1"), arn.format("")))
    assert world.destination_regions == ("eu-west-1",)


class TestInTheSandbox:
    @pytest.fixture
    def account(self, sandbox_url: str) -> AccountRef:
        account = AccountRef(NUMBER, f"arn:aws:iam::{NUMBER}:role/atrium-control", "an-id-for-these-tests")
        install_stack(sandbox_url, account)
        session.forget(account)
        return account

    @pytest.mark.parametrize(("minutes_left", "again"), [(6, False), (4, True)])
    def test_a_role_is_assumed_again_five_minutes_before_it_ends(
        self, minutes_left: int, again: bool, account: AccountRef
    ) -> None:
        def key() -> str:
            return str(session.for_account(account, "eu-central-1").boto.get_credentials().access_key)

        first = key()
        assert key() == first
        for remembered, known in list(session._cache.items()):
            ends = clock.wall() + timedelta(minutes=minutes_left)
            session._cache[remembered] = replace(known, expires_at=ends)
        assert (key() != first) is again

    def test_the_secret_stays_out_of_what_is_printed(self, account: AccountRef) -> None:
        session.for_account(account, "eu-central-1")
        (known,) = [credentials for key, credentials in session._cache.items() if key[2] == account.external_id]
        assert known.secret_key not in repr(known)
        assert known.token not in repr(known)

    def test_one_client_serves_all_calls_of_a_session(self, account: AccountRef) -> None:
        opened = session.for_account(account, "eu-central-1")
        assert opened.client("bedrock") is opened.client("bedrock")

    def test_what_a_region_holds_comes_as_plain_values(self, account: AccountRef) -> None:
        opened = session.for_account(account, "eu-central-1")
        models = {model.model_id: model for model in bedrock.list_models(opened)}
        assert models["amazon.titan-embed-text-v2:0"].output_modalities == ("EMBEDDING",)
        availability = bedrock.availability(opened.client("bedrock"), "amazon.titan-embed-text-v2:0")
        assert (availability.agreement, availability.region) == ("AVAILABLE", "AVAILABLE")
        (guardrail, *_) = bedrock.list_guardrails(opened)
        assert "name" in bedrock.guardrail_content(opened, guardrail.guardrail_id, "1")
        logs = bedrock.logging(opened)
        assert logs is not None
        assert logs.bucket == f"atrium-bedrock-logs-{NUMBER}-eu-central-1"
        assert bedrock.logging(session.for_account(account, "eu-west-1")) is None

    def test_a_model_that_is_not_there_is_not_found(self, account: AccountRef) -> None:
        with pytest.raises(NotFound):
            bedrock.availability(session.for_account(account, "eu-central-1").client("bedrock"), "acme.none")
