"""Opens pages in Chromium as people see them, writes them as PNG, and says what is wrong with them.

From a test: `with chromium() as browser: findings = shoot(browser, url, "home", folder)`.
By hand, from the root of the checkout:
`python -m tests.e2e.screens http://127.0.0.1:8000/ui/ --out shots [--email … --password …]`.
"""

import argparse
import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

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
    """Something that a page should not do. kind: status, overflow, console, axe."""

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
    """Sign in through the form; the result is the `state` that `shoot` takes."""
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


def shoot(
    browser: Browser, url: str, name: str, folder: Path, *, looks: Sequence[Look] = LOOKS, state: Any = None
) -> list[Finding]:
    """Write `folder/name-<width>-<scheme>.png` for each look and return what was wrong, best nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    findings: list[Finding] = []
    for look in looks:
        context = browser.new_context(
            viewport={"width": look.width, "height": 1000 if look.width > 600 else 844},
            color_scheme=look.scheme,
            reduced_motion="reduce",
            storage_state=state,
        )
        page = context.new_page()
        findings += [Finding(url, look, kind, words) for kind, words in inspect(page, url)]
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=folder / f"{name}-{look}.png", full_page=True)
        context.close()
    return findings


def inspect(page: Page, url: str) -> list[tuple[str, str]]:
    """Open `url` and list (kind, words) of all that is wrong."""
    said: list[str] = []
    page.on("console", lambda message: said.append(words_of(message)) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    response = page.goto(url, wait_until="networkidle")
    charts = page.locator("[data-chart]").count()
    page.wait_for_function("n => document.querySelectorAll('[data-drawn]').length === n", arg=charts)
    wrong = [] if response and response.ok else [("status", str(response and response.status))]
    wrong += [("overflow", words) for words in page.evaluate(OVERFLOW)]
    wrong += [("console", words) for words in said if not (charts and KNOWN_OF_CHARTS.search(words))]
    wrong += [("axe", words) for words in violations(page)]
    return wrong


def violations(page: Page) -> list[str]:
    """What axe objects to on the page as it stands: rule, help and the first place."""
    # Preloading style sheets serves no rule that runs, and stumbles over the @import in those of the admin.
    found = Axe().run(page, options={"preload": False}).response["violations"]
    return [f"{rule['id']}: {rule['help']} ({len(rule['nodes'])}×, {rule['nodes'][0]['html'][:160]})" for rule in found]


def words_of(message: ConsoleMessage) -> str:
    """A report of the browser with where it comes from."""
    return f"{message.text} [{message.location.get('url', '')}]"


def main() -> int:
    """Look at the addresses of the command line; 1 when something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("urls", nargs="+")
    parser.add_argument("--out", type=Path, default=Path("shots"))
    parser.add_argument("--email")
    parser.add_argument("--password", default="")
    options = parser.parse_args()
    with chromium() as browser:
        first = urlsplit(options.urls[0])
        base = f"{first.scheme}://{first.netloc}"
        state = sign_in(browser, base, options.email, options.password) if options.email else None
        findings = [
            finding for url in options.urls for finding in shoot(browser, url, _name(url), options.out, state=state)
        ]
    lines = [str(finding) for finding in findings] or ["Nothing to object to."]
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 1 if findings else 0


def _name(url: str) -> str:
    return urlsplit(url).path.strip("/").replace("/", "-") or "home"


if __name__ == "__main__":
    sys.exit(main())
