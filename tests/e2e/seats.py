"""People at their browsers: those of the demo company, and those of this process's own database."""

import re
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, expect

from governance.models import User
from tests.e2e.company import PASSWORD
from tests.e2e.screens import sign_in

PATIENCE_MS = 60_000  # turns a wait for ever into a failure; nothing is measured by it


@dataclass
class Seats:
    """One page for each person, opened and signed in when it is first needed: `seats["owner@retail.example"]`."""

    browser: Browser
    base: str
    javascript: bool = True
    _taken: dict[str, Page] = field(default_factory=dict)

    def __getitem__(self, email: str) -> Page:
        if email not in self._taken:
            state = sign_in(self.browser, self.base, email, PASSWORD, javascript=self.javascript)
            context = self.browser.new_context(
                base_url=self.base,
                storage_state=state,
                viewport={"width": 1440, "height": 1000},
                java_script_enabled=self.javascript,
            )
            context.set_default_timeout(PATIENCE_MS)
            self._taken[email] = context.new_page()
        return self._taken[email]


def state_of(user: User) -> Any:
    """What the browser of somebody holds who is signed in: the `state` to open pages with."""
    client = Client()
    client.force_login(user)
    session = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
    where = {"domain": "127.0.0.1", "path": "/", "expires": -1, "httpOnly": True, "secure": False, "sameSite": "Lax"}
    return {"cookies": [session | where], "origins": []}


def choose(page: Page, question: str, answer: str) -> None:
    """Take the card that begins with `answer` below a question of choice cards."""
    group = page.get_by_role("group", name=question)
    group.get_by_role("radio", name=re.compile(rf"^{re.escape(answer)}")).first.check()


def choose_use_case(page: Page, name: str) -> None:
    """Take the use case whose line begins with its name."""
    field = page.get_by_label("Which use case is it for?")
    lines = field.locator("option").all_inner_texts()
    field.select_option(index=next(place for place, line in enumerate(lines) if line.startswith(name)))


def main(page: Page) -> Locator:
    """The content of a page, without rail and search."""
    return page.locator("main")


def expect_words(page: Page, *words: str) -> None:
    """Wait until each of the words stands on the page."""
    for word in words:
        expect(main(page)).to_contain_text(word, timeout=PATIENCE_MS)
