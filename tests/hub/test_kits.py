"""The developer kit: code that runs as it stands, with the grant's own names in it."""

import ast
import json
import shlex

import pytest

from hub.kits import Access, kit

PROFILE = "arn:aws:bedrock:eu-central-1:447100000212:application-inference-profile/abc123"
METADATA = {"use_case": "0190a000-0000-7000-8000-000000000002"}
CHAT = Access(
    region="eu-central-1",
    profile_arn=PROFILE,
    model_id="anthropic.claude-haiku-4-5-20251001-v1:0",
    provider="anthropic",
    modality="text",
    guardrail=("gr1", "7"),
    metadata=METADATA,
)
EMBEDDING = Access("eu-central-1", PROFILE, "amazon.titan-embed-text-v2:0", "amazon", "embedding", None, METADATA)


def python(access):
    return [(snippet.name, snippet.text) for snippet in kit(access) if snippet.name != "cli"]


def call_in(code):
    """The arguments of the one call that carries keyword arguments of the grant."""
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call) and len(node.keywords) > 2]
    assert len(calls) == 1
    return {keyword.arg: ast.unparse(keyword.value) for keyword in calls[0].keywords}


@pytest.mark.parametrize(("name", "code"), python(CHAT))
def test_python_for_chat_carries_profile_guardrail_and_metadata(name, code):
    arguments = call_in(code)
    assert any(PROFILE in value for value in arguments.values())
    guardrail = arguments.get("guardrailConfig") or arguments["guardrail_config"]
    assert ast.literal_eval(guardrail) == {"guardrailIdentifier": "gr1", "guardrailVersion": "7"}
    metadata = arguments.get("requestMetadata") or arguments["request_metadata"]
    assert ast.literal_eval(metadata) == METADATA


def test_the_command_line_is_one_command_whose_json_can_be_read():
    words = shlex.split(next(one.text for one in kit(CHAT) if one.name == "cli").replace("\\\n", ""))
    given = dict(zip(words[3::2], words[4::2], strict=True))
    assert given["--model-id"] == PROFILE
    assert json.loads(given["--request-metadata"]) == METADATA
    assert json.loads(given["--guardrail-config"])["guardrailVersion"] == "7"
    assert json.loads(given["--messages"])[0]["role"] == "user"


def test_embeddings_are_called_by_invoke_model_and_have_no_guardrail():
    names = [snippet.name for snippet in kit(EMBEDDING)]
    assert names == ["boto3", "cli"]
    for snippet in kit(EMBEDDING):
        assert "guardrail" not in snippet.text.lower()
        assert PROFILE in snippet.text
    assert "inputText" in call_in(kit(EMBEDDING)[0].text)["body"]


def test_a_model_without_a_guardrail_names_none():
    from dataclasses import replace

    for snippet in kit(replace(CHAT, guardrail=None)):
        assert "uardrail" not in snippet.text
