"""What a platform engineer does with jobs and syncs; portal.jobs knows no people, so who may and the event are here."""

from django.db import models, transaction

from governance import audit, policy
from governance.models import User
from governance.roles import Permission
from governance.vocabulary import Verb
from portal.jobs import actions
from portal.jobs.models import Job, SyncRun


def retry_job(job: Job, *, by: User) -> Job:
    """Let a dead job run again. Raises Refused if it is not dead any more."""
    policy.check_can(by, Permission.RUN_JOBS, what="retry jobs")
    with transaction.atomic():
        revived = actions.revive(job)
        _record(Verb.JOB_RETRIED, revived, by)
    return revived


def run_now(name: str, *, by: User) -> Job:
    """Run a task of the schedule now. Raises Refused for a name that is on no schedule."""
    policy.check_can(by, Permission.RUN_JOBS, what="run syncs and jobs")
    with transaction.atomic():
        job = actions.run_now(name)
        _record(Verb.JOB_RUN_NOW, job, by)
    return job


def sync_again(run: SyncRun, *, by: User) -> Job:
    """Do a sync that failed once more, for its scope alone. Raises Refused as portal.jobs.actions.sync_again does."""
    policy.check_can(by, Permission.RUN_JOBS, what="run syncs and jobs")
    with transaction.atomic():
        job = actions.sync_again(run)
        audit.record(Verb.JOB_RUN_NOW, job, by=by, scope=run.scope)
    return job


def _record(verb: Verb, job: models.Model, by: User) -> None:
    audit.record(verb, job, by=by)
