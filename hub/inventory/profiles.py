"""Keeping the inference profiles that AWS defines in a region."""

from collections.abc import Iterable

from hub.inventory.merging import merge
from hub.models import AwsAccount, FoundationModel, SystemProfile
from portal.aws.bedrock import ProfileInfo

FIELDS = ("arn", "name", "model_id", "scope", "destination_regions")
GLOBAL_PREFIX = "global."


def save_profiles(account: AwsAccount, region: str, found: Iterable[ProfileInfo]) -> int:
    """Keep the system profiles of `region`; returns how many rows were written. Models are kept before profiles."""
    profiles = {info.profile_id: info for info in found}
    wanted = {info.model_id for info in profiles.values()}
    models = dict(FoundationModel.objects.filter(model_id__in=wanted).values_list("model_id", "pk"))
    rows = {
        profile_id: SystemProfile(
            account=account,
            region=region,
            profile_id=profile_id,
            arn=info.arn,
            name=info.name,
            model_id=models.get(info.model_id),
            scope=scope_of(profile_id),
            destination_regions=list(info.destination_regions),
        )
        for profile_id, info in profiles.items()
    }
    known = {row.profile_id: row for row in SystemProfile.objects.filter(account=account, region=region)}
    return merge(SystemProfile, known, rows, FIELDS)


def scope_of(profile_id: str) -> str:
    """ "global.anthropic.…" may be served anywhere, "eu.anthropic.…" within its geography."""
    return SystemProfile.Scope.GLOBAL if profile_id.startswith(GLOBAL_PREFIX) else SystemProfile.Scope.GEO
