"""Which models a tenant could ask for, for the apps below that ask."""

from collections.abc import Collection

from governance.models import DataClass, Tenant
from governance.needs import ModelReach
from hub.models import FoundationModel
from hub.routes import judged, routes


def reach_of(parent: Tenant | None, data_classes: Collection[str], regions: Collection[str]) -> ModelReach:
    """How many models are approved, and those that none of the data reaches by a route which stays in the regions.

    The least sensitive class decides: what it may not do, no class above it may.
    """
    tenant = Tenant(name="The tenant", parent=parent, regions=list(regions))
    models = FoundationModel.objects.filter(status=FoundationModel.Status.APPROVED, vanished_at__isnull=True)
    least = next((name for name in DataClass.values if name in data_classes), "")
    without = tuple(str(model.name) for model in models.order_by("name") if not _reaches(model, tenant, least))
    return ModelReach(approved=len(models), without=without)


def _reaches(model: FoundationModel, tenant: Tenant, data_class: str) -> bool:
    if not data_class:
        return False
    pairs = judged(routes(model, tenant), tenant=tenant, model=model, data_class=data_class)
    return any(residency.allowed for _, residency in pairs)
