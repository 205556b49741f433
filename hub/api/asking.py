"""What a body says of an access request, read by the form of the page: the same questions, the same sentences."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.datastructures import MultiValueDict
from rest_framework import serializers

from governance.models import DataClass, UseCase, User
from hub.actions.access_requests import Typed
from hub.answers import Answers
from hub.forms_access import AccessRequestForm
from hub.models import Environment, GuardrailVersion
from hub.readiness import problems
from portal.lib.api.money import Usd
from portal.lib.errors import Refused

LONGEST_ROLES = 50
MOST = 2_000_000_000
ROUTE = "account|Region|inference profile of AWS, or nothing after the last | for the model itself"
PIN = "guardrail:version"


def pin(version: GuardrailVersion | None) -> str | None:
    """A version of a guardrail as it is named here: "0193…:3"."""
    return f"{version.guardrail.uid}:{version.version}" if version else None


class AnswersShape(serializers.Serializer[Answers]):
    """What is asked for. tokens: of one call; monthly_budget: USD; null: not answered, or not readable."""

    use_case = serializers.UUIDField(source="use_case.uid", default=None, allow_null=True)
    model = serializers.UUIDField(source="model.uid", default=None, allow_null=True)
    data_class = serializers.SerializerMethodField()
    audience = serializers.SerializerMethodField()
    environment = serializers.SerializerMethodField()
    route = serializers.CharField(source="route.key", default=None, allow_null=True, help_text=ROUTE)
    guardrail_version = serializers.SerializerMethodField(help_text=PIN)
    roles = serializers.ListField(child=serializers.CharField(), source="role_arns")
    create_role = serializers.BooleanField()
    calls_per_day = serializers.IntegerField(allow_null=True)
    input_tokens = serializers.IntegerField(allow_null=True)
    output_tokens = serializers.IntegerField(allow_null=True)
    cached_percent = serializers.SerializerMethodField()
    monthly_budget = Usd(source="monthly_budget_nano", allow_null=True)
    months = serializers.IntegerField(allow_null=True)
    why = serializers.CharField(allow_blank=True)

    def get_data_class(self, answers: Answers) -> str | None:
        return answers.data_class or None

    def get_audience(self, answers: Answers) -> str | None:
        return answers.audience or None

    def get_environment(self, answers: Answers) -> str | None:
        return answers.environment or None

    def get_guardrail_version(self, answers: Answers) -> str | None:
        return pin(answers.guardrail_version)

    def get_cached_percent(self, answers: Answers) -> int:
        return int(answers.cached_share * 100)


def _optional(field: type[serializers.Field[Any, Any, Any, Any]], *args: Any, **options: Any) -> Any:
    return field(*args, required=False, allow_null=True, **options)


class AnswersGiven(serializers.Serializer[Any]):
    """The same to be written; what is left out stays, null takes an answer back."""

    use_case = _optional(serializers.UUIDField)
    model = _optional(serializers.UUIDField)
    data_class = _optional(serializers.ChoiceField, choices=DataClass.choices)
    audience = _optional(serializers.ChoiceField, choices=UseCase.Audience.choices)
    environment = _optional(serializers.ChoiceField, choices=Environment.choices)
    route = _optional(serializers.CharField, max_length=240, help_text=ROUTE)
    guardrail_version = _optional(serializers.RegexField, r"^[0-9a-f-]{36}:\d{1,8}\Z", help_text=PIN)
    roles = _optional(serializers.ListField, child=serializers.CharField(max_length=400), max_length=LONGEST_ROLES)
    create_role = _optional(serializers.BooleanField)
    calls_per_day = _optional(serializers.IntegerField, min_value=0, max_value=MOST)
    input_tokens = _optional(serializers.IntegerField, min_value=0, max_value=MOST)
    output_tokens = _optional(serializers.IntegerField, min_value=0, max_value=MOST)
    cached_percent = _optional(serializers.IntegerField, min_value=0, max_value=100)
    monthly_budget = _optional(serializers.DecimalField, max_digits=11, decimal_places=2, min_value=Decimal(0))
    months = _optional(serializers.IntegerField, min_value=0, max_value=MOST)
    why = _optional(serializers.CharField, allow_blank=True, max_length=2000)
    answer = _optional(
        serializers.CharField, allow_blank=True, max_length=2000, help_text="To who asked for changes, if any were."
    )


def typed(body: dict[str, Any], before: Typed) -> Typed:
    """`before` with what a body says, as the form would have been filled in."""
    said = {name: _written(name, value) for name, value in body.items()}
    kept = {name: values for name, values in before.items() if name not in said}
    return kept | {name: [text] for name, text in said.items() if text}


def form_of(answers: Typed, person: User) -> AccessRequestForm:
    """The form of the page, filled in with these answers."""
    form = AccessRequestForm(MultiValueDict(answers), user=person)
    form.is_valid()
    return form


def read(answers: Typed, person: User) -> AccessRequestForm:
    """The same. Raises Refused for what could not be taken; what is missing may stay so while it is a draft."""
    form = form_of(answers, person)
    check(form)
    return form


def check(form: AccessRequestForm) -> None:
    """Raise Refused if the form has errors: all of them, each with what its field could say instead."""
    refusals = [
        Refused(sentence, field="" if name == NON_FIELD_ERRORS else name, instead=_instead(form, name, sentence))
        for name, sentences in form.errors.items()
        for sentence in map(str, sentences)
    ]
    if refusals:
        first, *others = refusals
        raise Refused(first.sentence, field=first.field, instead=first.instead, also=others)


def choices(form: AccessRequestForm) -> dict[str, list[tuple[str, str]]]:
    """What is on offer with the answers so far, by field: (value, label)."""
    versions = [(str(pin(version)), str(version)) for version in form.guardrails.values()]
    plain: dict[str, Any] = {name: field for name, field in form.fields.items() if type(field) is forms.ChoiceField}
    found = {
        name: [(str(value), str(label)) for value, label in field.choices if str(value) not in field.widget.barred]
        for name, field in plain.items()
    }
    return found | {"guardrail_version": versions}


def _instead(form: AccessRequestForm, name: str, sentence: str) -> list[tuple[str, str]]:
    """What another model could be, if the model is refused; else what is on offer in the field."""
    known = next((one for one in problems(form.answers) if one.sentence == sentence and one.instead), None)
    return list(known.instead) if known else choices(form).get(name, [])


def _written(name: str, value: Any) -> str:
    if value is None or value is False:
        return ""
    if name == "guardrail_version":
        return _key_of(value)
    if name == "roles":
        return "\n".join(value)
    return "on" if value is True else str(value)


def _key_of(pinned: str) -> str:
    """The form's own key of a version; one that nothing has if there is no such version."""
    guardrail, _, version = pinned.partition(":")
    try:
        uid = UUID(guardrail)
    except ValueError:
        return pinned
    found = GuardrailVersion.objects.filter(guardrail__uid=uid, version=version).first()
    return str(found.pk) if found else pinned
