"""From what people decided about a grant to what AWS has. Level-triggered: every run works from the full state.

AWS is asked outside any transaction; each result is written as soon as it is known, under the fence of the job.
A process may die anywhere: the next run observes, and finds what the last one made by token, name and tag.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.db.models import Q

from hub.effects import Event, emit
from hub.models import Artefact, Grant
from hub.plans import policies
from hub.plans.naming import PREFIX
from hub.provisioning import probing, steps
from hub.provisioning.binding import check_bound
from hub.provisioning.found import Blocked, Unsettled
from hub.provisioning.ground import Ground
from hub.provisioning.kinds import REMOVAL_ORDER
from hub.provisioning.news import tell_active, tell_failed
from hub.provisioning.observing import observe
from hub.provisioning.probing import Result
from hub.provisioning.states import move
from portal.aws.errors import AwsError
from portal.jobs.claims import fenced
from portal.lib import clock

logger = logging.getLogger(__name__)
S = Grant.State
LAST_POSITION = 1000
# IAM takes seconds to reach every endpoint: a proof may fail this often before it counts.
PROOFS = 3


def reconcile(grant_id: int) -> None:
    """Drive one grant to what is wanted of it. Safe to run at any time, twice, and after any death of itself.

    A grant at rest is looked at; only if it drifted is it put right and proved again.
    Raises a retryable AwsError or Unsettled so that the job tries again; what only people can cure ends as a state.
    """
    grant = Grant.objects.select_related("account", "plan", "request", "tenant", "use_case", "model").get(pk=grant_id)
    if grant.has_ended or (_at_rest(grant) and _as_wanted(grant)):
        return
    _ROUTES[Grant.Wanted(grant.wanted)](grant)


def _at_rest(grant: Grant) -> bool:
    """Whether everything that is wanted was made and proved before."""
    return (grant.wanted, grant.state) in ((Grant.Wanted.ACCESS, S.ACTIVE), (Grant.Wanted.DENIAL, S.FROZEN))


def _as_wanted(grant: Grant) -> bool:
    """Whether AWS shows no drift and all that was done is on record.

    What cannot be seen now is no reason to take an active grant apart.
    """
    observe(grant.pk)
    return not grant.artefacts.filter(Q(drift=Artefact.Drift.DRIFTED) | ~Q(unrecorded="")).exists()


def _give_access(grant: Grant) -> None:
    """Everything of the plan in place, no deny, and proof; then active."""
    try:
        announced = _enter(grant)
        check_bound(grant)
        ground = Ground.of(grant, announced=announced)
        for artefact in grant.artefacts.order_by("position"):
            if not _still_wanted(grant):
                return  # frozen or revoked meanwhile: the job of that decision waits behind this one
            if artefact.kind == "denial":
                steps.remove(ground, artefact)
            else:
                steps.apply(ground, artefact)
        if not _still_wanted(grant):
            return
        _begin_to_verify(grant)
        results = probing.prove_access(ground, _probe(grant))
    except (AwsError, Blocked, Unsettled) as error:
        _stop(grant, error)
        return
    _conclude(grant, results)


def _still_wanted(grant: Grant) -> bool:
    """Whether nobody decided otherwise since this run began."""
    return Grant.objects.filter(pk=grant.pk, wanted=grant.wanted).exists()


def _enter(grant: Grant) -> bool:
    """Returns whether the trail has it that this run begins; a run that goes on where one stopped tells it later."""
    if grant.state in (S.PROVISIONING, S.VERIFYING):
        return False
    with fenced():
        move(grant, S.PROVISIONING, error="")
    return True


def _begin_to_verify(grant: Grant) -> None:
    if grant.state == S.VERIFYING:
        return
    with fenced():
        move(grant, S.VERIFYING, applied_at=clock.now(), error="")


def _conclude(grant: Grant, results: list[Result]) -> None:
    """Active if all was proved; else another try, and at last visibly unverified."""
    if all(result.ok for result in results):
        with fenced(final=True):
            move(grant, S.ACTIVE, activated_at=clock.now(), error="")
            emit(Event.GRANT_ACTIVE, grant.pk)
            tell_active(grant)
        return
    sentence = next(result.detail for result in results if not result.ok)
    if _tries(grant, len(results)) < PROOFS:
        raise Unsettled(f"Not proved yet: {sentence}")
    with fenced(final=True):
        move(grant, S.APPLIED_UNVERIFIED, error=sentence)
        tell_failed(grant, "is applied but not proved")


def _tries(grant: Grant, calls: int) -> int:
    """How many proofs were tried since everything was in place."""
    return grant.probes.filter(ran_at__gte=grant.applied_at).count() // max(calls, 1)


def _deny(grant: Grant) -> None:
    """An explicit deny on each role, and proof that the call which worked is refused; then frozen."""
    try:
        ground = Ground.of(grant)
        steps.apply(ground, _denial(grant))
        results = probing.prove_denial(ground, _probe(grant))
        refused = next((result.detail for result in results if not result.ok), "")
        if refused:
            raise Unsettled(f"The deny does not hold yet: {refused}")
    except (AwsError, Blocked, Unsettled) as error:
        _stop(grant, error)
        return
    if grant.state != S.FROZEN:
        with fenced(final=True):
            move(grant, S.FROZEN, error="")


def _denial(grant: Grant) -> Artefact:
    """The deny as an artefact of the grant, after all others."""
    desired = {
        "kind": "denial",
        "key": "denial",
        "name": f"{PREFIX}freeze-{grant.slug}",
        "roles": _probe(grant)["roles"],
        "document": policies.freeze_policy(grant.profile_arn),
    }
    with fenced():
        artefact, _ = Artefact.objects.get_or_create(
            grant=grant,
            key="denial",
            defaults={"kind": "denial", "name": desired["name"], "position": LAST_POSITION, "desired": desired},
        )
        if artefact.desired != desired:
            # A repair made the profile anew since it was frozen last: deny the one that is there.
            artefact.desired = desired
            artefact.save(update_fields=["desired"])
    return artefact


def _remove(grant: Grant) -> None:
    """Nothing of the grant left in AWS; then revoked, or expired if its time was over."""
    begins = grant.state != S.REVOKING
    if begins:
        with fenced():
            move(grant, S.REVOKING, error="")
    try:
        # Also for a grant of which nothing is written down: a process may have died after it made something.
        ground = Ground.of(grant, announced=begins)
        for artefact in _in_order_of_removal(grant):
            steps.remove(ground, artefact)
    except (AwsError, Blocked) as error:
        _stop(grant, error)
        return
    over = grant.ends_at <= clock.now()
    with fenced(final=True):
        move(grant, S.EXPIRED if over else S.REVOKED, error="", until=clock.now() if grant.since else None)


def _in_order_of_removal(grant: Grant) -> list[Artefact]:
    removable = [artefact for artefact in grant.artefacts.all() if artefact.kind in REMOVAL_ORDER]
    return sorted(removable, key=lambda artefact: (REMOVAL_ORDER.index(artefact.kind), artefact.position))


def _stop(grant: Grant, error: AwsError | Blocked | Unsettled) -> None:
    """Say why on the page. What time may cure is raised for the job to try again; the rest waits for a person."""
    sentence = str(error)
    retryable = isinstance(error, Unsettled) or (isinstance(error, AwsError) and error.retryable)
    logger.warning("Grant %s stopped: %s", grant.pk, sentence)
    with fenced():
        if retryable or grant.state not in (S.PROVISIONING, S.VERIFYING):
            # State stays: how far AWS is has not changed, only why it does not go on.
            Grant.objects.filter(pk=grant.pk).update(error=sentence)
        else:
            move(grant, S.PROVISIONING_FAILED, error=sentence)
        if not retryable:
            tell_failed(grant, "could not be put right in AWS")
    if retryable:
        raise error


def _probe(grant: Grant) -> dict[str, Any]:
    return next(artefact for artefact in grant.plan.artefacts if artefact["kind"] == "probe")


_ROUTES: dict[Grant.Wanted, Callable[[Grant], None]] = {
    Grant.Wanted.ACCESS: _give_access,
    Grant.Wanted.DENIAL: _deny,
    Grant.Wanted.NOTHING: _remove,
}
