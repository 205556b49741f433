"""Chromium as the tests open it: the ways in which a page is looked at, signing in, and what is wrong with a page."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

EXECUTABLE = os.environ.get("ATRIUM_CHROMIUM") or shutil.which("chromium")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
# Plotly sets one style attribute from a string; the policy refuses it, the chart is drawn without. Exactly that one:
KNOWN_OF_CHARTS = re.compile(r"Applying inline style violates .*'sha256-ji27qzEtxXZW\+7dun6UwjHXJ18e6WAin1VvNtkzIE/o='")
# An element that scrolls by itself may be wider inside; the page as a whole may not.
OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const scrolls = (e) =>
    e && (/auto|scroll|hidden|clip/.test(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
  const wide = [...document.body.querySelectorAll("*")].filter(
    (e) => e.getBoundingClientRect().right > width + 1 && !scrolls(e.parentElement));
  return wide.slice(0, 5).map((e) => e.outerHTML.slice(0, 120)).concat(wide.length ? [] : ["the page"]);
}"""


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is looked at: the width in CSS pixels and the colour scheme."""

    width: int
    scheme: Literal["light", "dark"]

    def __str__(self) -> str:
        return f"{self.width}-{self.scheme}"


LOOKS = (Look(1440, "light"), Look(1440, "dark"), Look(390, "light"), Look(390, "dark"))


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a page should not do. kind: status, header, overflow, console, axe."""

    url: str
    look: Look
    kind: str
    words: str

    def __str__(self) -> str:
        return f"{self.kind:9} {self.look} {self.url}: {self.words}"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=list(FLAGS))
        yield browser
        browser.close()


def sign_in(browser: Browser, base: str, email: str, password: str, *, javascript: bool = True) -> Any:
    """Sign in through the form; the result is the `state` to open pages with."""
    context = browser.new_context(java_script_enabled=javascript)
    page = context.new_page()
    page.goto(f"{base}/account/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", password)
    page.click("main form button:not([type=button])")
    page.wait_for_url(lambda url: "/account/login" not in url)
    state = context.storage_state()
    context.close()
    return state


def violations(page: Page) -> list[str]:
    """What axe objects to on the page as it stands: rule, help and the first place."""
    # Preloading style sheets serves no rule that runs, and stumbles over the @import in those of the admin.
    found = Axe().run(page, options={"preload": False}).response["violations"]
    return [f"{rule['id']}: {rule['help']} ({len(rule['nodes'])}×, {rule['nodes'][0]['html'][:160]})" for rule in found]


def words_of(message: ConsoleMessage) -> str:
    """A report of the browser with where it comes from."""
    return f"{message.text} [{message.location.get('url', '')}]"
