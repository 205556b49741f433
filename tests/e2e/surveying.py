"""Looking at one page in every way at once: loaded a single time, then re-coloured and resized as a person would.

By hand, from the root of the checkout:
`python -m tests.e2e.surveying http://127.0.0.1:8000/ui/ --out shots [--email … --password …]`.
"""

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.e2e.screens import KNOWN_OF_CHARTS, LOOKS, OVERFLOW, Finding, Look, chromium, sign_in, violations, words_of

COLOURS = 32  # of a picture: fills and tones stay as they are, and it is a third of the bytes
TALLEST = 1_350  # pixels of a picture; below that a list only goes on
REDRAW = """() => {
  document.querySelectorAll("[data-drawn]").forEach((chart) => delete chart.dataset.drawn);
  document.dispatchEvent(new Event("theme"));
}"""
# What tests/portal/test_headers.py holds of each kind of answer must reach the browser on each page.
PROMISED = ("content-security-policy", "permissions-policy", "referrer-policy", "x-content-type-options")
ALL_DRAWN = "() => document.querySelectorAll('[data-chart]:not([data-drawn])').length === 0"


def survey(
    page: Page,
    url: str,
    name: str,
    folder: Path,
    *,
    looks: Sequence[Look] = LOOKS,
    status: int = 200,
    press: str = "",
    document: str = "",
) -> list[Finding]:
    """Write `folder/<name>-<width>-<scheme>.png` for each look and return what was wrong, best nothing.

    looks: it is loaded in the first of them. status, press, document: as a `Place` has them.
    """
    said: list[str] = []
    page.on("console", lambda told: said.append(words_of(told)) if told.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    if document:
        page.route(url, lambda route: route.fulfill(response=route.fetch(), status=status, body=document))
    _turn(page, looks[0])
    findings = [Finding(url, looks[0], *one) for one in _open(page, url, status, press)]
    for look in looks:
        findings += [Finding(url, look, *one) for one in _wrong(page, look)]
        _picture(page, folder / f"{name}-{look}.png", look)
    refusal = status // 100 if status >= 400 else 4 if press else None
    charts = page.locator("[data-chart]").count() > 0
    unexpected = [words for words in said if not _expected(words, refusal, charts)]
    return findings + [Finding(url, looks[0], "console", words) for words in unexpected]


def seat(browser: Browser, state: object) -> Page:
    """A page of a person (`state` of `sign_in`, None for nobody) without movement."""
    return browser.new_context(reduced_motion="reduce", storage_state=state).new_page()  # type: ignore[arg-type]


def _open(page: Page, url: str, status: int, press: str) -> list[tuple[str, str]]:
    """(kind, words) of what is wrong with its answer; `press` is pressed afterwards."""
    answer = page.goto(url, wait_until="networkidle")
    wrong = [] if answer and answer.status == status else [("status", str(answer and answer.status))]
    wrong += [("header", promised) for promised in PROMISED if answer and promised not in answer.headers]
    if press:
        page.get_by_role("button", name=press).or_(page.get_by_role("link", name=press)).first.click()
        page.wait_for_load_state("networkidle")
    return wrong


def _wrong(page: Page, look: Look) -> list[tuple[str, str]]:
    """(kind, words) of what is wrong with it in one look."""
    _turn(page, look)
    page.evaluate(REDRAW)
    page.wait_for_function(ALL_DRAWN)
    return [("overflow", words) for words in page.evaluate(OVERFLOW)] + [("axe", words) for words in violations(page)]


def _turn(page: Page, look: Look) -> None:
    page.emulate_media(color_scheme=look.scheme)
    page.set_viewport_size({"width": look.width, "height": 1000 if look.width > 600 else 844})


def _picture(page: Page, path: Path, look: Look) -> None:
    """The window grows to the page, so that what sticks to its edge stands where a reader of the end sees it."""
    height = int(page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": look.width, "height": min(height, TALLEST)})
    page.evaluate("scrollTo(0, 0)")
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(palette=_commonest(picture), dither=Image.Dither.NONE).save(path, optimize=True)


def _commonest(picture: Image.Image) -> Image.Image:
    """A palette of the colours that fill most of a picture, each exactly as it is."""
    counted = sorted(picture.getcolors(picture.width * picture.height) or [], reverse=True)[:COLOURS]
    palette = Image.new("P", (1, 1))
    palette.putpalette([channel for _, colour in counted for channel in colour])  # type: ignore[attr-defined]
    return palette


def _expected(words: str, refusal: int | None, charts: bool) -> bool:
    """The chart library's one report; and what a browser says itself of an answer that is meant to be an error.

    refusal: the first digit of such an answer's status.
    """
    if charts and KNOWN_OF_CHARTS.search(words):
        return True
    return refusal is not None and f"the server responded with a status of {refusal}" in words


def main() -> int:
    """Look at the addresses of the command line; 1 when something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("urls", nargs="+")
    parser.add_argument("--out", type=Path, default=Path("shots"))
    parser.add_argument("--email")
    parser.add_argument("--password", default="")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        first = urlsplit(options.urls[0])
        base = f"{first.scheme}://{first.netloc}"
        state = sign_in(browser, base, options.email, options.password) if options.email else None
        findings = [
            found for url in options.urls for found in survey(seat(browser, state), url, _name(url), options.out)
        ]
    lines = [str(finding) for finding in findings] or ["Nothing to object to."]
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 1 if findings else 0


def _name(url: str) -> str:
    return urlsplit(url).path.strip("/").replace("/", "-") or "home"


if __name__ == "__main__":
    sys.exit(main())
