"""Who runs the code of a grant: its roles, and how to become one of them."""

from dataclasses import dataclass

from django.conf import settings

from hub.models import Grant
from portal.aws import sandbox
from portal.aws.errors import AwsError

NAMES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


@dataclass(frozen=True, slots=True)
class Caller:
    """role_arns: those with the policy; made: whether Atrium made the role; command: becomes the first of them.

    sandbox: what a shell needs before the command where AWS is a sandbox, "" at AWS; away: why that is not known.
    """

    role_arns: tuple[str, ...]
    made: bool
    command: str
    sandbox: str = ""
    away: str = ""


def caller(grant: Grant) -> Caller:
    """Who runs the code of this grant. Asks the sandbox for its key where there is one."""
    probe = next(artefact for artefact in grant.plan.artefacts if artefact["kind"] == "probe")
    roles, made = tuple(probe["roles"]), not grant.request.role_arns
    if not settings.SANDBOX:
        return Caller(roles, made, becoming(roles[0]))
    try:
        key = sandbox.workload_key(grant.account.number)
    except AwsError as error:
        return Caller(roles, made, becoming(roles[0]), away=str(error))
    given = {
        "AWS_ENDPOINT_URL": settings.AWS_ENDPOINT_URL,
        "AWS_DEFAULT_REGION": grant.region,
        "AWS_ACCESS_KEY_ID": key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
    }
    exports = "\n".join(["unset AWS_SESSION_TOKEN", *(f"export {name}={value}" for name, value in given.items())])
    return Caller(roles, made, becoming(roles[0]), sandbox=exports)


def becoming(role_arn: str) -> str:
    """A shell command after which the role's own keys are those of the shell."""
    names = " ".join(f"{name}=%s" for name in NAMES)
    return (
        f"export $(printf '{names}' $(aws sts assume-role \\\n"
        f"  --role-arn {role_arn} --role-session-name kit \\\n"
        "  --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text))"
    )
