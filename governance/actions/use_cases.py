"""Use cases: created, changed, moved from stage to stage. The risk tier follows from their fields."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from governance import audit, effects, needs, policy, risk
from governance.models import Tenant, UseCase, User
from governance.roles import Permission
from governance.vocabulary import Verb
from portal.lib.errors import Refused

CHANGEABLE = (
    "name",
    "purpose",
    "owner",
    "sponsor",
    "outcome",
    "kpi",
    "kpi_baseline",
    "kpi_target",
    "data_class",
    "audience",
    "people",
    "autonomy",
    "affects_people",
)
Stage = UseCase.Stage
STAGES: dict[str, frozenset[str]] = {
    Stage.IDEA: frozenset({Stage.POC, Stage.PILOT, Stage.RETIRED}),
    Stage.POC: frozenset({Stage.IDEA, Stage.PILOT, Stage.RETIRED}),
    Stage.PILOT: frozenset({Stage.POC, Stage.PRODUCTION, Stage.RETIRED}),
    Stage.PRODUCTION: frozenset({Stage.PILOT, Stage.RETIRED}),
    Stage.RETIRED: frozenset({Stage.IDEA}),
}


def create(*, tenant: Tenant, by: User, **fields: Any) -> UseCase:
    """Create a use case of `tenant` in the stage idea. fields: those of CHANGEABLE; owner is `by` if not given."""
    policy.check_can(by, Permission.EDIT_USE_CASES, tenant, what=f"create use cases of {tenant}")
    _check_fields(fields)
    use_case = UseCase(tenant=tenant, **({"owner": by} | fields))
    use_case.slug = slugify(use_case.name)[:40]
    with transaction.atomic():
        _save(use_case)
        audit.record(Verb.USE_CASE_CREATED, use_case, by=by, tenant=tenant, **_told(use_case))
    return use_case


def change(use_case: UseCase, *, by: User, **changes: Any) -> UseCase:
    """Change fields of CHANGEABLE. The slug stays: AWS tags and reports carry it."""
    _check_may_edit(use_case, by)
    _check_fields(changes)
    with transaction.atomic():
        # As it stands now, its row locked: a move to another stage at the same moment is kept.
        use_case.refresh_from_db(from_queryset=UseCase.objects.select_for_update())
        before = _told(use_case)
        for name, value in changes.items():
            setattr(use_case, name, value)
        _save(use_case)
        _record_change(use_case, before, by)
    return use_case


def move_stage(use_case: UseCase, stage: str, *, by: User) -> UseCase:
    """Bring a use case into another stage of its life, if the table knows the way and nobody moved it meanwhile."""
    _check_may_edit(use_case, by)
    if stage not in STAGES[use_case.stage]:
        raise Refused(f"A use case does not go from {use_case.get_stage_display().lower()} there.", field="stage")
    before = _told(use_case)
    with transaction.atomic():
        if stage == Stage.RETIRED:
            _check_nothing_lives(use_case)
        if UseCase.objects.filter(pk=use_case.pk, stage=use_case.stage).update(stage=stage) != 1:
            raise Refused("Somebody else moved it at the same moment. Look again.", field="stage")
        use_case.stage = stage
        _record_change(use_case, before, by)
    return use_case


def _check_nothing_lives(use_case: UseCase) -> None:
    """A retired use case calls no model, so its access must have ended first."""
    grants = needs.live_access(use_case).grants
    if grants:
        what = grants[0] if len(grants) == 1 else f"{len(grants)} grants, among them {grants[0]}"
        raise Refused(f"{use_case} still has access: {what}. Revoke it first, then retire the use case.", field="stage")


def _record_change(use_case: UseCase, before: dict[str, Any], by: User) -> None:
    after = _told(use_case)
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if changed:
        audit.record(Verb.USE_CASE_CHANGED, use_case, by=by, tenant=use_case.tenant, changed=changed)
        effects.emit(effects.Event.USE_CASE_CHANGED, use_case.pk)


def _save(use_case: UseCase) -> None:
    _check_content(use_case)
    assessment = risk.of_use_case(use_case)
    use_case.risk, use_case.risk_reasons = assessment.tier, list(assessment.reasons)
    try:
        with transaction.atomic():
            use_case.save()
    except IntegrityError as error:
        raise Refused(f"{use_case.tenant} has a use case called {use_case.name} already.", field="name") from error


def _check_content(use_case: UseCase) -> None:
    tenant = use_case.tenant
    if not use_case.slug:
        raise Refused("Give it a name with letters in it.", field="name")
    if not use_case.purpose.strip():
        raise Refused("Say in one sentence who does what better with it.", field="purpose")
    if use_case.data_class not in tenant.data_classes:
        raise Refused(
            f"{tenant} may not use {use_case.get_data_class_display().lower()} data. "
            "A platform engineer can change what a tenant may use.",
            field="data_class",
        )
    if not policy.can(use_case.owner, Permission.VIEW, tenant):
        raise Refused(f"{use_case.owner} has no role in {tenant}, so they cannot own its use case.", field="owner")


def _check_may_edit(use_case: UseCase, by: User) -> None:
    policy.check_can(by, Permission.EDIT_USE_CASES, use_case.tenant, what=f"change use cases of {use_case.tenant}")


def _check_fields(fields: dict[str, Any]) -> None:
    if unknown := fields.keys() - set(CHANGEABLE):
        raise TypeError(f"A use case has no changeable {', '.join(sorted(unknown))}.")


def _told(use_case: UseCase) -> dict[str, Any]:
    """The fields as JSON facts for the audit trail."""
    values = {name: getattr(use_case, name) for name in (*CHANGEABLE, "stage", "risk")}
    return {
        name: value if isinstance(value, (str, int, bool, type(None))) else str(value) for name, value in values.items()
    }
