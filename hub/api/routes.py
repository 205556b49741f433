"""Which resource of the hub stands at which address under /api/v1/."""

from hub.api import access_requests, grants, models
from portal.lib.api.resource import Resource

ROUTES: tuple[tuple[str, type[Resource]], ...] = (
    ("models", models.Models),
    ("access-requests", access_requests.AccessRequests),
    ("grants", grants.Grants),
)
