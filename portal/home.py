"""The first screen, by person: what waits on me, what waits on others, what is about to matter, how the estate is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.urls import reverse

from finops.models import Budget
from finops.reports import unattributed
from finops.reports.coverage import Reading
from finops.reports.spend import Month, month_of
from finops.reports.used import used
from governance.models import Approval, Notification, User
from governance.policy import can, can_somewhere
from governance.reports import reviews
from governance.roles import Permission
from hub.models import AccessRequest, Artefact, FoundationModel, Grant
from portal.lib import clock, months
from portal.lib.moments import day, since
from portal.lib.numbers import percent, usd
from portal.lib.status import Status, Tone

SOON = timedelta(days=30)
LEGACY_SOON = timedelta(days=180)
SHOWN = 8
NEAR = Decimal("0.8")


@dataclass(frozen=True, slots=True)
class Item:
    """One line: what it is, a small line about it, where it leads, and the word on its button ("" for none)."""

    title: str
    note: str
    url: str
    action: str = ""
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The first lines of what waits, and how many there are in all."""

    items: list[Item]
    total: int

    @property
    def more(self) -> int:
        """How many have no line here."""
        return self.total - len(self.items)


def waits_for_me(user: User, reading: Reading | None = None) -> Waiting:
    """Decisions first, then what was handed back to me, then what failed and I can mend.

    reading: what is missing from the figures, which say so then.
    """
    page = reviews.inbox(user, show="mine")
    found = [Item(str(row.approval), row.note, _review(row.approval), "Review") for row in reviews.rows(page, user)]
    rest = [*_handed_back(user), *_failed(user), *_strays(user, reading)]
    return Waiting([*found, *rest], page.paginator.count + len(rest))


def waits_for_others(user: User) -> Waiting:
    """What I asked for and others decide, with who has it and since when."""
    asked = Approval.objects.filter(requested_by=user, state=Approval.State.IN_REVIEW)
    items = [
        Item(str(approval), _holder(approval), _review(approval), status=approval.status)
        for approval in asked.prefetch_related("steps").order_by("opened_at")[:SHOWN]
    ]
    return Waiting(items, asked.count() if len(items) == SHOWN else len(items))


def about_to_matter(user: User, reading: Reading | None = None) -> list[Item]:
    """Budgets that run out, models that end, grants that expire. reading: what is missing from the figures."""
    return [*_budgets(user, reading), *_endings(user), *_expiries(user)]


def estate(user: User) -> list[Item]:
    """How much of what was approved is true in AWS; a grant is as good as the worst of what it has there."""
    found = _counted(Grant.objects.visible_to(user).live())
    if not found["all"]:
        return []
    whole = Tone.OK if found["true"] == found["all"] else Tone.IDLE
    lines = [("Approved and true in AWS", f"{found['true']} of {found['all']}", whole)]
    for words, number, tone in (
        ("Drifted", found["drifted"], Tone.DANGER),
        ("Unknown", found["unknown"], Tone.ATTENTION),
        ("Not checked yet", found["unchecked"], Tone.IDLE),
        ("Not in place", found["missing"], Tone.ATTENTION),
    ):
        if number:
            lines.append((words, str(number), tone))
    url = reverse("access:grant-list")
    return [Item(words, "", url, status=Status(words, said, tone)) for words, said, tone in lines]


def money(user: User) -> Month | None:
    """This month's figures, for those who see costs."""
    if not can_somewhere(user, Permission.VIEW_COSTS):
        return None
    today = clock.today()
    return month_of(user, months.first_of(today), today)


def news(user: User) -> list[Notification]:
    """What I was told and have not read."""
    return list(Notification.objects.filter(user=user, read_at=None)[:5])


def greeting(waiting: int) -> str:
    """The finding, for the title."""
    words = ("Nothing waits", "One thing waits", "Two things wait", "Three things wait", "Four things wait")
    return f"{words[waiting] if waiting < len(words) else f'{waiting} things wait'} for you"


