"""Two things that must be there before a grant can be active, and that Atrium does not make."""

from typing import Any

from hub.inventory.logging_places import save_logging
from hub.provisioning.found import Blocked, Found
from hub.provisioning.ground import Ground
from hub.provisioning.kinds.kind import Desired
from portal.aws import bedrock
from portal.aws.errors import NotFound
from portal.jobs.claims import fenced


class _Check:
    """Nothing is ever changed or removed."""

    def update(self, ground: Ground, desired: Desired, found: Found) -> None:
        raise Blocked(f"{desired['name']} is not as the plan says, and Atrium does not change it.")

    def delete(self, ground: Ground, desired: Desired) -> None:
        return


class LoggingCheck(_Check):
    """Invocation logging to S3 is on in the Region: without it nothing would be metered."""

    def wanted(self, ground: Ground, desired: Desired) -> dict[str, Any]:
        return {"on": True}

    def observe(self, ground: Ground, desired: Desired) -> Found | None:
        found = bedrock.logging(ground.session)
        with fenced():
            save_logging(ground.grant.account, desired["region"], found)
        return Found("", {"on": True}) if found and found.to_s3 else None

    def create(self, ground: Ground, desired: Desired) -> None:
        raise Blocked(
            f"Model invocation logging to S3 is off in {desired['region']} of account {ground.account.number}, "
            "so nothing that runs there could be metered. Turn it on there (Bedrock → Settings → Model invocation "
            "logging, or aws bedrock put-model-invocation-logging-configuration), then try again."
        )


class GuardrailVersionCheck(_Check):
    """The pinned version of the guardrail exists. Versions never change, so existence is all there is to check."""

    def wanted(self, ground: Ground, desired: Desired) -> dict[str, Any]:
        return {"version": desired["version"]}

    def observe(self, ground: Ground, desired: Desired) -> Found | None:
        try:
            bedrock.guardrail_content(ground.session, desired["guardrail_id"], desired["version"])
        except NotFound:
            return None
        return Found(f"{desired['arn']}:{desired['version']}", {"version": desired["version"]})

    def create(self, ground: Ground, desired: Desired) -> None:
        raise Blocked(
            f"Version {desired['version']} of the guardrail {desired['name']} does not exist any more. "
            "Ask again with a version that does."
        )
