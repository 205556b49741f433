"""The components of the pages, as template tags; each has its template and parameters in templates/components/."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide

from portal.lib import clock, moments, numbers
from portal.lib import sparkline as sparklines
from portal.lib.status import Status, Tone

register = template.Library()

for words in (numbers.usd, numbers.usd_exact, numbers.count, numbers.short, numbers.percent):
    register.filter(words.__name__, words)
for phrase in (moments.ago, moments.since, moments.due, moments.day, moments.exact):
    register.filter(phrase.__name__, phrase)


def _part(name: str, **context: Any) -> SafeString:
    return render_to_string(f"components/{name}.html", context)


# Words and marks


@register.simple_tag
def icon(name: str, size: int = 16) -> SafeString:
    """A lucide icon; it always stands beside a word, so a screen reader passes over it."""
    return SafeString(lucide(name, size=size, aria_hidden="true", focusable="false"))


@register.simple_tag
def badge(status: Status | None = None, *, label: str = "", tone: str = Tone.IDLE, plain: bool = False) -> SafeString:
    """A status, or a label with a tone; plain: without the dot, for a mere word."""
    if status is not None:
        label, tone = status.label, status.tone
    return _part("badge", label=label, tone=Tone(tone), plain=plain)


@register.simple_tag
def when(moment: datetime | None) -> SafeString:
    """How long ago, or how soon, with the exact moment behind it."""
    if moment is None:
        return SafeString(moments.NEVER)
    words = moments.ago(moment) if moment <= clock.now() else moments.due(moment)
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), moments.exact(moment), words)


@register.simple_tag
def age(moment: datetime | None, source: str = "estimate", stale_after: int = 60) -> SafeString:
    """Where a figure comes from and how old it is: "estimate · 6 min old"; after `stale_after` minutes as a warning."""
    if moment is None:
        return format_html("{} · {}", source, badge(label="not measured yet", tone=Tone.ATTENTION))
    past = clock.now() - moment
    words = f"{moments.span(past)} old"
    if past > timedelta(minutes=stale_after):
        words = badge(label=words, tone=Tone.ATTENTION)
    return format_html(
        '{} · <time datetime="{}" title="{}">{}</time>', source, moment.isoformat(), moments.exact(moment), words
    )


@register.simple_tag
def money(amount: int | Decimal | None) -> SafeString:
    """An amount (nano-USD or Decimal USD) for reading, its last digit behind it."""
    return format_html('<span class="nowrap" title="{}">{}</span>', numbers.usd_exact(amount), numbers.usd(amount))


@register.simple_tag
def tokens(number: int | None) -> SafeString:
    """A count of tokens in three digits, the whole count behind it."""
    return format_html('<span class="nowrap" title="{} tokens">{}</span>', numbers.count(number), numbers.short(number))


# Figures and pictures


@register.simple_block_tag
def figures(content: str) -> SafeString:
    """The strip of two to five numbers on top of a page."""
    return format_html('<dl class="figures">{}</dl>', content)


@register.simple_tag
def figure(label: str, value: Any, note: Any = "", href: str = "", note_href: str = "") -> SafeString:
    """One number of the strip: what, how much, and from where; href leads to its rows, note_href from its note."""
    return _part("figure", label=label, value=value, note=note, href=href, note_href=note_href)


@register.simple_tag
def bar(*, used: int | Decimal, of: int | Decimal | None, note: str = "") -> SafeString:
    """How much of a budget is used: calm, from 80 % attention, over 100 % danger; always with the share in words."""
    if not of:
        return _part("bar", filled=0, tone=Tone.IDLE, words=note or "no budget")
    share = Decimal(used) / Decimal(of)
    tone = Tone.DANGER if share > 1 else Tone.ATTENTION if share >= Decimal("0.8") else Tone.IDLE
    filled = round(max(min(share, Decimal(1)), Decimal(0)) * 100, 1)
    words = " · ".join(filter(None, (numbers.percent(share), note)))
    return _part("bar", filled=filled, tone=tone, words=words)


@register.simple_tag
def sparkline(values: Sequence[int | Decimal], label: str) -> SafeString:
    """A line as small as a word; label says it to those who do not see it."""
    return sparklines.svg(values, label)


@register.simple_block_tag
def chart(
    content: str, figure: dict[str, Any], *, id: str, label: str, size: str = "", caption: str = ""
) -> SafeString:
    """A Plotly figure of portal.lib.charts; size: "", short, tall; the block is the table behind it."""
    data = json_script(figure, f"{id}-figure")
    return _part("chart", data=data, id=id, label=label, size=size, caption=caption, content=content)


@register.simple_block_tag
def table(content: str, label: str) -> SafeString:
    """A table that scrolls within its card when it is wider; label names it for the keyboard and screen readers."""
    return _part("table", label=label, content=content)


# Boxes


@register.simple_block_tag
def card(
    content: str,
    title: str = "",
    *,
    aside: Any = "",
    href: str = "",
    link: str = "",
    flush: bool = False,
    id: str = "",
    foot: Any = "",
) -> SafeString:
    """The box that everything stands in."""
    return _part("card", content=content, title=title, aside=aside, href=href, link=link, flush=flush, id=id, foot=foot)


@register.simple_block_tag
def note(content: str, tone: str = Tone.IDLE) -> SafeString:
    """A sentence that stands out."""
    return _part("note", content=content, tone=Tone(tone))


@register.simple_block_tag
def nothing(content: str, title: str, icon: str = "") -> SafeString:
    """Where a list would be: that there is nothing, why, and the next step."""
    return _part("nothing", title=title, content=content, picture=globals()["icon"](icon, size=24) if icon else "")


@register.simple_block_tag
def dialog(content: str, id: str, title: str) -> SafeString:
    """A question before something happens; its opener is a link to a page that asks the same."""
    return _part("dialog", id=id, title=title, content=content)


@register.simple_block_tag
def code(content: str, *, id: str, label: str) -> SafeString:
    """Text to copy."""
    return _part("code", id=id, label=label, content=SafeString(content.strip("\n")))


# Lists


@register.simple_block_tag
def row(content: str, title: str, *, note: Any = "", href: str = "") -> SafeString:
    """One line of a <ul class="todo">; the block is its button or badge."""
    return _part("row", title=title, note=note, href=href, content=SafeString(content.strip()))


_MARKS = {
    "+": ("add", "added"),
    "-": ("remove", "removed"),
    "~": ("change", "changed"),
    " ": ("same", "unchanged"),
    "": ("head", ""),
}


@register.simple_tag
def diff(lines: Iterable[tuple[str, str]], label: str) -> SafeString:
    """What changes: (mark, text) for each line, mark + added, - removed, ~ changed, " " unchanged, "" heading."""
    rows = [{"mark": mark, "text": text, "tone": _MARKS[mark][0], "word": _MARKS[mark][1]} for mark, text in lines]
    return _part("diff", lines=rows, label=label)


@register.simple_tag
def steps(steps: Iterable[Any]) -> SafeString:
    """Who decides, or what is done, in order: each with state (done, now, waiting, failed), what, note."""
    return _part("steps", steps=steps)


# Ways


@register.simple_tag
def crumb(label: str, url_name: str = "", *args: Any) -> SafeString:
    """One step of the way to this page; the last has no address."""
    if not url_name:
        return format_html('<li aria-current="page">{}</li>', label)
    return format_html('<li><a href="{}">{}</a></li>', reverse(url_name, args=args), label)


@register.simple_block_tag
def tabs(content: str, label: str = "Parts of this page") -> SafeString:
    """Parts of one thing, each with its own address."""
    return _part("tabs", content=content, label=label)


@register.simple_tag(takes_context=True)
def tab(
    context: Context, label: str, url: str, count: int | None = None, *, whole: bool = False, shown: str = ""
) -> SafeString:
    """One tab, current when its address (path and, where it has one, query) is that of the page.

    whole: it leads to a page of its own, current with whatever filters stand in the address. shown: which of the values
    that its tabs end in the page shows, with whatever filters, and also where the address names none.
    """
    path, _, query = url.partition("?")
    request = context["request"]
    here = query.rpartition("=")[2] == shown if shown else request.META.get("QUERY_STRING", "") == query
    current = request.path == path and (whole or here)
    number = "" if count is None else format_html('<span class="count">{}</span>', count)
    mark = SafeString(' aria-current="page"' if current else "")
    return format_html('<li><a href="{}"{}>{}{}</a></li>', url, mark, label, number)


@register.simple_tag(takes_context=True)
def pages(context: Context, page: Page[Any]) -> SafeString:
    """Previous and next, keeping the other words of the address."""

    def address(number: int) -> str:
        query = context["request"].GET.copy()
        query["page"] = str(number)
        return f"?{query.urlencode()}"

    return _part(
        "pages",
        page=page,
        total=numbers.count(page.paginator.count),
        previous=address(page.number - 1),
        next=address(page.number + 1),
    )


# Forms


@register.simple_tag
def error_summary(form: BaseForm, *, focus: bool = True) -> SafeString:
    """On top of a form that was not accepted: what is wrong, each line leading to its field."""
    number = sum(len(errors) for errors in form.errors.values())
    heading = "One thing needs another look" if number == 1 else f"{number} things need another look"
    return _part("error_summary", form=form, heading=heading, focus=focus)


@register.simple_block_tag(takes_context=True)
def decide(
    context: Context, content: str, *, action: str, field: BoundField | None = None, why: str = ""
) -> SafeString:
    """The decision bar: the reason, then the buttons of the block; why: the sentence when they are disabled."""
    token = context.get("csrf_token", "")
    return _part("decide", content=content, action=action, field=field, why=why, csrf_token=token)