def _counted(grants: QuerySet[Grant]) -> dict[str, int]:
    """How many there are, and how many by the worst that is to say about what they have in AWS, in one question."""
    drift = Artefact.Drift

    def some(state: Artefact.Drift) -> Exists:
        return Exists(Artefact.objects.filter(grant=OuterRef("pk"), drift=state))

    worst = Case(
        When(~Q(state__in=(Grant.State.ACTIVE, Grant.State.FROZEN)), then=Value("missing")),
        When(some(drift.DRIFTED), then=Value("drifted")),
        When(some(drift.UNKNOWN), then=Value("unknown")),
        When(some(drift.NOT_CHECKED), then=Value("unchecked")),
        default=Value("true"),
    )
    names = ("missing", "drifted", "unknown", "unchecked", "true")
    numbers = {name: Count("pk", filter=Q(worst=name)) for name in names}
    return grants.annotate(worst=worst).aggregate(all=Count("pk"), **numbers)


def _review(approval: Approval) -> str:
    return reverse("governance:review-detail", args=[approval.uid])


def _holder(approval: Approval) -> str:
    open_steps = [step for step in approval.steps.all() if step.state == step.State.OPEN]
    if not open_steps:
        return f"asked {since(approval.opened_at)}"
    roles = " and ".join(step.get_role_display() for step in open_steps)
    verb = "has" if len(open_steps) == 1 else "have"
    return f"{roles} {verb} it since {day(min(s.opened_at or approval.opened_at for s in open_steps))}"


def _handed_back(user: User) -> Iterator[Item]:
    back = AccessRequest.objects.filter(requested_by=user, state=AccessRequest.State.CHANGES_REQUESTED)
    for request in back.select_related("model", "use_case"):
        url = reverse("access:request-edit", args=[request.uid])
        yield Item(str(request), "a reviewer asked for changes", url, "Change it")


def _failed(user: User) -> Iterator[Item]:
    stuck = (Grant.State.PROVISIONING_FAILED, Grant.State.APPLIED_UNVERIFIED)
    if not can_somewhere(user, Permission.FREEZE_GRANT) or can_somewhere(user, Permission.VIEW_AUDIT):
        return
    for grant in Grant.objects.visible_to(user).filter(state__in=stuck).select_related("model", "use_case"):
        yield Item(str(grant), grant.error.partition(".")[0] + ".", grant.get_absolute_url(), "Look")


def _strays(user: User, reading: Reading | None) -> Iterator[Item]:
    if not can(user, Permission.MANAGE_ATTRIBUTION):
        return
    strays = [stray for stray in unattributed.queue(user) if stray.assigned is None]
    if strays:
        total = usd(sum(stray.cost_nano for stray in strays))
        who = f"{len(strays)} caller{'s' if len(strays) > 1 else ''} without an owner"
        yield Item(who, f"{total} in 92 days{_so_far(reading)}", reverse("costs:unattributed"), "Assign")


def _so_far(reading: Reading | None) -> str:
    return " so far; history is being read" if reading else ""


def _budgets(user: User, reading: Reading | None) -> Iterator[Item]:
    month = months.first_of(clock.today())
    budgets = list(Budget.objects.visible_to(user).in_force(month).select_related("tenant", "use_case"))
    spent = used(budgets, month) if budgets else {}
    for budget in budgets:
        share = Decimal(spent[budget.pk]) / budget.amount_nano
        if share >= NEAR:
            status = Status("budget", f"{percent(share)} used", Tone.DANGER if share > 1 else Tone.ATTENTION)
            note = f"{usd(spent[budget.pk])} of {usd(budget.amount_nano)} this month, estimate{_so_far(reading)}"
            url = reverse("costs:budget-detail", args=[budget.uid])
            yield Item(f"Budget of {budget.subject}", note, url, status=status)


def _endings(user: User) -> Iterator[Item]:
    now = clock.now()
    bound = Grant.objects.visible_to(user).live().order_by()
    bound = bound.filter(model__end_of_life_at__gt=now, model__end_of_life_at__lt=now + LEGACY_SOON)
    users = dict(bound.values_list("model").annotate(Count("use_case", distinct=True)))
    for model in FoundationModel.objects.filter(pk__in=users).order_by("end_of_life_at"):
        if model.end_of_life_at:
            number = users[model.pk]
            note = f"{number} use case{'s' if number > 1 else ''} must move"
            yield Item(f"{model} ends {day(model.end_of_life_at)}", note, reverse("hub:model-detail", args=[model.uid]))


def _expiries(user: User) -> Iterator[Item]:
    ending = Grant.objects.visible_to(user).live().filter(ends_at__lt=clock.now() + SOON)
    for grant in ending.select_related("model", "use_case").order_by("ends_at")[:SHOWN]:
        yield Item(str(grant), f"the grant ends {day(grant.ends_at)}", grant.get_absolute_url())
