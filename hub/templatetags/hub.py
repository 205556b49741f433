"""Words of the hub for templates."""

from django import template

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
def place(region: str) -> str:
    """A Region as people say it: "Frankfurt"."""
    return place_of(region)
