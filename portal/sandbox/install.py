"""Puts the sandbox's response and backend classes where moto looks for its own: once, before any backend exists."""

import moto.bedrock.responses
import moto.bedrock.urls
import moto.bedrockruntime.responses
import moto.bedrockruntime.urls
import moto.budgets.urls
import moto.iam.urls
import moto.sts.urls
from moto.bedrock.models import bedrock_backends

from portal.sandbox.bedrock import SandboxBedrockBackend, SandboxBedrockResponse
from portal.sandbox.budgets import SandboxBudgetsResponse
from portal.sandbox.iam_pages import SandboxIamResponse
from portal.sandbox.runtime import SandboxRuntimeResponse
from portal.sandbox.sts import SandboxTokenResponse


def install() -> None:
    """After this moto's server dispatches to the sandbox's classes. Each takes over every path of its service."""
    bedrock_backends.backend = SandboxBedrockBackend
    moto.bedrock.urls.url_paths = {"{0}/.*$": SandboxBedrockResponse.dispatch}
    moto.bedrock.responses.BedrockResponse = SandboxBedrockResponse
    moto.bedrockruntime.urls.url_paths = {"{0}/.*$": SandboxRuntimeResponse.dispatch}
    moto.bedrockruntime.responses.BedrockRuntimeResponse = SandboxRuntimeResponse
    for urls, response in (
        (moto.sts.urls, SandboxTokenResponse),
        (moto.budgets.urls, SandboxBudgetsResponse),
        (moto.iam.urls, SandboxIamResponse),
    ):
        urls.url_paths = dict.fromkeys(urls.url_paths, response.dispatch)
