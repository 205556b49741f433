"""Grants: made by an approval, frozen, unfrozen, revoked, tried again. The reconciler makes each decision true."""

from typing import Any

from django.db import transaction

from governance import audit
from governance.models import Approval, User
from governance.policy import check_can
from governance.roles import Permission
from governance.vocabulary import Verb
from hub.access_plans import name_in_aws, parties
from hub.models import AccessRequest, Artefact, Grant
from hub.provisioning.binding import subject_digest
from hub.provisioning.news import tell_wanted
from hub.provisioning.states import RECONCILE
from portal.jobs.apart import each
from portal.jobs.outbox import enqueue
from portal.lib import clock, months
from portal.lib.errors import Refused

Wanted = Grant.Wanted


def create(request: AccessRequest, *, approval: Approval) -> Grant:
    """The grant of an approved request, in the transaction of the last decision; the reconciler takes it from there."""
    plan = request.plan
    if plan is None or subject_digest(request, plan) != approval.digest:
        raise Refused("The request is not what was approved.")
    tenant, use_case, model, account = parties(request)
    grant = Grant.objects.create(
        request=request,
        plan=plan,
        approved_digest=approval.digest,
        tenant=tenant,
        use_case=use_case,
        model=model,
        account=account,
        region=request.region,
        environment=request.environment,
        slug=name_in_aws(request),
        ends_at=months.after(clock.now(), request.months),
    )
    planned = [artefact for artefact in plan.artefacts if artefact["kind"] != "probe"]
    Artefact.objects.bulk_create(_artefact(grant, position, desired) for position, desired in enumerate(planned))
    audit.record(Verb.GRANT_CREATED, grant, by=None, tenant=grant.tenant, plan=plan.digest, approval=str(approval.uid))
    enqueue(RECONCILE, grant.pk)
    return grant


def freeze(grant: Grant, *, reason: str, by: User) -> None:
    """Deny every call of the grant in AWS until it is unfrozen."""
    check_can(by, Permission.FREEZE_GRANT, grant.tenant, what="freeze this grant")
    if not grant.profile_arn:
        raise Refused("There is nothing in AWS to freeze yet; revoke it if it must not come.")
    _want(grant, Wanted.DENIAL, frm=(Wanted.ACCESS,), verb=Verb.GRANT_DENIAL_ASKED, reason=reason, by=by)


def unfreeze(grant: Grant, *, reason: str, by: User) -> None:
    """Take the deny away and prove the access again."""
    check_can(by, Permission.FREEZE_GRANT, grant.tenant, what="unfreeze this grant")
    _want(grant, Wanted.ACCESS, frm=(Wanted.DENIAL,), verb=Verb.GRANT_ACCESS_ASKED, reason=reason, by=by)


def revoke(grant: Grant, *, reason: str, by: User) -> None:
    """Remove everything of the grant from AWS, for good."""
    check_can(by, Permission.REVOKE_GRANT, grant.tenant, what="revoke this grant")
    live = (Wanted.ACCESS, Wanted.DENIAL)
    _want(grant, Wanted.NOTHING, frm=live, verb=Verb.GRANT_END_ASKED, reason=reason, by=by)


def retry(grant: Grant, *, by: User) -> None:
    """Let the reconciler put right what failed or drifted; it changes nothing that was not approved."""
    check_may_retry(grant, by)
    with transaction.atomic():
        if grant.has_ended:
            raise Refused("The grant has ended; ask for a new one.")
        audit.record(Verb.GRANT_RETRIED, grant, by=by, tenant=grant.tenant, state=grant.state)
        enqueue(RECONCILE, grant.pk, afresh=True)


def check_may_retry(grant: Grant, by: User) -> None:
    """Who asked for it may, and whoever may freeze."""
    if grant.request.requested_by_id != by.pk:
        check_can(by, Permission.FREEZE_GRANT, grant.tenant, what="repair this grant")


def expire_due() -> int:
    """End every grant whose time is over; returns how many began to end. Raises NotAll for those that could not."""
    due = Grant.objects.live().filter(ends_at__lte=clock.now()).exclude(wanted=Wanted.NOTHING)
    return sum(each(list(due.select_related("tenant", "use_case", "model", "request__requested_by")), _expire))


def _expire(grant: Grant) -> bool:
    reason = "It reached its end date."
    with transaction.atomic():
        if not Grant.objects.filter(pk=grant.pk, wanted=grant.wanted).update(wanted=Wanted.NOTHING, reason=reason):
            return False
        audit.record(Verb.GRANT_END_ASKED, grant, by=None, tenant=grant.tenant, reason=reason)
        enqueue(RECONCILE, grant.pk)
        grant.wanted, grant.reason = Wanted.NOTHING, reason
        tell_wanted(grant, by=None)
    return True


def _want(grant: Grant, wanted: Wanted, *, frm: tuple[Wanted, ...], verb: Verb, reason: str, by: User) -> None:
    """Write what is wanted, once, with its reason; `frm` is what may be wanted before."""
    reason = reason.replace("\x00", "").strip()  # which PostgreSQL does not hold
    if not reason:
        raise Refused("Say why in a few words; it is kept with the grant.", field="reason")
    with transaction.atomic():
        changed = Grant.objects.filter(pk=grant.pk, wanted__in=frm).exclude(state__in=Grant.ENDED)
        if changed.update(wanted=wanted, reason=reason) != 1:
            raise Refused("The grant is not in a state for that any more; look at it again.")
        grant.wanted, grant.reason = wanted, reason
        audit.record(verb, grant, by=by, tenant=grant.tenant, reason=reason)
        enqueue(RECONCILE, grant.pk, afresh=True)
        tell_wanted(grant, by=by)


def _artefact(grant: Grant, position: int, desired: dict[str, Any]) -> Artefact:
    return Artefact(
        grant=grant,
        position=position,
        key=desired["key"],
        kind=desired["kind"],
        name=desired["name"],
        desired=desired,
    )
