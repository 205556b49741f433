"""Rows with two keys: a bigint inside, a UUIDv7 outside (URLs, API, tags)."""

from django.db import models

from portal.lib.uid import new_uid


class Identified(models.Model):
    """Abstract: adds `uid`, the key that leaves the database."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)

    class Meta:
        abstract = True
