from governance.models.approval import Approval, ApprovalStep, Comment, Decision
from governance.models.audit import AuditAnchor, AuditEvent, AuditSeal
from governance.models.credential import PersonToken, ServiceKey
from governance.models.notification import Notification
from governance.models.person import Membership, PersonRequest, User
from governance.models.routing import RoutingPolicy
from governance.models.tenant import DataClass, Onboarding, Tenant
from governance.models.use_case import UseCase

__all__ = [
    "Approval",
    "ApprovalStep",
    "AuditAnchor",
    "AuditEvent",
    "AuditSeal",
    "Comment",
    "DataClass",
    "Decision",
    "Membership",
    "Notification",
    "Onboarding",
    "PersonRequest",
    "PersonToken",
    "RoutingPolicy",
    "ServiceKey",
    "Tenant",
    "UseCase",
    "User",
]
