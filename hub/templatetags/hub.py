"""Words of the hub for templates."""

from django import template

from governance.models import DataClass
from hub.models import SystemProfile
from hub.regions import place as place_of
from hub.regions import places
from hub.reports import models as report

register = template.Library()


@register.filter
def destinations(profile: SystemProfile) -> str:
    """Where calls through the profile may be answered."""
    return report.destinations(profile)


@register.filter(name="places")
def as_places(regions: list[str]) -> str:
    """Regions as a sentence has them: "Frankfurt and Ireland"."""
    return places(regions)


@register.filter
def data_label(data_class: str) -> str:
    """A class of data as people call it: "confidential" → "Confidential"."""
    return DataClass(data_class).label if data_class else ""


@register.filter
def data_labels(data_classes: list[str]) -> str:
    """Classes of data as people call them: "Internal, Confidential"."""
    return ", ".join(data_label(one) for one in data_classes)


@register.filter
def place(region: str) -> str:
    """A Region as people say it: "Frankfurt"."""
    return place_of(region)
