"""Is a request ready to be submitted? Each check raises Refused with its sentence and the field that it is about."""

from collections.abc import Callable

from governance.models import DataClass
from hub.answers import Answers
from hub.clearance import check_requestable
from hub.models import AwsAccount, GuardrailVersion
from hub.models.guardrail import DRAFT
from hub.plans import demands
from hub.plans.naming import PREFIX
from hub.routes import Route, residency, routes
from portal.aws import arns
from portal.lib.errors import Refused

MOST_ROLES = 10
LONGEST_ROLE = 200
MOST_MONTHS = 24
REQUIRED = {
    "use_case": "Choose the use case that it is for.",
    "model": "Choose a model.",
    "data_class": "Say what data it will see.",
    "audience": "Say who sees the answers.",
    "environment": "Say where it will run.",
    "route": "Choose the account and Region.",
    "calls_per_day": "Say how many calls a day you expect.",
    "input_tokens": "Say how many tokens go into a call.",
    "output_tokens": "Say how many tokens come out of a call.",
    "monthly_budget_nano": "Say what it may cost a month.",
    "months": "Say for how many months.",
    "why": "Say in a sentence or two why you need it; reviewers read this first.",
}


def check(answers: Answers) -> None:
    """Raise Refused with the first thing that is missing or that may not be."""
    for field, sentence in REQUIRED.items():
        if getattr(answers, field) in (None, ""):
            raise Refused(sentence, field=_form_field(field))
    for one in CHECKS:
        one(answers)


def problems(answers: Answers) -> list[Refused]:
    """Everything that speaks against what is answered so far; what is not answered yet is no problem."""
    found = []
    for one in CHECKS:
        try:
            one(answers)
        except Refused as refusal:
            found.append(refusal)
    return found


def guardrail_choices(route: Route | None) -> list[GuardrailVersion]:
    """The versions that can be pinned where the route leads: numbered and ready, the newest first."""
    if route is None:
        return []
    return list(
        GuardrailVersion.objects.filter(
            guardrail__account=route.account,
            guardrail__region=route.region,
            guardrail__vanished_at__isnull=True,
            status="READY",
        )
        .exclude(version=DRAFT)
        .select_related("guardrail")
        .order_by("guardrail__name", "-id")
    )


def _tenant_may_use_the_data(answers: Answers) -> None:
    case, asked = answers.use_case, answers.data_class
    if not case or not asked:
        return
    label = DataClass(asked).label
    if asked not in case.tenant.data_classes:
        raise Refused(f"{case.tenant} is not cleared for {label} data.", field="data_class")
    if DataClass.values.index(asked) > DataClass.values.index(case.data_class):
        known = DataClass(case.data_class).label
        raise Refused(
            f"{case} is registered for {known} data. Change the use case first, or choose {known}.", field="data_class"
        )


def _model_is_cleared(answers: Answers) -> None:
    if answers.model and answers.data_class:
        regions = answers.route.regions if answers.route else ()
        check_requestable(answers.model, answers.data_class, regions)


def _model_can_be_probed(answers: Answers) -> None:
    if answers.model and not demands.modality(answers.model.output_modalities):
        raise Refused(
            f"{answers.model} gives neither text nor embeddings, so no small call can prove an access to it. "
            "Atrium grants only what it can prove.",
            field="model",
        )


def route_leads_to_the_model(answers: Answers) -> None:
    """Also at the last decision: a Region may have been taken off its account meanwhile."""
    if not (answers.route and answers.model and answers.tenant):
        return
    if answers.route.key not in {route.key for route in routes(answers.model, answers.tenant)}:
        where = f"{answers.route.account.name} in {answers.route.region}"
        raise Refused(f"{answers.tenant} cannot reach {answers.model} in {where}; choose another place.", field="route")


def _data_may_go_there(answers: Answers) -> None:
    if answers.route and answers.model and answers.tenant and answers.data_class:
        verdict = residency(answers.route, tenant=answers.tenant, model=answers.model, data_class=answers.data_class)
        if not verdict.allowed:
            raise Refused(verdict.sentence, field="route")


def _account_fits_the_environment(answers: Answers) -> None:
    if answers.route and answers.environment == "prod" and answers.route.account.environment != "prod":
        raise Refused(f"{answers.route.account.name} is not a production account.", field="route")


def _guardrail_is_pinned(answers: Answers) -> None:
    if not answers.route or not answers.guardrail_because:
        return
    choices = guardrail_choices(answers.route)
    if not choices:
        where = f"{answers.route.account.name} in {answers.route.region}"
        raise Refused(
            f"A guardrail is required because {answers.guardrail_because}, and {where} has none. "
            "Ask a platform engineer to make one there.",
            field="route",
        )
    if answers.guardrail_version not in choices:
        raise Refused(
            f"Choose a guardrail: it is required because {answers.guardrail_because}.", field="guardrail_version"
        )


def _roles_are_of_the_account(answers: Answers) -> None:
    if not answers.route:
        return
    if not answers.role_arns and not answers.create_role:
        raise Refused("Name the IAM roles that call the model, or let Atrium make one.", field="roles")
    if answers.role_arns and answers.create_role:
        raise Refused("Either name roles or let Atrium make one, not both.", field="roles")
    if len(answers.role_arns) > MOST_ROLES:
        raise Refused(f"Name at most {MOST_ROLES} roles.", field="roles")
    for arn in answers.role_arns:
        _role_may_be_named(arn, answers.route.account)
    if len({arns.role_name(arn).casefold() for arn in answers.role_arns}) < len(set(answers.role_arns)):
        raise Refused("Two of these ARNs name the same role; keep the one that IAM shows.", field="roles")


def _role_may_be_named(arn: str, account: AwsAccount) -> None:
    if not arns.is_role(arn) or len(arn) > LONGEST_ROLE:
        raise Refused(
            f"Enter a role like {arns.role(account.number, 'name')}. “{arn[:LONGEST_ROLE]}” could not be read.",
            field="roles",
        )
    if arns.role_account(arn) != account.number:
        raise Refused(f"{arn} is in another account than the one you chose ({account.number}).", field="roles")
    own = arns.role_name(arn).casefold() == arns.role_name(account.role_arn).casefold()
    if own or arns.role_name(arn).casefold().startswith(PREFIX):
        raise Refused(f"{arn} belongs to Atrium; name the role of your workload.", field="roles")


def _months_are_sensible(answers: Answers) -> None:
    if answers.months is not None and not 1 <= answers.months <= MOST_MONTHS:
        raise Refused(f"An access lasts from 1 to {MOST_MONTHS} months; it can be asked for again.", field="months")


def _budget_is_sensible(answers: Answers) -> None:
    if answers.monthly_budget_nano is not None and answers.monthly_budget_nano <= 0:
        raise Refused("Enter a budget above zero.", field="monthly_budget")


def _calls_are_sensible(answers: Answers) -> None:
    if answers.calls_per_day is not None and answers.calls_per_day <= 0:
        raise Refused("Enter at least one call a day.", field="calls_per_day")


def _form_field(name: str) -> str:
    return {"monthly_budget_nano": "monthly_budget"}.get(name, name)


CHECKS: tuple[Callable[[Answers], None], ...] = (
    _tenant_may_use_the_data,
    _model_can_be_probed,
    _model_is_cleared,
    route_leads_to_the_model,
    _data_may_go_there,
    _account_fits_the_environment,
    _guardrail_is_pinned,
    _roles_are_of_the_account,
    _months_are_sensible,
    _budget_is_sensible,
    _calls_are_sensible,
)
