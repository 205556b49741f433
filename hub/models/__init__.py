from hub.models.access_request import AccessRequest, Environment
from hub.models.account import AccountRegion, AwsAccount
from hub.models.catalogue import FoundationModel, ModelOffer, SystemProfile
from hub.models.grant import Artefact, Grant, Probe
from hub.models.guardrail import Guardrail, GuardrailVersion
from hub.models.plan import Plan
from hub.models.price import Price
from hub.models.review import Clearance, ModelReview
from hub.models.service_health import BreakerReport, ServiceHealth

__all__ = [
    "AccessRequest",
    "AccountRegion",
    "Artefact",
    "AwsAccount",
    "BreakerReport",
    "Clearance",
    "Environment",
    "FoundationModel",
    "Grant",
    "Guardrail",
    "GuardrailVersion",
    "ModelOffer",
    "ModelReview",
    "Plan",
    "Price",
    "Probe",
    "ServiceHealth",
    "SystemProfile",
]
