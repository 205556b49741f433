"""The settings of the product, with the resources of canary_urls.py in its API."""

from portal.settings import *  # noqa: F403

ROOT_URLCONF = "tests.access.canary_urls"
