"""IAM documents of a grant, as dicts that serialise the same way each time.

Both halves that Bedrock checks on a call through an application profile: the profile, and the model behind it in each
destination Region, there on condition that the call came through the profile. Sources: Amazon Bedrock User Guide,
"Prerequisites for inference profiles", "Global cross-Region inference" and "Set up permissions to use guardrails".
"""

from typing import Any

from hub.plans.inputs import GLOBAL, IN_REGION, Inputs
from hub.plans.symbols import PROFILE_ARN
from portal.aws.arns import foundation_model, root

VERSION = "2012-10-17"
INVOKE = "bedrock:InvokeModel*"
PROBE_SID = "AtriumProbe"

Document = dict[str, Any]


def grant_policy(inputs: Inputs) -> Document:
    """The managed policy of a grant; the ARN of the profile is still a symbol."""
    guarded = {"bedrock:GuardrailIdentifier": inputs.guardrail.condition_value} if inputs.guardrail else {}
    through_profile = {"bedrock:InferenceProfileArn": PROFILE_ARN} | guarded
    statements = [
        _allow("InvokeThroughProfile", INVOKE, [PROFILE_ARN], guarded),
        _allow("ModelBehindProfile", INVOKE, regional_models(inputs), through_profile),
    ]
    if inputs.scope == GLOBAL:
        # A global route has no Region: a deny or allow by aws:RequestedRegion sees the word "unspecified".
        anywhere = through_profile | {"aws:RequestedRegion": "unspecified"}
        statements.append(_allow("ModelAnywhere", INVOKE, [foundation_model("", inputs.model_id)], anywhere))
    if inputs.guardrail:
        statements.append(_allow("ApplyGuardrail", "bedrock:ApplyGuardrail", [inputs.guardrail.arn], {}))
    return {"Version": VERSION, "Statement": statements}


def regional_models(inputs: Inputs) -> list[str]:
    """ARNs of the model in each Region that the profile may route to; of a global one, in the Region of the call."""
    regions = (inputs.region,) if inputs.scope in (IN_REGION, GLOBAL) else inputs.destinations
    return [foundation_model(region, inputs.model_id) for region in sorted(set(regions))]


def freeze_policy(profile_arn: str) -> Document:
    """The explicit deny of a frozen grant: the profile, and any model reached through it."""
    behind = {"StringEquals": {"bedrock:InferenceProfileArn": profile_arn}}
    return {
        "Version": VERSION,
        "Statement": [
            {"Sid": "FrozenProfile", "Effect": "Deny", "Action": [INVOKE], "Resource": [profile_arn]},
            {"Sid": "FrozenModels", "Effect": "Deny", "Action": [INVOKE], "Resource": ["*"], "Condition": behind},
        ],
    }


def probe_trust(control_role: str) -> Document:
    """The trust statement through which Atrium probes as the tenant's role."""
    return {
        "Sid": PROBE_SID,
        "Effect": "Allow",
        "Principal": {"AWS": control_role},
        "Action": "sts:AssumeRole",
    }


def made_role_trust(account: str, control_role: str) -> Document:
    """The trust of a role that Atrium makes: the account's own principals as its policies allow, and the probe."""
    own = {"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": root(account)}, "Action": "sts:AssumeRole"}
    return {"Version": VERSION, "Statement": [own, probe_trust(control_role)]}


def _allow(sid: str, action: str, resources: list[str], conditions: dict[str, str]) -> Document:
    statement: Document = {"Sid": sid, "Effect": "Allow", "Action": [action], "Resource": resources}
    if conditions:
        statement["Condition"] = {"StringEquals": conditions}
    return statement
