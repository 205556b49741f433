"""What a drill came to: counted from the database, the mail server, AWS and the requests, against what was accepted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.db import connection
from django.db.models import Max, Q, QuerySet, Sum

from finops.models import CubeDay
from finops.reports.ages import WHOLE_TASK
from governance.actions.notifications import MAIL_TASK
from governance.actions.people import INVITATION_TASK
from governance.models import Notification, User
from portal.jobs.models import Job
from portal.jobs.registry import TASKS
from tests.faults.drill.faults import OF_DATABASE, OF_REACH, Struck
from tests.faults.drill.site import Site
from tests.faults.drill.size import P99_S, Size
from tests.faults.drill.visitor import Request
from tests.faults.drill.workload import DISTURBED_ROLE, QUIET_ROLE, Workload
from tests.faults.granted import of_grant
from tests.faults.logs import found
from tests.hub.conftest import DEV, PROD

OPEN = [Job.State.PENDING, Job.State.CLAIMED]


@dataclass(frozen=True)
class Verdict:
    """accepted: jobs of the workload; lost: of them not done at the end, for good or still waiting; missing, doubled:
    rows that should be there once; mails_missing, mails_doubled: the same of mails, which are promised at least once,
    and mails_interrupted how many attempts at one were cut short; refused: requests that failed while PostgreSQL was
    down, failed: at any other time; while_away: requests that came while the broker was out of reach.
    p50_s …: from acceptance to the end; longest_unrefused_s: of jobs that AWS refused nothing.
    """

    accepted: int
    lost: int
    missing: int
    doubled: int
    mails: int
    mails_missing: int
    mails_doubled: int
    mails_interrupted: int
    requests: int
    refused: int
    failed: int
    while_away: int
    grants: int
    aws_equal: bool
    usage_equal: bool
    p50_s: float
    p99_s: float
    longest_s: float
    longest_unrefused_s: float
    takeovers: int
    restarts: int

    @property
    def broken(self) -> list[str]:
        """Every promise that was not kept, as a sentence."""
        kept = {
            f"{self.lost} accepted jobs were not done": not self.lost,
            f"{self.missing} rows are missing": not self.missing,
            f"{self.doubled} rows are there twice": not self.doubled,
            f"{self.mails_missing} mails were never sent": not self.mails_missing,
            "more mails were sent twice than attempts were cut short": self.mails_doubled <= self.mails_interrupted,
            f"{self.failed} requests failed while PostgreSQL was up": not self.failed,
            "no request came while the broker was away": bool(self.while_away),
            "AWS differs from that of an undisturbed run": self.aws_equal,
            "the usage differs from that of an undisturbed run": self.usage_equal,
        }
        return [sentence for sentence, holds in kept.items() if not holds]

    def late(self, size: Size) -> list[str]:
        """Every limit of time that was passed. AWS's refusals are waited out, and so have no part in the longest."""
        kept = {
            f"99 of 100 jobs took up to {self.p99_s:.1f} s, more than {P99_S:.0f} s": self.p99_s <= P99_S,
            f"a job took {self.longest_unrefused_s:.1f} s, more than {size.longest_s:.0f} s": (
                self.longest_unrefused_s <= size.longest_s
            ),
        }
        return [sentence for sentence, holds in kept.items() if not holds]

    def as_dict(self) -> dict[str, int | float | bool]:
        """All figures, for a file."""
        return asdict(self)


def jobs() -> QuerySet[Job]:
    """The jobs of the workload: all that no schedule made."""
    unscheduled = [name for name, task in TASKS.items() if task.every is None]
    return Job.objects.filter(name__in={*unscheduled, WHOLE_TASK})


def settled() -> bool:
    """Whether nothing waits or runs, and the sums of usage are made."""
    return not jobs().filter(state__in=OPEN).exists() and all(d.built == d.version for d in CubeDay.objects.all())


def waiting() -> int:
    """Jobs that wait or run."""
    return jobs().filter(state__in=OPEN).count()


def unfinished() -> int:
    """Jobs that were accepted and are not done."""
    return jobs().filter(state__in=[*OPEN, Job.State.DEAD]).count()


def judge(site: Site, work: Workload, struck: Sequence[Struck], requests: Sequence[Request], since: int) -> Verdict:
    """Count everything. since: id of the last job of the undisturbed run."""
    disturbed = jobs().filter(pk__gt=since)
    took = sorted(_seconds(job) for job in disturbed.filter(state=Job.State.DONE))
    calm = [_seconds(job) for job in disturbed.filter(state=Job.State.DONE, failures=0)]
    rows = Counter(_rows())
    mails = dict(site.around.sink.mails)
    cut = disturbed.filter(name__in=[INVITATION_TASK, MAIL_TASK]).aggregate(n=Sum("losses") + Sum("failures"))["n"]
    return Verdict(
        accepted=disturbed.count(),
        lost=unfinished(),
        missing=len(set(work.effects) - set(rows)),
        doubled=sum(rows.values()) - len(rows),
        mails=len(mails),
        mails_missing=_mails_missing({to for to, _ in mails}),
        mails_doubled=sum(mails.values()) - len(mails),
        mails_interrupted=cut or 0,
        requests=len(requests),
        refused=sum(_is_error(one) and _during(one, struck, OF_DATABASE) for one in requests),
        failed=sum(_is_error(one) and not _during(one, struck, OF_DATABASE) for one in requests),
        while_away=sum(_during(one, struck, OF_REACH) and not _is_error(one) for one in requests),
        grants=len(work.grants),
        aws_equal=not aws_differences(work),
        usage_equal=found(PROD) == found(DEV),
        p50_s=_share(took, 0.5),
        p99_s=_share(took, 0.99),
        longest_s=took[-1],
        longest_unrefused_s=max(calm),
        takeovers=disturbed.aggregate(n=Sum("losses"))["n"],
        restarts=site.restarts,
    )


def last_job() -> int:
    """The id of the newest job."""
    return int(Job.objects.aggregate(last=Max("pk"))["last"])


def _rows() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT argument FROM effect")
        return [int(row[0]) for row in cursor.fetchall()]


def _mails_missing(reached: set[str]) -> int:
    """People who were invited, or have news that was not mailed, and got no mail at all."""
    invited = set(User.objects.filter(invited_by__isnull=False).values_list("email", flat=True))
    unsent = Notification.objects.filter(Q(mailed_at=None) & Q(read_at=None) & Q(user__is_active=True)).count()
    return len(invited - reached) + unsent


def aws_differences(work: Workload) -> list[str]:
    """What AWS has of each disturbed grant, where it is not what AWS has of the undisturbed one."""
    work.quiet_grant.refresh_from_db()
    quiet = of_grant(work.world, work.quiet_grant, QUIET_ROLE)
    differences = []
    for grant in work.grants:
        grant.refresh_from_db()
        has = of_grant(work.world, grant, DISTURBED_ROLE)
        if has != quiet or grant.state != "active":
            differences.append(f"{grant.slug} is {grant.state} with {has} instead of {quiet}")
    return differences


def _seconds(job: Job) -> float:
    assert job.finished_at
    return (job.finished_at - job.created_at).total_seconds()


def _share(times: Sequence[float], part: float) -> float:
    """The time within which so many of the sorted ones were done."""
    return times[min(len(times) - 1, int(len(times) * part))]


def _is_error(request: Request) -> bool:
    return not 200 <= request.status < 400


def _during(request: Request, struck: Sequence[Struck], fault: str) -> bool:
    """Whether the request overlaps a fault of that name."""
    return any(one.fault == fault and request.began < one.ended and request.ended > one.began for one in struck)
