"""The form of an access request. It reads what it can: a value that cannot be read keeps the rest readable."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import Count, Q, QuerySet
from django.utils.datastructures import MultiValueDict

from governance.data_classes import DETAILS
from governance.models import DataClass, Decision, UseCase, User
from governance.policy import within
from governance.roles import Permission
from hub.answers import Answers
from hub.form_fields import Dollars, WholeNumber
from hub.models import Environment, FoundationModel, GuardrailVersion
from hub.plans.inputs import GEO
from hub.prices import RateTable, rate_table
from hub.readiness import REQUIRED, guardrail_choices, problems
from hub.regions import place
from hub.residency import Residency
from hub.routes import Route, judged, routes
from portal.lib import clock
from portal.lib.forms import ChoiceCards
from portal.lib.money import to_nano
from portal.lib.numbers import usd

OPTIONAL = ("cached_percent", "create_role", "answer")
FIELD_OF = {"monthly_budget_nano": "monthly_budget"}
FIRST = ("use_case", "model", "data_class", "audience")
AUDIENCE_DETAILS = {
    UseCase.Audience.EMPLOYEES: "people of the company",
    UseCase.Audience.PARTNERS: "people of other companies who work with us",
    UseCase.Audience.CUSTOMERS: "the public, directly",
}


class AccessRequestForm(forms.Form):
    """All answers, none of them required while typing; hub.readiness says what is missing when it is sent."""

    use_case = forms.ModelChoiceField(
        UseCase.objects.none(), required=False, to_field_name="uid", empty_label="Choose a use case",
        label="Which use case is it for?", help_text="One request is one use case with one model.",
    )  # fmt: skip
    model = forms.ModelChoiceField(
        FoundationModel.objects.none(), required=False, to_field_name="uid", empty_label=None, label="Which model?",
        widget=ChoiceCards,
    )  # fmt: skip
    data_class = forms.ChoiceField(required=False, label="What data will it see?", widget=ChoiceCards)
    audience = forms.ChoiceField(
        choices=UseCase.Audience.choices, required=False, label="Who sees the answers?",
        widget=ChoiceCards(details={str(key): text for key, text in AUDIENCE_DETAILS.items()}),
    )  # fmt: skip
    environment = forms.ChoiceField(
        choices=Environment.choices, required=False, label="Where does it run?", widget=ChoiceCards
    )
    route = forms.ChoiceField(required=False, label="Which account and Region?", widget=ChoiceCards)
    guardrail_version = forms.ChoiceField(required=False, label="Which guardrail?", widget=ChoiceCards)
    calls_per_day = WholeNumber(example=38000, label="How many calls a day?")
    input_tokens = WholeNumber(example=1900, label="Tokens into a call", help_text="A page of text is about 600.")
    output_tokens = WholeNumber(example=240, label="Tokens out of a call", help_text="A paragraph is about 100.")
    cached_percent = WholeNumber(
        example=30, label="Per cent of the input read from the cache", help_text="Leave empty if you do not cache."
    )
    roles = forms.CharField(
        required=False, label="Which IAM roles call it?", widget=forms.Textarea(attrs={"rows": 3, "class": "mono"}),
        help_text="Their ARNs, one a line. Each gets the policy, and a trust through which Atrium probes.",
    )  # fmt: skip
    create_role = forms.BooleanField(
        required=False, label="There is none yet: let Atrium make one", help_text="Its trust is shown in the plan."
    )
    monthly_budget = Dollars(
        required=False, label="Budget in US dollars a month", help_text="It warns and does not stop calls."
    )
    months = WholeNumber(example=12, label="For how many months?", help_text="At most 24; it can be asked for again.")
    why = forms.CharField(
        required=False, label="Why do you need it?", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What gets better, and for whom. Reviewers read this first.",
    )  # fmt: skip
    answer = forms.CharField(
        required=False, label="Your answer", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Those who decide read it. It is needed if you send the request as it was.",
    )  # fmt: skip

    # A draft may lack anything, so the browser must not stop it.
    use_required_attribute = False

    def __init__(self, data: MultiValueDict[str, str] | None = None, *, user: User, asked_model: str = "") -> None:
        super().__init__(data)
        self.routes: dict[str, Route] = {}
        self.impossible: dict[str, tuple[str, str]] = {}
        self._read: dict[str, Any] = {}
        self._choose_use_case(user)
        self._choose_model(asked_model)
        self._choose_data()
        self._choose_route()
        self._choose_guardrail()

    @property
    def answers(self) -> Answers:
        """What could be read, of a form that was validated; errors that were added since take nothing away."""
        read = self._read
        percent = read.get("cached_percent") or 0
        budget = read.get("monthly_budget")
        return Answers(
            use_case=read.get("use_case"),
            model=read.get("model"),
            data_class=read.get("data_class", ""),
            audience=read.get("audience", ""),
            environment=read.get("environment", ""),
            route=self.routes.get(read.get("route", "")),
            guardrail_version=self.guardrails.get(read.get("guardrail_version", "")),
            role_arns=tuple(line for line in (read.get("roles") or "").split() if line),
            create_role=bool(read.get("create_role")),
            calls_per_day=read.get("calls_per_day"),
            input_tokens=read.get("input_tokens"),
            output_tokens=read.get("output_tokens"),
            cached_share=min(Decimal(percent) / 100, Decimal(1)),
            monthly_budget_nano=None if budget is None else to_nano(budget),
            months=read.get("months"),
            why=(read.get("why") or "").strip(),
        )

    @property
    def reply(self) -> str:
        """What is said to who asked for changes, "" if nothing."""
        return str(self._read.get("answer") or "").strip()

    def ask_answer(self, asked: Decision) -> forms.BoundField:
        """The question for it, as it is put to who was asked for changes."""
        question = self["answer"]
        question.label = f"Your answer to {asked.person}"
        return question

    def clean_data_class(self) -> str:
        data_class: str = self.cleaned_data["data_class"]
        field = self.fields["data_class"]
        if data_class in field.widget.barred:
            raise forms.ValidationError(field.error_messages["invalid_choice"])
        return data_class

    def clean_cached_percent(self) -> int | None:
        percent: int | None = self.cleaned_data["cached_percent"]
        if percent is not None and percent > 100:
            raise forms.ValidationError("Enter a share from 0 to 100 per cent.")
        return percent

    def require_first(self) -> None:
        """Put the sentence of each missing first answer beside its field."""
        self._require(FIRST)

    def require_everything(self) -> None:
        """Put all that stands in the way of sending it beside its field: missing and impossible answers."""
        self._require([FIELD_OF.get(name, name) for name in REQUIRED])
        for problem in problems(self.answers):
            field = problem.field if problem.field in self.fields else None
            if problem.sentence not in self.errors.get(field or NON_FIELD_ERRORS, []):
                self.add_error(field, problem.sentence)

    def _require(self, names: Iterable[str]) -> None:
        sentences = {FIELD_OF.get(name, name): sentence for name, sentence in REQUIRED.items()}
        for name in names:
            if name not in self.errors and self._read.get(name) in (None, ""):
                self.add_error(name, sentences[name])

    def _post_clean(self) -> None:
        """Checked as a draft, shown as what it takes to be sent: only what may stay empty says "optional"."""
        self._read = dict(self.cleaned_data)
        if not self.answers.guardrail_because:
            # It is not asked for, so whatever stands there from before is no error.
            self.errors.pop("guardrail_version", None)
        for name, field in self.fields.items():
            field.required = name not in OPTIONAL

    @property
    def has_use_cases(self) -> bool:
        """Whether there is anything to ask for."""
        return bool(self._field("use_case").queryset.exists())

    @property
    def first(self) -> list[forms.BoundField]:
        """The questions that come first."""
        return [self[name] for name in FIRST]

    def _choose_use_case(self, user: User) -> None:
        field = self._field("use_case")
        mine = UseCase.objects.filter(within(user, Permission.REQUEST_ACCESS, "tenant"))
        field.queryset = mine.exclude(stage=UseCase.Stage.RETIRED).select_related("tenant")
        field.label_from_instance = lambda case: f"{case} · {case.tenant} · {case.get_stage_display().lower()}"

    def _choose_model(self, asked: str) -> None:
        """Approved models; also the one that was asked for elsewhere, so that the page can say why it is refused."""
        wanted = self._typed("model") or asked
        models = _requestable(wanted)
        field, table = self._field("model"), rate_table(clock.now())
        field.queryset = models
        field.widget.details = {str(model.uid): _model_detail(model, table) for model in models}
        if asked:
            self.initial["model"] = asked

    def _choose_data(self) -> None:
        """What the line of business may not use is shown with the reason."""
        case, field = self._use_case(), self._field("data_class")
        field.choices = DataClass.choices
        field.widget.details = dict(DETAILS)
        if case:
            field.error_messages["invalid_choice"] = f"{case.tenant} is not cleared for such data; choose again."
            not_cleared = f"{case.tenant} is not cleared for it."
            field.widget.barred = {
                value: not_cleared for value in DataClass.values if value not in case.tenant.data_classes
            }

    def _choose_route(self) -> None:
        case, model = self._use_case(), self._model()
        if not case or not model:
            return
        field, leads = self._field("route"), dict[str, str]()
        data_class, environment = self._typed("data_class") or case.data_class, self._typed("environment")
        for route, goes in judged(routes(model, case.tenant), tenant=case.tenant, model=model, data_class=data_class):
            if against := _against(route, goes, environment):
                self.impossible[route.key] = (route.label, against)
            else:
                self.routes[route.key] = route
                leads[route.key] = f"{goes.route}."
        field.widget.details = leads
        field.choices = [(route.key, route.label) for route in self.routes.values()]
        if taken := self.impossible.get(self._typed("route")):
            field.error_messages["invalid_choice"] = f"{taken[0]} is not possible with your other answers. {taken[1]}"

    def _choose_guardrail(self) -> None:
        route = self.routes.get(self._typed("route"))
        versions = guardrail_choices(route)
        self.guardrails = {str(version.pk): version for version in versions}
        shown = _newest(versions) | {self._typed("guardrail_version")}
        field = self._field("guardrail_version")
        field.choices = [(key, str(version)) for key, version in self.guardrails.items() if key in shown]
        if route:
            where = f"{route.account.name} in {place(route.region)}"
            field.error_messages["invalid_choice"] = f"The guardrail you chose is not in {where}; choose one there."

    def _field(self, name: str) -> Any:
        """A field whose choices depend on who asks and on the other answers."""
        field = self.fields[name]
        field.error_messages["invalid_choice"] = "This is not on offer with your other answers; choose again."
        return field

    def _typed(self, name: str) -> str:
        return str(self.data.get(name, "") or "").strip() if self.is_bound else ""

    def _use_case(self) -> UseCase | None:
        found: UseCase | None = _by_uid(self._field("use_case").queryset, self._typed("use_case"))
        return found

    def _model(self) -> FoundationModel | None:
        found: FoundationModel | None = _by_uid(self._field("model").queryset, self._typed("model"))
        return found


def _against(route: Route, goes: Residency, environment: str) -> str:
    """Why a route cannot be taken with these answers, "" if it can; no environment yet rules nothing out."""
    if environment == "prod" and route.account.environment != "prod":
        return f"{route.account.name} is not a production account."
    return "" if goes.allowed else goes.sentence


def _newest(versions: list[GuardrailVersion]) -> set[str]:
    """The keys of the newest version of each guardrail; `versions` has them in front."""
    newest: dict[int, str] = {}
    for version in versions:
        newest.setdefault(version.guardrail_id, str(version.pk))
    return set(newest.values())


def _by_uid(found: QuerySet[Any], uid: str) -> Any:
    return next((one for one in found if str(one.uid) == uid), None) if uid else None


def _requestable(wanted: str) -> QuerySet[FoundationModel]:
    """Models in the order of a list; `wanted` is a uid that may be none."""
    among = Q(status=FoundationModel.Status.APPROVED, vanished_at__isnull=True)
    asked = {str(model.uid): model.pk for model in FoundationModel.objects.filter(_uid(wanted))} if wanted else {}
    live = Count("grants__use_case", filter=Q(grants__state="active"), distinct=True)
    return FoundationModel.objects.filter(among | Q(pk__in=asked.values())).annotate(used_by=live)


def _uid(text: str) -> Q:
    try:
        return Q(uid=forms.UUIDField().clean(text))
    except forms.ValidationError:
        return Q(pk__in=[])


def _model_detail(model: FoundationModel, table: RateTable) -> str:
    rates = table.rates(model.model_id, region="", scope=GEO)
    price = f"{usd(rates.input)} in, {usd(rates.output)} out per 1 M tokens" if rates else "no list price known"
    used = getattr(model, "used_by", 0)
    by = f"used by {used} use case{'' if used == 1 else 's'} here" if used else "not used here yet"
    return f"{model.provider} · {price} · {by}"
