"""The kinds of artefact, each with observe, create, update and delete."""

from hub.provisioning.kinds.aws_budget import AwsBudget
from hub.provisioning.kinds.checks import GuardrailVersionCheck, LoggingCheck
from hub.provisioning.kinds.denial import Denial
from hub.provisioning.kinds.iam_policy import IamPolicy
from hub.provisioning.kinds.inference_profile import InferenceProfile
from hub.provisioning.kinds.kind import Kind
from hub.provisioning.kinds.role import MadeRole
from hub.provisioning.kinds.role_trust import RoleTrust

KINDS: dict[str, Kind] = {
    "invocation_logging": LoggingCheck(),
    "guardrail_version": GuardrailVersionCheck(),
    "inference_profile": InferenceProfile(),
    "role": MadeRole(),
    "role_trust": RoleTrust(),
    "iam_policy": IamPolicy(),
    "aws_budget": AwsBudget(),
    "denial": Denial(),
}

# Access is cut first; the deny of a frozen grant goes only once nothing allows any more; checks leave nothing behind.
REMOVAL_ORDER = ("iam_policy", "denial", "role_trust", "role", "inference_profile", "aws_budget")

# What Atrium makes in AWS; the other kinds only look.
MADE = frozenset(REMOVAL_ORDER)

# What each kind is called on a page.
LABELS = {
    "invocation_logging": "Invocation logging",
    "guardrail_version": "Guardrail version",
    "inference_profile": "Inference profile",
    "role": "IAM role",
    "role_trust": "Trust for the probe",
    "iam_policy": "IAM policy",
    "aws_budget": "AWS Budget",
    "denial": "Explicit deny",
    "probe": "Probe",
}
