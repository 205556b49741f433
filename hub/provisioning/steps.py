"""One step: observe an artefact, make or change or remove it, look again, and write down what is there."""

from typing import Any

from governance import audit
from governance.vocabulary import Verb
from hub.models import Artefact, Grant
from hub.plans.symbols import PROFILE_ARN
from hub.provisioning.found import Blocked, Found, Unsettled
from hub.provisioning.ground import Ground
from hub.provisioning.intent import announce
from hub.provisioning.kinds import KINDS, LABELS, MADE
from hub.provisioning.kinds.kind import Desired, Kind
from portal.aws.errors import AwsError, Conflict
from portal.jobs.claims import fenced
from portal.lib import clock

CREATED, UPDATED, FOUND = "created", "updated", "found"


def apply(ground: Ground, artefact: Artefact) -> None:
    """Drive one artefact to what is wanted.

    Raises AwsError, Blocked or Unsettled, each written beside the artefact first.
    """
    try:
        found = _driven(ground, artefact)
    except (AwsError, Blocked, Unsettled) as error:
        _write_failure(artefact, str(error))
        raise
    _write_success(ground, artefact, found)


def remove(ground: Ground, artefact: Artefact) -> None:
    """Remove an artefact, or the grant's part in it. Raises as `apply`."""
    if artefact.state == Artefact.State.ABSENT and not artefact.unrecorded:
        return
    try:
        desired = ground.resolved(artefact.desired)
    except LookupError:
        # A symbol that never became known belongs to a thing that was never made.
        desired = artefact.desired
    announce(ground)
    try:
        KINDS[artefact.kind].delete(ground, desired)
    except (AwsError, Blocked) as error:
        _write_failure(artefact, str(error))
        raise
    with fenced():
        _write(
            artefact,
            state=Artefact.State.ABSENT,
            error="",
            unrecorded="",
            actual=None,
            drift=Artefact.Drift.NOT_CHECKED,
        )
        audit.record(
            Verb.GRANT_REMOVED, ground.grant, by=None, tenant=ground.grant.tenant, **_named(artefact, artefact.arn)
        )


def _driven(ground: Ground, artefact: Artefact) -> Found:
    kind, desired = KINDS[artefact.kind], ground.resolved(artefact.desired)
    wanted = kind.wanted(ground, desired)
    found = kind.observe(ground, desired)
    if found is not None and found.content == wanted:
        return found
    _begin(ground, artefact, UPDATED if found else CREATED)
    if found is None:
        found = _created(ground, kind, desired)
    if found and found.content != wanted:
        kind.update(ground, desired, found)
    seen = kind.observe(ground, desired)
    if seen is None or seen.content != wanted:
        raise Unsettled(f"AWS does not show the {LABELS[artefact.kind]} {artefact.name} as it was made yet.")
    return seen


def _begin(ground: Ground, artefact: Artefact, how: str) -> None:
    """Write down what is about to be done, before AWS is told: whoever finds it done later owes the trail its event.

    Between AWS and our database a process may die, AWS may show it late, and a second step of it may fail.
    """
    if artefact.kind not in MADE:
        return
    announce(ground)
    if not artefact.unrecorded:
        with fenced():
            _write(artefact, unrecorded=how)


def _created(ground: Ground, kind: Kind, desired: Desired) -> Found | None:
    """Make what nobody saw. None if it was made; what is there now if another run made it at this moment.

    Raises the conflict itself if nothing is to be seen yet, and Blocked if what took the name is not ours.
    """
    try:
        kind.create(ground, desired)
    except Conflict:
        found = kind.observe(ground, desired)
        if found is None:
            raise
        return found
    return None


def _write_success(ground: Ground, artefact: Artefact, found: Found) -> None:
    now, how = clock.now(), _how(artefact)
    with fenced():
        changes: dict[str, Any] = {"applied_at": now} if how or artefact.applied_at is None else {}
        _write(
            artefact,
            arn=found.arn or artefact.arn,
            actual=found.content,
            state=Artefact.State.PRESENT,
            error="",
            unrecorded="",
            drift=Artefact.Drift.IN_SYNC,
            observed_at=now,
            **changes,
        )
        if artefact.kind == "inference_profile":
            _keep_profile(ground, found.arn)
        if how:
            named = _named(artefact, found.arn)
            audit.record(Verb.GRANT_APPLIED, ground.grant, by=None, tenant=ground.grant.tenant, how=how, **named)


def _how(artefact: Artefact) -> str:
    """How it came to be as wanted: made or changed by this or a lost attempt, found there at first, "" for no news."""
    comes = artefact.applied_at is None or artefact.state == Artefact.State.ABSENT
    return artefact.unrecorded or (FOUND if comes and artefact.kind in MADE else "")


def _keep_profile(ground: Ground, arn: str) -> None:
    """The steps after it, and the attribution of what is called through it, need the profile's ARN."""
    ground.known[PROFILE_ARN] = arn
    grant = ground.grant
    if grant.profile_arn == arn:
        return
    grant.profile_arn, grant.since = arn, grant.since or clock.now()
    Grant.objects.filter(pk=grant.pk).update(profile_arn=arn, since=grant.since)


def _write_failure(artefact: Artefact, sentence: str) -> None:
    with fenced():
        _write(artefact, state=Artefact.State.FAILED, error=sentence)


def _write(artefact: Artefact, **changes: Any) -> None:
    for field, value in changes.items():
        setattr(artefact, field, value)
    artefact.save(update_fields=list(changes))


def _named(artefact: Artefact, arn: str) -> dict[str, str]:
    return {"artefact": artefact.kind, "name": artefact.name, "arn": arn}
