"""Code to copy that calls a grant's model: its own profile, guardrail, Region and metadata already in it. Pure."""

import json
from dataclasses import dataclass
from textwrap import indent

EXAMPLE = "Summarise this call in three sentences: …"


@dataclass(frozen=True, slots=True)
class Access:
    """What the code needs. guardrail: (id, version) or None; metadata: what each call should carry for its cost."""

    region: str
    profile_arn: str
    model_id: str
    provider: str
    modality: str
    guardrail: tuple[str, str] | None
    metadata: dict[str, str]


@dataclass(frozen=True, slots=True)
class Snippet:
    """name: for an element id; label: for people; text: the code."""

    name: str
    label: str
    text: str


def kit(access: Access) -> list[Snippet]:
    """The snippets that fit the model: chat in four ways, or embeddings in two."""
    if access.modality == "embedding":
        return [
            Snippet("boto3", "Python with boto3", _boto3_embedding(access)),
            Snippet("cli", "AWS CLI", _cli_embedding(access)),
        ]
    return [
        Snippet("boto3", "Python with boto3", _boto3(access)),
        Snippet("cli", "AWS CLI", _cli(access)),
        Snippet("langchain", "LangChain", _langchain(access)),
        Snippet("litellm", "LiteLLM", _litellm(access)),
    ]


def _boto3(access: Access) -> str:
    guardrail = _line("guardrailConfig", _guardrail(access)) if access.guardrail else ""
    return (
        "import boto3\n\n"
        f'bedrock = boto3.client("bedrock-runtime", region_name="{access.region}")\n'
        "answer = bedrock.converse(\n"
        f'    modelId="{access.profile_arn}",\n'
        f'    messages=[{{"role": "user", "content": [{{"text": "{EXAMPLE}"}}]}}],\n'
        f"{guardrail}{_line('requestMetadata', access.metadata)}"
        ")\n"
        'print(answer["output"]["message"]["content"][0]["text"])'
    )


def _cli(access: Access) -> str:
    messages = json.dumps([{"role": "user", "content": [{"text": EXAMPLE}]}], ensure_ascii=False)
    parts = [
        f"aws bedrock-runtime converse --region {access.region}",
        f"--model-id {access.profile_arn}",
        f"--messages '{messages}'",
    ]
    if access.guardrail:
        parts.append(f"--guardrail-config '{json.dumps(_guardrail(access))}'")
    parts.append(f"--request-metadata '{json.dumps(access.metadata)}'")
    return " \\\n  ".join(parts)


def _langchain(access: Access) -> str:
    guardrail = _line("guardrail_config", _guardrail(access)) if access.guardrail else ""
    return (
        "from langchain_aws import ChatBedrockConverse\n\n"
        "model = ChatBedrockConverse(\n"
        f'    model="{access.profile_arn}",\n'
        f'    provider="{access.provider}",  # an ARN does not tell it\n'
        f'    region_name="{access.region}",\n'
        f"{guardrail}{_line('request_metadata', access.metadata)}"
        ")\n"
        f'print(model.invoke("{EXAMPLE}").text)'
    )


def _litellm(access: Access) -> str:
    guardrail = _line("guardrailConfig", _guardrail(access)) if access.guardrail else ""
    return (
        "import litellm\n\n"
        "answer = litellm.completion(\n"
        f'    model="bedrock/converse/{access.model_id}",\n'
        f'    model_id="{access.profile_arn}",\n'
        f'    aws_region_name="{access.region}",\n'
        f'    messages=[{{"role": "user", "content": "{EXAMPLE}"}}],\n'
        f"{guardrail}{_line('requestMetadata', access.metadata)}"
        ")\n"
        "print(answer.choices[0].message.content)"
    )


def _boto3_embedding(access: Access) -> str:
    return (
        "import json\n\nimport boto3\n\n"
        f'bedrock = boto3.client("bedrock-runtime", region_name="{access.region}")\n'
        "answer = bedrock.invoke_model(\n"
        f'    modelId="{access.profile_arn}",\n'
        f"    body=json.dumps({json.dumps(_embedding_body(access))}),\n"
        f"    requestMetadata=json.dumps({json.dumps(access.metadata)}),\n"
        ")\n"
        'print(json.loads(answer["body"].read()))'
    )


def _cli_embedding(access: Access) -> str:
    return " \\\n  ".join(
        [
            f"aws bedrock-runtime invoke-model --region {access.region}",
            f"--model-id {access.profile_arn}",
            f"--body '{json.dumps(_embedding_body(access))}' --cli-binary-format raw-in-base64-out",
            f"--request-metadata '{json.dumps(access.metadata)}' /dev/stdout",
        ]
    )


def _embedding_body(access: Access) -> dict[str, object]:
    if "cohere." in access.model_id:
        return {"texts": ["A sentence."], "input_type": "search_document"}
    return {"inputText": "A sentence."}


def _guardrail(access: Access) -> dict[str, str]:
    identifier, version = access.guardrail or ("", "")
    return {"guardrailIdentifier": identifier, "guardrailVersion": version}


def _line(name: str, value: dict[str, str]) -> str:
    """A keyword argument whose dict stands one entry a line."""
    entries = "".join(f'"{key}": "{text}",\n' for key, text in value.items())
    return f"    {name}={{\n{indent(entries, '        ')}    }},\n"
