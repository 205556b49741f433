"""How things of the hub are named in answers."""

from rest_framework import serializers

from governance.models import UseCase
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
