"""The one Celery task: claim a job and run its handler."""

from celery import shared_task


@shared_task(name="portal.jobs.run")
def run(job_id: int) -> None:
    """Run the job if it can be claimed."""
