"""Which model stands behind a profile that names none in the logs."""

from dataclasses import dataclass

from finops.ingest.modelref import Scope
from finops.models import UsageDim, UsageHandle
from hub.models import Grant


@dataclass(frozen=True)
class Inventory:
    """profiles: ARN of an application profile → (model id, scope)."""

    profiles: dict[str, tuple[str, str]]

    def model_behind(self, dim: UsageDim) -> tuple[str, str]:
        """The canonical model id ("" if unmapped) and scope of a dimension."""
        if dim.model_id:
            return dim.model_id, dim.scope
        return self.profiles.get(dim.profile_arn, ("", Scope.UNRESOLVED))


def inventory() -> Inventory:
    """The profiles that grants made: those of today, and those that a repair replaced, which handles remember."""
    behind = ("model", "request__profile")
    handles = UsageHandle.objects.filter(kind=UsageHandle.Kind.PROFILE, grant__isnull=False)
    known = [(one.value, one.grant) for one in handles.select_related(*(f"grant__{name}" for name in behind))]
    known += [(one.profile_arn, one) for one in Grant.objects.exclude(profile_arn="").select_related(*behind)]
    return Inventory({arn: (grant.model.model_id, _scope(grant)) for arn, grant in known if grant})


def _scope(grant: Grant) -> str:
    profile = grant.request.profile
    if profile is None:
        return Scope.IN_REGION
    return Scope.GLOBAL if profile.scope == "global" else Scope.GEO
