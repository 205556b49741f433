"""The price book: what a million tokens cost, over periods."""

from datetime import datetime
from typing import ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import F, Q

from portal.lib import clock

# Two periods of one key must not share a moment. PostgreSQL has no exclusion over btree keys without an extension.
REFUSE_OVERLAP = """
    IF EXISTS (
        SELECT 1 FROM hub_price p
        WHERE p.model_id = NEW.model_id AND p.region = NEW.region AND p.scope = NEW.scope AND p.tier = NEW.tier
          AND p.band = NEW.band AND p.token_class = NEW.token_class AND p.id <> NEW.id
          AND tstzrange(p.since, p.until) && tstzrange(NEW.since, NEW.until)
    ) THEN
        RAISE EXCEPTION 'price_periods_never_overlap' USING ERRCODE = 'exclusion_violation';
    END IF;
    RETURN NEW;
"""


class PriceQuerySet(models.QuerySet["Price"]):
    def in_force(self, at: datetime) -> Self:
        return self.filter(Q(until__isnull=True) | Q(until__gt=at), since__lte=at)


class Price(models.Model):
    """One rate. An empty region, scope or band means any; the most specific row wins (hub.prices)."""

    class Scope(models.TextChoices):
        ANY = "", "Any"
        IN_REGION = "in_region", "In region"
        GEO = "geo", "Geography"
        GLOBAL = "global", "Global"

    class TokenClass(models.TextChoices):
        INPUT = "input", "Input"
        OUTPUT = "output", "Output"
        CACHE_READ = "cache_read", "Cache read"
        CACHE_WRITE_5M = "cache_write_5m", "Cache write, 5 min"
        CACHE_WRITE_1H = "cache_write_1h", "Cache write, 1 h"

    model_id = models.CharField(max_length=140, help_text="canonical: without a profile's prefix")
    region = models.CharField(max_length=32, blank=True)
    scope = models.CharField(max_length=12, blank=True, choices=Scope)
    tier = models.CharField(max_length=16, default="standard", help_text="standard, priority, flex, batch, …")
    band = models.CharField(
        max_length=8, blank=True, help_text="prompt size of the request, one of hub.bands; empty: any"
    )
    token_class = models.CharField(max_length=16, choices=TokenClass)
    usd_per_million = models.DecimalField("USD per million tokens", max_digits=16, decimal_places=8)
    since = models.DateTimeField(default=clock.now)
    until = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=160, help_text="where the rate was read, or who entered it and why")

    objects = PriceQuerySet.as_manager()

    class Meta:
        ordering = ("model_id", "region", "scope", "tier", "band", "token_class", "-since")
        indexes: ClassVar = [models.Index(fields=["since"]), models.Index(fields=["until"])]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["model_id", "region", "scope", "tier", "band", "token_class", "since"], name="price_begins_once"
            ),
            models.CheckConstraint(condition=Q(usd_per_million__gte=0), name="price_is_not_negative"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="price_ends_after_it_begins"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="refuse_overlap",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=REFUSE_OVERLAP,
            )
        ]

    def __str__(self) -> str:
        return f"{self.model_id} {self.get_token_class_display().lower()}: {self.usd_per_million} USD per million"

    def holds(self, at: datetime) -> bool:
        """Whether the price is in force at a moment."""
        return self.since <= at and (self.until is None or at < self.until)
