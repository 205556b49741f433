"""A line as small as a word, drawn on the server."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString

WIDTH, HEIGHT, MARGIN = 88, 20, 2
DAYS_APART = 60  # with more days than that, the rhythm of the week would hide the trend


def points(values: Sequence[int | Decimal]) -> list[tuple[float, float]]:
    """`values`, evenly spaced and scaled from zero to their largest, as SVG coordinates with one decimal."""
    top = max(max(values), 0) or 1
    bottom = min(min(values), 0)
    step = (WIDTH - 2 * MARGIN) / max(len(values) - 1, 1)
    tall = (HEIGHT - 2 * MARGIN) / float(top - bottom)
    return [
        (round(MARGIN + place * step, 1), round(HEIGHT - MARGIN - float(value - bottom) * tall, 1))
        for place, value in enumerate(values)
    ]


def by_week(values: Sequence[int | Decimal]) -> list[Decimal]:
    """Means of seven days, the last one ending with the last day; days in front that fill no week are left out."""
    whole = values[len(values) % 7 :]
    return [sum(map(Decimal, whole[day : day + 7]), Decimal(0)) / 7 for day in range(0, len(whole), 7)]


def svg(values: Sequence[int | Decimal], label: str) -> SafeString:
    """The line as an inline SVG that says `label` to a screen reader; nothing for fewer than two values."""
    if len(values) < 2:
        return SafeString("")
    line = points(by_week(values) if len(values) > DAYS_APART else values)
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" role="img" aria-label="{}"><polyline points="{}"/>'
        '<circle cx="{}" cy="{}" r="1.75"/></svg>',
        WIDTH,
        HEIGHT,
        label,
        " ".join(f"{x},{y}" for x, y in line),
        *line[-1],
    )
