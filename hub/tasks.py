"""Background work of the hub."""

from hub.actions import grants, use_case_changes
from hub.provisioning import observing, reconciler
from portal.jobs.registry import task


@task("hub.reconcile")
def reconcile(grant_id: int | None) -> None:
    if grant_id is not None:
        reconciler.reconcile(grant_id)


@task("hub.follow_use_case")
def follow_use_case(use_case_id: int | None) -> None:
    if use_case_id is not None:
        use_case_changes.follow(use_case_id)


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
