"""Draw how often what was expected of hamlets left out came true, as PNG and SVG, beside its table."""

import math
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lomsong.report import csv_table, text
from lomsong.report.charts.drawing import drawable, style, title
from lomsong.report.lists.columns import carrier_label
from lomsong.report.palette import INK
from lomsong.report.text import Language
from lomsong.report.text.lists import LABEL
from lomsong.result import Result
from lomsong.space.crs import Floats

NAME: Final = "calibration"
DPI: Final = 150
_SIDE_IN: Final = 3.0
_PER_ROW: Final = 2
_MARK: Final = 22.0
"""Area of a mark of one cluster; it grows with the root of their number, so that many do not hide the rest."""
_SURE: Final = 1.6449
"""Standard deviations of an interval that holds nine in ten."""
_COLOUR: Final = "#1f5f8b"
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
    """Draw a panel per carrier: marks with intervals beside the diagonal."""
    language = result.settings.project.language
    groups = list(result.calibration.groupby("carrier", sort=True))
    across = min(_PER_ROW, len(groups))
    down = math.ceil(len(groups) / across)
    figure = Figure(
        figsize=(max(_PER_ROW, across) * _SIDE_IN, down * _SIDE_IN + 1.5), layout="constrained"
    )
    panels = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False).ravel()
    for axes, (carrier, rows) in zip(panels, groups, strict=False):
        n = text.number(float(rows["clusters"].sum()), language)
        clusters = LABEL["n_clusters"].in_language(language).format(n=n)
        axes.set_title(f"{drawable(carrier_label(str(carrier), language))} ({clusters})", size=10)
        _panel(axes, rows, language)
    for axes in panels[len(groups) :]:
        axes.remove()
    # The last row of panels may be short: whoever has nobody below tells the figures.
    for axes in panels[max(0, len(groups) - across) : len(groups)]:
        axes.tick_params(labelbottom=True)
    bias = LABEL["calibration_bias"].in_language(language)
    expected = LABEL["expected_served"].in_language(language)
    figure.supxlabel(f"{expected}\n\n{bias}", fontsize=_SMALL)
    figure.supylabel(LABEL["found_served"].in_language(language), fontsize=_SMALL)
    title(figure, result, LABEL["calibration_title"].in_language(language), language)
    return figure


def _panel(axes: Axes, rows: pd.DataFrame, language: Language) -> None:
    """Draw one carrier's marks, each the larger the more clusters it stands for."""
    n = rows["clusters"].to_numpy(float)
    expected, found = rows["expected"].to_numpy(float), rows["served"].to_numpy(float)
    low, high = interval(found, n)
    axes.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle="--")
    axes.vlines(expected, low, high, color=_COLOUR, linewidth=1.2, alpha=0.55)
    axes.scatter(
        expected, found, s=_MARK * np.sqrt(n), color=_COLOUR, edgecolor="white", linewidth=0.6
    )
    axes.set_xlim(-0.06, 1.06)
    axes.set_ylim(-0.06, 1.06)
    axes.set_aspect("equal")
    ticks = np.linspace(0, 1, 6)
    said = [text.number(float(tick), language, digits=1) for tick in ticks]
    axes.set_xticks(ticks, said)
    axes.set_yticks(ticks, said)
    axes.grid(color="#e4e4e4", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def interval(share: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Return between which shares the true one lies nine times in ten, by Wilson's score."""
    spare = _SURE**2 / n
    middle = (share + spare / 2) / (1 + spare)
    half = _SURE * np.sqrt(share * (1 - share) / n + spare / (4 * n)) / (1 + spare)
    return middle - half, middle + half
