"""How things of the hub are named in answers, and what a query may name by its uid."""

from django.db.models import QuerySet
from rest_framework import serializers

from governance.models import UseCase, User
from hub.models import AwsAccount, FoundationModel


class UseCaseName(serializers.ModelSerializer[UseCase]):
    """The use case of a thing."""

    class Meta:
        model = UseCase
        fields = ("uid", "name", "slug")


class ModelName(serializers.ModelSerializer[FoundationModel]):
    """The model of a thing."""

    class Meta:
        model = FoundationModel
        fields = ("uid", "name", "model_id")


class AccountName(serializers.ModelSerializer[AwsAccount]):
    """The AWS account of a thing."""

    class Meta:
        model = AwsAccount
        fields = ("uid", "number", "name", "environment")


def seen_use_cases(person: User) -> QuerySet[UseCase]:
    """The use cases that this person may see."""
    return UseCase.objects.visible_to(person)


def seen_models(person: User) -> QuerySet[FoundationModel]:
    """The models that this person may see."""
    return FoundationModel.objects.visible_to(person)
