"""Draw who is served before and after the plan, and what each site and each dong adds, as PNG and SVG."""

from pathlib import Path
from typing import Final

import matplotlib as mpl
import matplotlib.style
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from lomsong.report import text
from lomsong.report.charts.drawing import drawable, style, title
from lomsong.report.charts.figures import BAR_CLASSES, PLANNED_CLASS, gains, people_by_class
from lomsong.report.lists.columns import carrier_label
from lomsong.report.palette import CLASS_COLOURS, DARK_CLASSES, INK, PLANNED
from lomsong.report.text import Language
from lomsong.report.text.lists import LABEL
from lomsong.result import Result

DPI: Final = 150
WIDTH_IN: Final = 9.0
_COLOURS: Final = {**CLASS_COLOURS, PLANNED_CLASS: PLANNED}
_HATCHES: Final = {PLANNED_CLASS: "//", "unknown": "..."}
_WHITE_ON: Final = DARK_CLASSES | {PLANNED_CLASS}
LEAST_LABELLED: Final = 0.06
"""A part of a bar narrower than this share of the axis carries no figure."""
VND_PER_BN: Final = 1e9


def write(result: Result, folder: Path, *, language: Language | None = None) -> list[Path]:
    """Write `chart_people_by_class` and `chart_people_gained`, each as PNG and SVG.

    Two writes of the same result are byte-identical. The language is the project's where none is given.
    """
    spoken = language or result.settings.project.language
    written = []
    with style():
        for name, figure in (
            ("chart_people_by_class", _people_by_class(result, spoken)),
            ("chart_people_gained", _people_gained(result, spoken)),
        ):
            FigureCanvasAgg(figure)
            for suffix, metadata in ((".png", {"Software": None}), (".svg", {"Date": None})):
                file = folder / f"{name}{suffix}"
                figure.savefig(file, dpi=DPI, metadata=metadata)
                written.append(file)
    return written


def _people_by_class(result: Result, language: Language) -> Figure:
    """Draw two bars per carrier: as it is, and with the plan."""
    figures = people_by_class(result)
    carriers = list(figures["carrier"].unique())
    figure = Figure(figsize=(WIDTH_IN, 2.2 + 0.95 * len(carriers)), layout="constrained")
    axes = figure.add_subplot()
    table = figures.set_index(["carrier", "class"])
    widest = max(table.groupby("carrier")["before"].sum().max(), 1.0)
    positions, labels = [], []
    for number, carrier in enumerate(carriers):
        for step, when in enumerate(("before", "after")):
            y = number * 2.5 + step
            _stack(axes, table.loc[carrier][when], y, widest=widest, language=language)
            positions.append(y)
            label = LABEL[when].in_language(language)
            whose = drawable(carrier_label(str(carrier), language))
            labels.append(f"{whose}\n{label}" if when == "before" else label)
    axes.set_yticks(positions, labels)
    axes.invert_yaxis()
    axes.set_xlim(0, widest)
    axes.set_xlabel(LABEL["people"].in_language(language))
    title(figure, result, LABEL["classes_title"].in_language(language), language)
    handles = [
        mpl.patches.Patch(
            facecolor=_COLOURS[name], edgecolor=INK, linewidth=0.6, hatch=_HATCHES.get(name)
        )
        for name in BAR_CLASSES
    ]
    names = [text.value("class", name, language) for name in BAR_CLASSES]
    figure.legend(handles, names, loc="outside lower center", ncols=3, frameon=False)
    _plain_axes(axes, language)
    return figure


def _stack(axes: Axes, people: pd.Series, y: float, *, widest: float, language: Language) -> None:
    """Draw one bar of parts, each wide enough one with its figure."""
    left = 0.0
    for name in BAR_CLASSES:
        width = float(people[name])
        axes.barh(
            y,
            width,
            left=left,
            height=0.86,
            color=_COLOURS[name],
            edgecolor=INK,
            linewidth=0.6,
            hatch=_HATCHES.get(name),
        )
        if width >= LEAST_LABELLED * widest:
            axes.text(
                left + width / 2,
                y,
                text.number(width, language),
                ha="center",
                va="center",
                fontsize=9,
                color="white" if name in _WHITE_ON else INK,
                bbox={
                    "facecolor": _COLOURS[name],
                    "edgecolor": "none",
                    "boxstyle": "square,pad=0.15",
                },
            )
        left += width


def _people_gained(result: Result, language: Language) -> Figure:
    """Draw people newly served against the number of sites, and against their cost."""
    steps = gains(result)
    figure = Figure(figsize=(WIDTH_IN, 4.2), layout="constrained")
    title(figure, result, LABEL["gain_title"].in_language(language), language)
    if len(steps) == 1:
        said = LABEL["no_plan"].in_language(language)
        figure.text(0.5, 0.45, said, ha="center", va="center", fontsize=13)
        return figure
    by_sites, by_cost = figure.subplots(1, 2, sharey=True)
    for axes, x, label in (
        (by_sites, steps["n_sites"], LABEL["n_sites"]),
        (by_cost, steps["cost_vnd"] / VND_PER_BN, LABEL["cost_bn"]),
    ):
        axes.plot(x, steps["people_gained"], color=PLANNED, linewidth=2, marker="o", markersize=5)
        axes.set_xlabel(label.in_language(language))
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=0)
        axes.grid(color="#dddddd", linewidth=0.6)
        _plain_axes(axes, language)
    by_sites.xaxis.set_major_locator(MaxNLocator(integer=True))
    by_sites.set_ylabel(LABEL["people_gained"].in_language(language))
    by_sites.yaxis.set_major_formatter(FuncFormatter(lambda v, _: _tick(v, language)))
    return figure


def _plain_axes(axes: Axes, language: Language) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: _tick(v, language)))


def _tick(figure: float, language: Language) -> str:
    """Return a figure at an axis with no more digits than it has."""
    digits = 0 if figure == round(figure) else 1
    return text.number(figure, language, digits=digits)
