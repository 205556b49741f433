from hub.models.account import AccountRegion, AwsAccount
from hub.models.catalogue import FoundationModel, ModelOffer, SystemProfile
from hub.models.guardrail import Guardrail, GuardrailVersion
from hub.models.price import Price
from hub.models.review import Clearance, ModelReview

__all__ = [
    "AccountRegion",
    "AwsAccount",
    "Clearance",
    "FoundationModel",
    "Guardrail",
    "GuardrailVersion",
    "ModelOffer",
    "ModelReview",
    "Price",
    "SystemProfile",
]
