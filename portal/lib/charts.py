"""Figures for Plotly as plain dictionaries. Colours are names of tokens ("token:accent/35"), which the page resolves.

The title is not in the figure: the card above says the finding. Labels stand beside what they name, there is no legend.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.html import escape

Figure = dict[str, Any]
Amounts = Sequence[Decimal | int | None]

_AXIS = {
    "showline": False,
    "zeroline": False,
    "fixedrange": True,
    "ticks": "",
    "tickfont": {"color": "token:faint"},
    "automargin": True,
    "ticklabelstandoff": 6,
}


def layout(*, prefix: str = "", suffix: str = "", **more: Any) -> dict[str, Any]:
    """The one template: no frame, quiet grid, numbers at the left with `prefix` and `suffix` ("$")."""
    shared = {
        "font": {"family": "token:font", "size": 12, "color": "token:soft"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 8, "r": 8, "t": 24, "b": 8},
        "showlegend": False,
        "hovermode": "x unified",
        "hoverlabel": {
            "bgcolor": "token:surface",
            "bordercolor": "token:line-strong",
            "font": {"color": "token:ink", "size": 12},
        },
        "barcornerradius": 2,
        "xaxis": {**_AXIS, "showgrid": False},
        "yaxis": {
            **_AXIS,
            "gridcolor": "token:line",
            "rangemode": "tozero",
            "tickprefix": prefix,
            "ticksuffix": suffix,
            "nticks": 5,
        },
    }
    return shared | more


def bars_by_day(
    days: Sequence[date],
    amounts: Amounts,
    *,
    strong_from: date | None = None,
    forecast_from: date | None = None,
    label: str = "Spend",
    prefix: str = "$",
    notes: Mapping[date, str] | None = None,
) -> Figure:
    """A bar a day: pale before `strong_from`, an outline from `forecast_from` on; `notes` stand above their day."""
    styles = [
        _style(day, strong_from, forecast_from if amount else None) for day, amount in zip(days, amounts, strict=True)
    ]
    figure: Figure = {
        "data": [
            {
                "type": "bar",
                "x": [day.isoformat() for day in days],
                "y": numbers(amounts),
                "name": label,
                "hovertemplate": f"{prefix}%{{y:,.2f}}<extra></extra>",
                "marker": {
                    "color": [fill for fill, _ in styles],
                    "line": {"color": [edge for _, edge in styles], "width": 1},
                },
            }
        ],
        "layout": layout(prefix=prefix, bargap=0.25),
    }
    _by_day(figure, amounts)
    heights = dict(zip(days, amounts, strict=True))
    figure["layout"]["annotations"] = [
        _annotation(day.isoformat(), heights[day], words) for day, words in (notes or {}).items() if day in heights
    ]
    return figure


def line(
    days: Sequence[date],
    series: Mapping[str, Amounts],
    *,
    prefix: str = "$",
    limit: tuple[str, Decimal | int] | None = None,
) -> Figure:
    """A line for each of `series`, its name at its end; `limit` is a dashed line with its name ("budget", 285_000)."""
    x = [day.isoformat() for day in days]
    colours = ("token:accent", "token:ok", "token:attention", "token:danger", "token:soft")
    longest = max(map(len, series), default=0)
    figure: Figure = {"data": [], "layout": layout(prefix=prefix)}
    figure["layout"]["margin"] |= {"r": 16 + 7 * longest}
    marks = figure["layout"]["annotations"] = []
    for place, (name, amounts) in enumerate(series.items()):
        colour = colours[place % len(colours)]
        figure["data"].append(_line(name, x, amounts, colour, prefix))
        last = max((at for at, amount in enumerate(amounts) if amount is not None), default=None)
        if last is not None:
            marks.append(_annotation(x[last], amounts[last], name, color=colour, xanchor="left", yanchor="middle"))
    _by_day(figure, [amount for amounts in series.values() for amount in amounts] + [limit and limit[1]])
    if limit:
        name, amount = limit
        level = numbers([amount])[0]
        figure["layout"]["shapes"] = [_limit(level)]
        marks.append(_annotation(x[0], amount, name, color="token:danger", xanchor="left", yanchor="bottom"))
    return figure


def bars_by_name(names: Sequence[str], amounts: Amounts, *, prefix: str = "$", label: str = "Spend") -> Figure:
    """A lying bar for each name, the largest on top when given in descending order."""
    figure: Figure = {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "x": numbers(amounts),
                "y": [escape(name) for name in names],
                "name": label,
                "marker": {"color": "token:accent"},
                "insidetextfont": {"color": "token:accent-ink"},
                "outsidetextfont": {"color": "token:ink"},
                "texttemplate": f"{prefix}%{{x:,.0f}}",
                "textposition": "auto",
                "hovertemplate": f"{prefix}%{{x:,.2f}}<extra></extra>",
            }
        ],
        "layout": layout(hovermode="closest", bargap=0.35),
    }
    figure["layout"]["xaxis"] |= {"visible": False}
    figure["layout"]["yaxis"] |= {"autorange": "reversed", "gridcolor": "rgba(0,0,0,0)", "nticks": len(names)}
    figure["layout"]["yaxis"] |= {"type": "category"}
    return figure


def numbers(amounts: Amounts) -> list[float | None]:
    """Amounts for drawing only: JSON has no Decimal, and a pixel has no cents. None is a gap."""
    return [None if amount is None else float(amount) for amount in amounts]


def _by_day(figure: Figure, amounts: Amounts) -> None:
    """Dates below as "15 Nov"; large amounts at the left as "$15k"."""
    largest = max((abs(Decimal(amount)) for amount in amounts if amount is not None), default=Decimal(0))
    figure["layout"]["xaxis"] |= {"type": "date", "tickformat": "%-d %b", "hoverformat": "%a %-d %b %Y", "nticks": 7}
    figure["layout"]["yaxis"] |= {"tickformat": "~s" if largest >= 10_000 else ",~f"}


def _style(day: date, strong_from: date | None, forecast_from: date | None) -> tuple[str, str]:
    if forecast_from and day >= forecast_from:
        return "rgba(0,0,0,0)", "token:accent"
    if strong_from and day < strong_from:
        return "token:accent/35", "rgba(0,0,0,0)"
    return "token:accent", "rgba(0,0,0,0)"


def _line(name: str, x: list[str], amounts: Amounts, colour: str, prefix: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": numbers(amounts),
        "name": escape(name),
        "line": {"color": colour, "width": 2},
        "hovertemplate": f"{escape(name)} {prefix}%{{y:,.2f}}<extra></extra>",
    }


def _limit(level: float | None) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": level,
        "y1": level,
        "line": {"color": "token:danger", "width": 1, "dash": "dash"},
    }


def _annotation(
    x: str,
    y: Decimal | int | None,
    words: str,
    *,
    color: str = "token:ink",
    xanchor: str = "auto",
    yanchor: str = "bottom",
) -> dict[str, Any]:
    return {
        "x": x,
        "y": numbers([y])[0],
        # Plotly reads a few tags in texts; a name is never one.
        "text": escape(words),
        "showarrow": False,
        "yanchor": yanchor,
        "xanchor": xanchor,
        "xshift": 6 if xanchor == "left" else 0,
        "font": {"color": color, "size": 12},
    }
