"""What access there is, for the apps below that ask."""

from governance.models import UseCase
from governance.needs import LiveAccess
from hub.models import Grant


def live_of(use_case: UseCase) -> LiveAccess:
    """The grants of a use case that have not ended, frozen ones too: they can come back."""
    grants = Grant.objects.filter(use_case=use_case).exclude(state__in=Grant.ENDED).select_related("model", "use_case")
    return LiveAccess(tuple(str(grant) for grant in grants.order_by("pk")))
