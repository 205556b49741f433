"""What a plan is compiled from: plain facts of a request, so that the same request gives the same plan."""

from dataclasses import dataclass

from portal.aws.arns import foundation_model

IN_REGION = "in_region"
GEO = "geo"
GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class GuardrailPin:
    """A guardrail version that calls must carry. arn is the guardrail's, without the version."""

    guardrail_id: str
    arn: str
    name: str
    version: str

    @property
    def condition_value(self) -> str:
        """What `bedrock:GuardrailIdentifier` must equal; AWS appends the version unless it is the draft."""
        return f"{self.arn}:{self.version}"


@dataclass(frozen=True, slots=True)
class Inputs:
    """The facts of one request.

    *_uid: UUIDs as text; slug: the name of everything that is made, unique for each request (hub.plans.naming);
    profile_id/profile_arn: the system profile, "" in-region; destinations: its Regions; control_role: who probes;
    role_arns: the roles that are named, empty to have one made; budget_nano: this request's share, nano-USD a month;
    modality: "text" or "embedding", what the probe asks for.
    """

    slug: str
    tenant_uid: str
    use_case_uid: str
    cost_centre: str
    environment: str
    account: str
    region: str
    model_id: str
    modality: str
    scope: str
    profile_id: str
    profile_arn: str
    destinations: tuple[str, ...]
    guardrail: GuardrailPin | None
    role_arns: tuple[str, ...]
    control_role: str
    budget_nano: int

    @property
    def copy_from(self) -> str:
        """The ARN that the application profile is copied from."""
        return self.profile_arn or foundation_model(self.region, self.model_id)
