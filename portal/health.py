"""Whether this process lives, and whether the whole works."""

from dataclasses import asdict, dataclass
from datetime import timedelta

from celery import current_app
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from governance.reports import audit_state
from portal.jobs import reports
from portal.jobs.sending import connection_errors
from portal.lib.kept import Kept

CANARY_LIMIT = timedelta(seconds=60)
BROKER_WAIT_S = 1
# Less than any load balancer waits between two questions, so that it hears the present.
FRESH_S, AT_MOST_S = 3, 10


@dataclass(frozen=True)
class Health:
    """Whether a part works, and in a sentence what was seen."""

    ok: bool
    reason: str


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 as long as this process answers."""
    return JsonResponse({"ok": True})


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and a canary job finished in the last minute, else 503; why, for each part.

    The broker is told but does not count: jobs are accepted without it, and done when it is back. Nor does the age of
    the audit trail's anchor. Nobody signs in for it, so a process looks at most every few seconds, whoever asks.
    """
    parts = looked()
    ok = parts["database"].ok and parts["jobs"].ok
    return JsonResponse(
        {"ok": ok, "parts": {name: asdict(part) for name, part in parts.items()}}, status=200 if ok else 503
    )


def look() -> dict[str, Health]:
    """The state of each part at this moment."""
    database = _database()
    jobs = _jobs() if database.ok else Health(False, "Not asked: the database does not answer.")
    audit = _audit() if database.ok else Health(False, "Not asked: the database does not answer.")
    return {"database": database, "jobs": jobs, "broker": _broker(), "audit": audit}


looked = Kept(look, fresh_s=FRESH_S, at_most_s=AT_MOST_S)


def _database() -> Health:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        return Health(False, f"The database does not answer ({type(error).__name__}).")
    return Health(True, "The database answers.")


def _jobs() -> Health:
    age = reports.canary_age()
    if age is None:
        return Health(False, "No canary job has finished yet: are the worker and the sweeper running?")
    sentence = f"The last canary job finished {age.total_seconds():.0f} seconds ago."
    return Health(age < CANARY_LIMIT, sentence)


def _audit() -> Health:
    state = audit_state.current()
    return Health(not state.late, state.sentence)


def _broker() -> Health:
    try:
        with current_app.connection_for_write(connect_timeout=BROKER_WAIT_S) as broker:
            broker.ensure_connection(max_retries=0, timeout=BROKER_WAIT_S)
    except connection_errors() as error:
        return Health(False, f"The broker does not answer ({type(error).__name__}); jobs wait until it does.")
    return Health(True, "The broker answers.")
