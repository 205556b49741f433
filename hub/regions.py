"""AWS Regions as people say them. Source: the AWS General Reference's table of Regions."""

from collections.abc import Iterable

GLOBAL = "global"

PLACES = {
    "af-south-1": "Cape Town",
    "ap-east-1": "Hong Kong",
    "ap-northeast-1": "Tokyo",
    "ap-northeast-2": "Seoul",
    "ap-northeast-3": "Osaka",
    "ap-south-1": "Mumbai",
    "ap-south-2": "Hyderabad",
    "ap-southeast-1": "Singapore",
    "ap-southeast-2": "Sydney",
    "ap-southeast-3": "Jakarta",
    "ap-southeast-4": "Melbourne",
    "ap-southeast-5": "Malaysia",
    "ap-southeast-7": "Thailand",
    "ca-central-1": "Canada Central",
    "ca-west-1": "Calgary",
    "eu-central-1": "Frankfurt",
    "eu-central-2": "Zurich",
    "eu-north-1": "Stockholm",
    "eu-south-1": "Milan",
    "eu-south-2": "Spain",
    "eu-west-1": "Ireland",
    "eu-west-2": "London",
    "eu-west-3": "Paris",
    "il-central-1": "Tel Aviv",
    "me-central-1": "UAE",
    "me-south-1": "Bahrain",
    "mx-central-1": "Mexico",
    "sa-east-1": "São Paulo",
    "us-east-1": "Virginia",
    "us-east-2": "Ohio",
    "us-gov-east-1": "GovCloud East",
    "us-gov-west-1": "GovCloud West",
    "us-west-1": "California",
    "us-west-2": "Oregon",
}


def place(region: str) -> str:
    """ "eu-central-1" → "Frankfurt"; a Region that is newer than the table keeps its code."""
    return PLACES.get(region, region)


def spoken(words: Iterable[str]) -> str:
    """A list as a sentence has it: "Frankfurt, Ireland and Stockholm"."""
    *first, last = list(words) or ["nowhere"]
    return f"{', '.join(first)} and {last}" if first else last


def places(regions: Iterable[str]) -> str:
    """Regions in one phrase, in the order of their codes: "Frankfurt, Ireland and Stockholm"."""
    return spoken(place(region) for region in sorted(set(regions)))
