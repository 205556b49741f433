from finops.models.attribution import UsageHandle
from finops.models.budget import Budget, BudgetAlert
from finops.models.spend import CubeDay, OwnerDay, SpendDay
from finops.models.usage import BadLine, LogObject, UsageDim, UsageHour

__all__ = [
    "BadLine",
    "Budget",
    "BudgetAlert",
    "CubeDay",
    "LogObject",
    "OwnerDay",
    "SpendDay",
    "UsageDim",
    "UsageHandle",
    "UsageHour",
]
