"""`manage.py load_prices`: bring the list prices of the installed genai-prices into the price book."""

from typing import Any

from django.core.management.base import BaseCommand

from hub.actions import prices


class Command(BaseCommand):
    help = "Bring list prices into the price book. Rates that somebody entered stand."

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = prices.load_list_prices(by=None)
        self.stdout.write(f"{loaded.changed} rates are new or changed.")
        if loaded.unpriced:
            self.stdout.write(f"Without a price: {', '.join(loaded.unpriced)}.")
