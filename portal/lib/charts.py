"""Figures for Plotly as plain dictionaries. Colours are names of tokens ("token:accent/35"), which the page resolves.

The title is not in the figure: the card above says the finding. Labels stand beside what they name, there is no legend.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

Figure = dict[str, Any]
Amounts = Sequence[Decimal | int | None]

_AXIS = {
    "showline": False,
    "zeroline": False,
    "fixedrange": True,
    "ticks": "",
    "tickfont": {"color": "token:faint"},
    "automargin": True,
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
    styles = [_style(day, strong_from, forecast_from) for day in days]
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
    figure: Figure = {"data": [], "layout": layout(prefix=prefix)}
    marks = figure["layout"]["annotations"] = []
    for place, (name, amounts) in enumerate(series.items()):
        colour = colours[place % len(colours)]
        figure["data"].append(_line(name, x, amounts, colour, prefix))
        last = max((at for at, amount in enumerate(amounts) if amount is not None), default=None)
        if last is not None:
            marks.append(_annotation(x[last], amounts[last], name, color=colour, xanchor="right"))
    if limit:
        name, amount = limit
        level = numbers([amount])[0]
        figure["layout"]["shapes"] = [_limit(level)]
        marks.append(_annotation(x[0], amount, name, color="token:danger", xanchor="left"))
    return figure


def bars_by_name(names: Sequence[str], amounts: Amounts, *, prefix: str = "$", label: str = "Spend") -> Figure:
    """A lying bar for each name, the largest on top when given in descending order."""
    figure: Figure = {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "x": numbers(amounts),
                "y": list(names),
                "name": label,
                "marker": {"color": "token:accent"},
                "texttemplate": f"{prefix}%{{x:,.0f}}",
                "textposition": "auto",
                "hovertemplate": f"{prefix}%{{x:,.2f}}<extra></extra>",
            }
        ],
        "layout": layout(hovermode="closest", bargap=0.35),
    }
    figure["layout"]["xaxis"] |= {"visible": False}
    figure["layout"]["yaxis"] |= {"autorange": "reversed", "gridcolor": "rgba(0,0,0,0)", "nticks": len(names)}
    return figure


def numbers(amounts: Amounts) -> list[float | None]:
    """Amounts for drawing only: JSON has no Decimal, and a pixel has no cents. None is a gap."""
    return [None if amount is None else float(amount) for amount in amounts]


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
        "name": name,
        "line": {"color": colour, "width": 2},
        "hovertemplate": f"{name} {prefix}%{{y:,.2f}}<extra></extra>",
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
    x: str, y: Decimal | int | None, words: str, *, color: str = "token:ink", xanchor: str = "auto"
) -> dict[str, Any]:
    return {
        "x": x,
        "y": numbers([y])[0],
        "text": words,
        "showarrow": False,
        "yanchor": "bottom",
        "xanchor": xanchor,
        "yshift": 2,
        "font": {"color": color, "size": 12},
    }
