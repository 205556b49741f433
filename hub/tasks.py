"""Background work of the hub."""

from hub.actions import grants
from hub.provisioning import observing, reconciler
from portal.jobs.registry import task


@task("hub.reconcile")
def reconcile(grant_id: int | None) -> None:
    if grant_id is not None:
        reconciler.reconcile(grant_id)


@task("hub.expire_grants", every=600)
def expire_grants(_argument: int | None) -> None:
    grants.expire_due()


@task("hub.observe_grants", every=3600)
def observe_grants(_argument: int | None) -> None:
    observing.observe_all()


@task("hub.observe_grant")
def observe_grant(grant_id: int | None) -> None:
    if grant_id is not None:
        observing.observe(grant_id)
