"""What speaks for or against a request, as a reviewer reads it: each line with its state and where it comes from."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hub.answers import Answers, of
from hub.asked_budget import budget_facts, exceeded
from hub.clearance import NotRequestable, check_requestable
from hub.models import AccessRequest, AccountRegion
from hub.routes import residency
from portal.lib import clock, moments, months
from portal.lib.status import Status, Tone


@dataclass(frozen=True, slots=True)
class Evidence:
    """One line: what was looked at, what was found, and how that stands."""

    title: str
    note: str
    status: Status


def evidence(request: AccessRequest) -> list[Evidence]:
    """The evidence on a submitted request, as it is now."""
    answers = of(request)
    return [line for source in SOURCES for line in source(request, answers)]


def _use_case(request: AccessRequest, answers: Answers) -> Iterator[Evidence]:
    if less := answers.understated:
        yield Evidence("Less than its use case", less, Status("less", "names less", Tone.ATTENTION))


def _residency(request: AccessRequest, answers: Answers) -> Iterator[Evidence]:
    if answers.route and answers.tenant and answers.model:
        found = residency(answers.route, tenant=answers.tenant, model=answers.model, data_class=answers.data_class)
        status = Status("allowed", "allowed", Tone.OK) if found.allowed else Status("outside", "outside", Tone.DANGER)
        yield Evidence("Residency", found.sentence, status)


def _clearance(request: AccessRequest, answers: Answers) -> Iterator[Evidence]:
    if not answers.model or not answers.route:
        return
    try:
        clearances = check_requestable(answers.model, answers.data_class, answers.route.regions)
    except NotRequestable as refusal:
        yield Evidence("Clearance of the model", refusal.sentence, Status("not_cleared", "not cleared", Tone.DANGER))
        return
    conditions = " ".join(dict.fromkeys(one.conditions for one in clearances if one.conditions))
    since = min(clearance.since for clearance in clearances)
    note = f"Cleared since {moments.day(since)}. {conditions or 'No conditions.'}"
    yield Evidence("Clearance of the model", note, Status("cleared", "cleared", Tone.OK))


def _end_of_life(request: AccessRequest, answers: Answers) -> Iterator[Evidence]:
    model = answers.model
    if model is None:
        return
    end = model.end_of_life_at
    if end is None:
        yield Evidence("Model end of life", "AWS has announced none.", Status("clear", "clear", Tone.OK))
    elif end < months.after(clock.now(), request.months):
        note = f"AWS ends it on {moments.day(end)}, within the {request.months} months that are asked for."
        yield Evidence("Model end of life", note, Status("ends", "ends before", Tone.ATTENTION))
    else:
        yield Evidence("Model end of life", f"Not before {moments.day(end)}.", Status("clear", "clear", Tone.OK))


def _guardrail(request: AccessRequest, answers: Answers) -> Iterator[Evidence]:
    because = answers.guardrail_because
    if request.guardrail_version:
        note = f"{request.guardrail_version}, required on each call because {because}."
        yield Evidence("Guardrail", note, Status("pinned", "pinned", Tone.OK))
    elif because:
        yield Evidence("Guardrail", f"Required because {because}.", Status("missing", "missing", Tone.DANGER))
    else:
        note = "Neither the data nor the risk demands one."
        yield Evidence("Guardrail", note, Status("not_needed", "not needed", Tone.IDLE))


def _logging(request: AccessRequest, answers: Answers) -> Iterator[Evidence]:
    known = AccountRegion.objects.filter(account=request.account, region=request.region).first()
    on = known.logging_on if known else None
    where = f"in {request.region} of {request.account}"
    if on:
        status, note = Status("on", "on", Tone.OK), f"On {where}: what is called will be metered."
    elif on is None:
        status, note = Status("unknown", "unknown", Tone.ATTENTION), f"Not known {where}; checked when it is applied."
    else:
        status, note = (
            Status("off", "off", Tone.DANGER),
            f"Off {where}: the grant cannot become active before it is on.",
        )
    yield Evidence("Invocation logging", note, status)


def _budget(request: AccessRequest, answers: Answers) -> Iterator[Evidence]:
    if answers.estimate:
        over = exceeded(answers)
        status = Status("over", "above the budget", Tone.ATTENTION) if over else Status("within", "within", Tone.OK)
        yield Evidence("Estimate and budget", over or "The estimate stays within the budget.", status)
    facts = budget_facts(request.plan) if request.plan else None
    if facts and facts.differs:
        yield Evidence("Budget of the use case", facts.differs, Status("differs", "differs", Tone.ATTENTION))


SOURCES: tuple[Callable[[AccessRequest, Answers], Iterator[Evidence]], ...] = (
    _use_case,
    _residency,
    _clearance,
    _end_of_life,
    _budget,
    _guardrail,
    _logging,
)
