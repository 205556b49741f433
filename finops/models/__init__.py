from finops.models.usage import BadLine, LogObject, UsageDim, UsageHour

__all__ = ["BadLine", "LogObject", "UsageDim", "UsageHour"]
