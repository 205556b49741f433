"""An operation that nobody implemented says so once, instead of looking like a fault of AWS that is worth a retry."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.process import Session


def _call(session: Session, service: str, operation: str, arguments: dict[str, Any]) -> tuple[ClientError, int]:
    """The error of a call that must fail, and how many requests it took."""
    client, sent = session.client(service, "us-east-1"), []
    client.meta.events.register("before-send", lambda request, **_: sent.append(request.url))
    with pytest.raises(ClientError) as failed:
        getattr(client, operation)(**arguments)
    return failed.value, len(sent)


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("bedrock", "list_evaluation_jobs", {}),
        ("bedrock-runtime", "converse_stream", {"modelId": "amazon.nova-lite-v1:0", "messages": []}),
        ("bedrock-agent-runtime", "retrieve", {"knowledgeBaseId": "KB00000001", "retrievalQuery": {"text": "x"}}),
        ("ce", "get_anomalies", {"DateInterval": {"StartDate": "2026-11-01"}}),
        ("bcm-data-exports", "list_exports", {}),
        ("iam", "simulate_custom_policy", {"PolicyInputList": ["{}"], "ActionNames": ["s3:GetObject"]}),
    ],
)
def test_an_operation_that_nobody_implemented_says_so_and_is_not_retried(
    home: Session, service: str, operation: str, arguments: dict[str, Any]
) -> None:
    error, requests = _call(home, service, operation, arguments)
    assert error.response["Error"]["Code"] == "NotImplementedInSandbox"
    assert "The sandbox does not implement this operation" in error.response["Error"]["Message"]
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert requests == 1


def test_every_answer_is_labelled_as_not_from_aws(home: Session) -> None:
    answered = home.client("bedrock").list_foundation_models()["ResponseMetadata"]["HTTPHeaders"]
    refused, _ = _call(home, "ce", "get_anomalies", {"DateInterval": {"StartDate": "2026-11-01"}})
    for headers in (answered, refused.response["ResponseMetadata"]["HTTPHeaders"]):
        assert headers["x-atrium-sandbox"] == "not-aws"
