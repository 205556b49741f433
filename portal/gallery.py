"""The page on which every component stands, for page authors to choose from. All its data is made up."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.lib import charts, clock
from portal.lib.forms import CheckCards, ChoiceCards
from portal.lib.status import Status, Tone

STATUSES = (
    Status("active", "active", Tone.OK),
    Status("in_review", "in review"),
    Status("expiring", "expires in 9 days", Tone.ATTENTION),
    Status("drifted", "drifted", Tone.DANGER),
)
PLAN = (
    ("", "account 4471…0212 · eu-central-1"),
    ("+", "inference profile   retail-callsummary-prod   from eu.anthropic.claude-sonnet-4-5"),
    ("+", "IAM policy          atrium-retail-callsummary-prod   1 statement, 1 profile, guardrail required"),
    ("~", "guardrail           customer-facing   version 6 → 7"),
    ("-", "IAM policy          retail-callsummary-by-hand"),
    ("", "probe: one call must work, one must be refused"),
)
STEPS = (
    {"state": "done", "what": "Owner, Retail banking", "note": "approved 17 Nov, after 3 h"},
    {"state": "done", "what": "Security", "note": "approved 18 Nov, after 9 h"},
    {"state": "now", "what": "Responsible AI: you, or one of two others", "note": "due tomorrow 17:00; waits 22 h"},
    {"state": "waiting", "what": "Atrium applies, probes, activates", "note": "about 2 minutes"},
)
PAIRS = (
    ("Use case", "Call summary, pilot → production", "Summarise service calls for the agent’s notes"),
    ("Data", "Confidential", "customer names and account numbers"),
    ("Volume", "38,000 calls a day", "1,900 tokens in, 240 out"),
    ("Cost", "$4,700–5,600 a month"),
)
LINES = (
    ("Retail banking", 84_210, 90_000, "exhausts 26 Nov ± 2 d"),
    ("Insurance", 71_940, 60_000, "2 grants frozen on 18 Nov"),
    ("Wealth", 38_115, 70_000, "on course"),
    ("Treasury", 1_204, None, ""),
)
CODE = """import boto3

client = boto3.client("bedrock-runtime", region_name="eu-central-1")
answer = client.converse(
    modelId="arn:aws:bedrock:eu-central-1:447100000212:application-inference-profile/8k2m",
    messages=[{"role": "user", "content": [{"text": "Summarise this call."}]}],
)"""


class ExampleForm(forms.Form):
    """One field of each kind, one of them wrong."""

    use_case = forms.ChoiceField(
        label="Which use case is it for?",
        help_text="One request is one use case with one model.",
        choices=[("call", "Call summary · Retail banking · pilot"), ("coach", "Call coaching · Retail banking · idea")],
    )
    data_class = forms.ChoiceField(
        label="What data will it see?",
        choices=[("internal", "Internal"), ("confidential", "Confidential")],
        widget=ChoiceCards(details={"confidential": "customer names, account numbers"}),
    )
    regions = forms.MultipleChoiceField(
        label="Where may it run?",
        required=False,
        choices=[("eu-central-1", "Frankfurt"), ("eu-west-1", "Ireland")],
        widget=CheckCards(details={"eu-central-1": "eu-central-1", "eu-west-1": "eu-west-1"}),
    )
    calls = forms.IntegerField(
        label="How many calls a day?",
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": "Enter a whole number, like 38000."},
    )
    why = forms.CharField(label="Why this model?", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    until = forms.DateField(label="Until when?", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    agreed = forms.BooleanField(label="A person reads each answer before anything happens", required=False)


class ReasonForm(forms.Form):
    """The reason of a decision."""

    reason = forms.CharField(
        label="Reason, or a condition",
        widget=forms.TextInput(attrs={"placeholder": "Reason, or a condition: “renew the DPIA by 9 December”"}),
    )


def daily(today: date) -> tuple[list[date], list[Decimal]]:
    """80 days around `today` with a weekly rhythm, growth and one spike."""
    days = [today + timedelta(days=offset) for offset in range(-69, 11)]
    amounts = [
        Decimal((4000 + 45 * place) * (4 if day.weekday() > 4 else 10)) / 10 + (place * 37) % 410
        for place, day in enumerate(days)
    ]
    amounts[42] *= 3
    return days, amounts


def figures(today: date) -> dict[str, Any]:
    """The charts of the gallery and the rows behind them."""
    days, amounts = daily(today)
    month = today.replace(day=1)
    spend = charts.bars_by_day(
        days, amounts, strong_from=month, forecast_from=today, notes={days[42]: "Claims triage reprocessed"}
    )
    so_far = [amount if day < today else None for day, amount in zip(days, amounts, strict=True)]
    trend = charts.line(days, {"Insurance": so_far}, limit=("budget a day", 9000))
    names = [name for name, *_ in LINES]
    shares = charts.bars_by_name(names, [spent for _, spent, *_ in LINES])
    return {
        "spend": spend,
        "trend": trend,
        "shares": shares,
        "rows": list(zip(days, amounts, strict=True))[-14:],
        "spark": amounts[:40],
    }


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """GET /ui/: every component with made-up data. It shows nothing of anybody, so it asks for no sign-in."""
    now = clock.now()
    context = {
        "statuses": STATUSES,
        "plan": PLAN,
        "steps": STEPS,
        "pairs": PAIRS,
        "lines": [
            {"name": name, "spent": Decimal(spent), "budget": budget and Decimal(budget), "note": note}
            for name, spent, budget, note in LINES
        ],
        "code_text": CODE,
        "form": ExampleForm({"use_case": "call", "data_class": "confidential", "calls": "about 40k"}),
        "reason": ReasonForm(),
        "page": Paginator(range(1240), 25).get_page(request.GET.get("page", 2)),
        "measured_at": now - timedelta(minutes=6),
        "due_at": now + timedelta(hours=26),
        "old_at": now - timedelta(hours=3),
        "share": Decimal("0.973"),
        "figures": figures(now.date()),
    }
    return render(request, "gallery/page.html", context)
