"""Becoming another role. The only credentials that Atrium keeps are short ones, in the memory of one process."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.aws.errors import translated


@dataclass(frozen=True, slots=True)
class Credentials:
    """What AssumeRole gave; `expires_at` is aware. The secrets stay out of repr()."""

    access_key: str
    secret_key: str
    token: str
    expires_at: datetime
    assumed_arn: str

    def __repr__(self) -> str:
        return f"Credentials({self.assumed_arn}, until {self.expires_at:%F %T})"


def assume_role(client: Any, *, role_arn: str, session_name: str, external_id: str = "") -> Credentials:
    """Assume `role_arn` for an hour through an sts `client`. Raises AwsError."""
    arguments = {"RoleArn": role_arn, "RoleSessionName": session_name[:64], "DurationSeconds": 3600}
    if external_id:
        arguments["ExternalId"] = external_id
    with translated("sts", "AssumeRole"):
        answer = client.assume_role(**arguments)
    found = answer["Credentials"]
    return Credentials(
        access_key=found["AccessKeyId"],
        secret_key=found["SecretAccessKey"],
        token=found["SessionToken"],
        expires_at=found["Expiration"],
        assumed_arn=answer["AssumedRoleUser"]["Arn"],
    )


def caller_account(client: Any) -> str:
    """The number of the account that the client's credentials belong to. Raises AwsError."""
    with translated("sts", "GetCallerIdentity"):
        return str(client.get_caller_identity()["Account"])
