"""Draw how often what was expected of hamlets left out came true, as PNG and SVG, beside its table."""

from pathlib import Path
from typing import Final

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

from lomsong.report import csv_table
from lomsong.report.charts.drawing import drawable, style
from lomsong.report.lists.columns import carrier_label
from lomsong.report.palette import INK
from lomsong.report.text.lists import LABEL
from lomsong.result import Result

NAME: Final = "calibration"
DPI: Final = 150
SIDE_IN: Final = 6.0
_LEGEND_SIZE: Final = 40.0
_SMALL: Final = 8


def write(result: Result, folder: Path) -> None:
    """Write `calibration.csv` and the chart of the same name, where anything was foretold."""
    if not len(result.calibration):
        return
    csv_table.write(result.calibration, folder / f"{NAME}.csv")
    with style():
        figure = _drawn(result)
        FigureCanvasAgg(figure)
        for suffix, metadata in ((".png", {"Software": None}), (".svg", {"Date": None})):
            figure.savefig(folder / f"{NAME}{suffix}", dpi=DPI, metadata=metadata)


def _drawn(result: Result) -> Figure:
    language = result.settings.project.language
    figure = Figure(figsize=(SIDE_IN, SIDE_IN), layout="constrained")
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle="--")
    for carrier, rows in result.calibration.groupby("carrier", sort=True):
        axes.plot(rows["expected"], rows["served"], linewidth=1, alpha=0.6)
        label = f"{drawable(carrier_label(str(carrier), language))} ({rows['clusters'].sum()})"
        axes.scatter(rows["expected"], rows["served"], s=6 * rows["clusters"], label=label)
    axes.set_xlim(-0.04, 1.04)
    axes.set_ylim(-0.04, 1.04)
    axes.set_xlabel(LABEL["expected_served"].in_language(language))
    axes.set_ylabel(LABEL["found_served"].in_language(language))
    figure.supxlabel(LABEL["calibration_bias"].in_language(language), fontsize=_SMALL)
    axes.spines[["top", "right"]].set_visible(False)
    for mark in axes.legend(frameon=False, loc="upper left").legend_handles:
        if isinstance(mark, PathCollection):
            mark.set_sizes([_LEGEND_SIZE])  # else as large as the first of its points
    title = LABEL["calibration_title"].in_language(language)
    figure.suptitle(f"{title}\n{drawable(result.settings.project.name)}", fontsize=11)
    return figure
