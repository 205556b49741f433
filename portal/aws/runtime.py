"""Calling a model: the smallest call that proves something.

Source: docs.aws.amazon.com/bedrock/latest/APIReference/, Converse and InvokeModel of Amazon Bedrock Runtime.
"""

import json
from dataclasses import dataclass
from typing import Any

from portal.aws.errors import translated
from portal.aws.session import Session

MAX_TOKENS = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: text (cut), tokens in and out, AWS's id of the request."""

    text: str
    input_tokens: int
    output_tokens: int
    request_id: str


def converse(
    session: Session,
    target: str,
    prompt: str,
    *,
    guardrail: tuple[str, str] | None = None,
    metadata: dict[str, str] | None = None,
) -> Answer:
    """Ask `target` (model id, or the ARN of a profile) something, for at most 8 tokens of answer.

    guardrail: (id, version). Raises AccessDenied if the role may not, and the other errors of portal.aws.errors.
    """
    arguments: dict[str, Any] = {"requestMetadata": metadata} if metadata else {}
    if guardrail:
        arguments["guardrailConfig"] = {"guardrailIdentifier": guardrail[0], "guardrailVersion": guardrail[1]}
    with translated("bedrock-runtime", "Converse"):
        answer = session.client("bedrock-runtime").converse(
            modelId=target,
            messages=[{"role": "user", "content": [{"text": prompt}]}],
            inferenceConfig={"maxTokens": MAX_TOKENS},
            **arguments,
        )
    content = answer["output"]["message"]["content"]
    usage = answer["usage"]
    return Answer(
        text="".join(part.get("text", "") for part in content)[:80],
        input_tokens=usage["inputTokens"],
        output_tokens=usage["outputTokens"],
        request_id=answer["ResponseMetadata"]["RequestId"],
    )


def embed(session: Session, target: str, model_id: str, text: str) -> Answer:
    """Embed a short text by InvokeModel, in the body of the model's provider. Raises as `converse`."""
    body = {"texts": [text], "input_type": "search_document"} if "cohere." in model_id else {"inputText": text}
    with translated("bedrock-runtime", "InvokeModel"):
        answer = session.client("bedrock-runtime").invoke_model(modelId=target, body=json.dumps(body))
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    return Answer(
        text="",
        input_tokens=int(headers.get("x-amzn-bedrock-input-token-count", 0)),
        output_tokens=0,
        request_id=answer["ResponseMetadata"]["RequestId"],
    )
