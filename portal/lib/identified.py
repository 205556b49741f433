"""Rows with two keys: a bigint inside, a UUIDv7 outside (URLs, API, tags)."""

import uuid

from django.db import models
from uuid6 import uuid7


def new_uid() -> uuid.UUID:
    """A UUIDv7: sorts by time of creation, cannot be guessed."""
    return uuid.UUID(int=uuid7().int)


class Identified(models.Model):
    """Abstract: adds `uid`, the key that leaves the database."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)

    class Meta:
        abstract = True
