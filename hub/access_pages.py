"""How an access request reads on a page: its state, its facts, its steps."""

from dataclasses import dataclass

from governance.deciding import eligible
from governance.models import Approval, ApprovalStep, Comment, User
from hub.access_facts import KIND
from hub.answers import of
from hub.models import AccessRequest
from hub.regions import GLOBAL, places
from hub.story import status as grant_status
from portal.lib import moments
from portal.lib.numbers import count, usd
from portal.lib.status import Status, Tone

State = AccessRequest.State
TONES = {
    State.IN_REVIEW: Tone.ATTENTION,
    State.CHANGES_REQUESTED: Tone.ATTENTION,
    State.APPROVED: Tone.OK,
    State.REJECTED: Tone.DANGER,
}
Step = ApprovalStep.State
STEP_STATES = {
    Step.OPEN: "now",
    Step.APPROVED: "done",
    Step.REJECTED: "failed",
    Step.WAITING: "waiting",
    Step.CLOSED: "waiting",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One step of a decision: state is done, now, waiting or failed."""

    state: str
    what: str
    note: str
    because: str


def request_status(request: AccessRequest) -> Status:
    """The request's state; once it is a grant, the grant's."""
    grant = getattr(request, "grant", None)
    if request.state == State.APPROVED and grant is not None:
        return grant_status(grant)
    return Status(request.state, request.get_state_display().lower(), TONES.get(State(request.state), Tone.IDLE))


def facts_of(request: AccessRequest) -> list[tuple[str, str, str]]:
    """What was asked for as (label, value, small line)."""
    case, answers = request.use_case, of(request)
    if case is None or answers.route is None:
        return []
    estimate, route = answers.estimate, answers.route
    cost = f"{usd(estimate.low_nano)}–{usd(estimate.high_nano)} a month" if estimate else "no list price known"
    volume = f"{count(request.calls_per_day)} calls a day, {count(request.input_tokens)} tokens in, "
    where = "any commercial Region" if GLOBAL in route.regions else places(route.regions)
    people = f"{count(case.people)} people" if case.people else "number not known"
    return [
        ("Why", request.why, ""),
        ("Use case", f"{case}, {case.get_stage_display().lower()}", case.purpose),
        ("Data", request.get_data_class_display(), ""),
        ("People", f"{request.get_audience_display()}; {people}", case.get_autonomy_display()),
        ("Risk", request.get_risk_display(), " ".join(request.risk_reasons)),
        ("Volume", f"{volume}{count(request.output_tokens)} out", f"{cost}, estimate from list prices"),
        ("Budget", f"{usd(request.monthly_budget_nano)} a month", f"for {request.months} months"),
        ("Runs in", f"{request.get_environment_display()}: {route.label}", f"answered in {where}"),
        ("Roles", "\n".join(request.role_arns) or "one that Atrium makes", ""),
        ("Worth", case.outcome, case.kpi),
    ]


def comments_on(request: AccessRequest) -> list[Comment]:
    """What was said about a request in its newest review; nothing about a draft."""
    if request.submitted_at is None:
        return []
    approval = Approval.objects.filter(kind=KIND, subject_id=request.pk).order_by("-id").first()
    return list(approval.comments.select_related("author")) if approval else []


def decision_steps(approval: Approval, user: User) -> list[Line]:
    """Who decides, in order, with people and clocks."""
    steps = approval.steps.filter(round=approval.round).prefetch_related("decisions__person")
    return [_line(step, approval, user) for step in steps]


def _line(step: ApprovalStep, approval: Approval, user: User) -> Line:
    because = " ".join(rule["because"] for rule in step.rules)
    state = STEP_STATES[Step(step.state)]
    step.approval = approval
    said = [f"{d.person} {d.get_verdict_display().lower()} {moments.ago(d.decided_at)}" for d in step.decisions.all()]
    if step.state == Step.OPEN:
        return Line(
            state, f"{step.get_role_display()} — {_who(step, user)}", f"due {moments.due(step.due_at)}", because
        )
    note = "; ".join(said) if said else {Step.WAITING: "comes later"}.get(Step(step.state), "not needed any more")
    return Line(state, step.get_role_display(), note, because)


def _who(step: ApprovalStep, user: User) -> str:
    people = list(eligible(step))
    others = len([person for person in people if person.pk != user.pk])
    if len(people) > others:
        return f"you, or one of {others} others" if others > 1 else "you, or one other" if others else "you"
    names = " or ".join(person.name for person in people[:2])
    return f"{names} or one of {others - 2} others" if others > 2 else names or "nobody is there"
