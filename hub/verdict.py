"""What will happen to a request as it stands: risk, who decides, what it costs, where it goes, what it demands."""

from collections.abc import Collection
from dataclasses import dataclass, field

from governance.models import User
from hub.access_facts import Decider, deciders
from hub.answers import Answers
from hub.asked_budget import exceeded
from hub.clearance import Alternative, NotRequestable
from hub.models import AccessRequest
from hub.readiness import problems
from hub.regions import GLOBAL, places, spoken
from hub.residency import Residency
from hub.routes import residency
from portal.lib.errors import Refused
from portal.lib.numbers import usd
from portal.lib.status import Status, Tone

RISK_TONES = {"low": Tone.OK, "medium": Tone.ATTENTION, "high": Tone.DANGER}
MOST_ALIKE = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """For people, all of it optional while answers are missing.

    understated: in what the request names less than its use case;
    stages: the deciders, those who decide side by side together; undecided: why nobody can decide, "" normally.
    """

    risk: Status | None = None
    risk_reasons: tuple[str, ...] = ()
    understated: str = ""
    stages: list[list[Decider]] = field(default_factory=list)
    undecided: str = ""
    cost: str = ""
    cost_detail: str = ""
    over_budget: str = ""
    where: str = ""
    residency: Residency | None = None
    guardrail: str = ""
    problems: list[Refused] = field(default_factory=list)
    alternatives: list[Alternative] = field(default_factory=list)
    alike: list[AccessRequest] = field(default_factory=list)


def verdict(answers: Answers, *, asked_by: User, own: AccessRequest | None = None) -> Verdict:
    """The verdict on what is answered so far. own: the request itself, which is not alike to itself."""
    risk, found = answers.risk, problems(answers)
    stages, undecided = _stages(answers, asked_by)
    goes = _residency(answers)
    return Verdict(
        risk=Status(risk.tier, risk.tier.label.lower(), RISK_TONES[risk.tier]) if risk else None,
        risk_reasons=risk.reasons if risk else (),
        understated=answers.understated,
        stages=stages,
        undecided=undecided,
        cost=_cost(answers),
        cost_detail=_cost_detail(answers),
        over_budget=exceeded(answers),
        where=_where(answers),
        residency=goes,
        guardrail=answers.guardrail_because,
        problems=found,
        alternatives=next((one.alternatives for one in found if isinstance(one, NotRequestable)), []),
        alike=alike(answers, own),
    )


def waits_for(answers: Answers, refused: Collection[str]) -> str:
    """What the risk still waits for, to follow "once". refused: the fields whose answer could not be taken."""
    words = {"use_case": "the use case", "data_class": "the data", "audience": "the audience"}
    missing = {name: word for name, word in words.items() if not getattr(answers, name)}
    if not missing:
        return ""
    verb = "is" if len(missing) == 1 else "are"
    again = " anew" if set(missing) & set(refused) else ""
    return f"{spoken(missing.values())} {verb} chosen{again}"


def alike(answers: Answers, own: AccessRequest | None = None) -> list[AccessRequest]:
    """Requests of the same line of business for the same model, or of the same use case: perhaps one exists already."""
    if not answers.tenant or not answers.model or not answers.use_case:
        return []
    top = answers.tenant.line_of_business
    standing = AccessRequest.objects.filter(state__in=["in_review", "approved"])
    if own:
        standing = standing.exclude(pk=own.pk)
    same = standing.filter(model=answers.model, tenant__in=[top.pk, *top.teams.values_list("pk", flat=True)])
    return list(same.select_related("use_case", "model").order_by("-id")[:MOST_ALIKE])


def _stages(answers: Answers, asked_by: User) -> tuple[list[list[Decider]], str]:
    if answers.risk is None:
        return [], ""
    try:
        found = deciders(answers, asked_by=asked_by)
    except Refused as refusal:
        return [], refusal.sentence
    stages: dict[int, list[Decider]] = {}
    for decider in found:
        stages.setdefault(decider.stage, []).append(decider)
    return list(stages.values()), ""


def _residency(answers: Answers) -> Residency | None:
    if not (answers.route and answers.tenant and answers.model and answers.data_class):
        return None
    return residency(answers.route, tenant=answers.tenant, model=answers.model, data_class=answers.data_class)


def _where(answers: Answers) -> str:
    if answers.route is None:
        return ""
    return "Anywhere" if GLOBAL in answers.route.regions else places(answers.route.regions)


def _cost(answers: Answers) -> str:
    estimate = answers.estimate
    if estimate is None:
        return ""
    return f"{usd(estimate.low_nano)}–{usd(estimate.high_nano).removeprefix('$')} a month"


def _cost_detail(answers: Answers) -> str:
    if answers.estimate:
        return f"from {answers.input_tokens or 0:,} / {answers.output_tokens or 0:,} tokens a call, at list price"
    if answers.model and answers.route and answers.calls_per_day and answers.input_tokens is not None:
        return f"{answers.model} has no list price; your budget counts instead."
    return ""
