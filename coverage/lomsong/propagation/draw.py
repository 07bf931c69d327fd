"""Draw the terrain profile of a path: ground on the bulging Earth, direct line, first Fresnel zone, blocking point."""

from pathlib import Path
from typing import Final, Literal

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lomsong.propagation.profiles import (
    BlockingPoint,
    Clearance,
    Profile,
    blocking_point,
    clearance,
)
from lomsong.space.crs import Floats

WORDS: Final = {
    "vi": {
        "distance": "Khoảng cách từ trạm (km)",
        "height": "Độ cao (m, đã cộng độ cong Trái Đất)",
        "ground": "Địa hình",
        "line": "Đường thẳng giữa hai anten",
        "fresnel": "Vùng Fresnel thứ nhất",
        "blocked": "Điểm chắn: {km} km, cao hơn đường thẳng {excess} m",
        "clear": "Điểm hẹp nhất: {km} km, thấp hơn đường thẳng {excess} m ({share} lần bán kính Fresnel)",
        "unknown": "Không có dữ liệu địa hình",
        "tx": "Trạm, anten {height} m",
        "rx": "Máy thu {height} m",
        "far": "Trạm bên kia, anten {height} m",
    },
    "en": {
        "distance": "Distance from the site (km)",
        "height": "Height (m, with the Earth's curvature)",
        "ground": "Terrain",
        "line": "Direct line between the antennas",
        "fresnel": "First Fresnel zone",
        "blocked": "Blocking point: {km} km, {excess} m above the line",
        "clear": "Narrowest point: {km} km, {excess} m below the line ({share} Fresnel radii)",
        "unknown": "No terrain data",
        "tx": "Site, antenna {height} m",
        "rx": "Receiver {height} m",
        "far": "Far site, antenna {height} m",
    },
}
GROUND, GROUND_EDGE, SIGHT, FRESNEL, BLOCK = "#c8b699", "#6b5636", "#1f4e8c", "#7fb0e6", "#b3261e"


def draw_profile(
    path: Profile,
    *,
    frequency_mhz: float,
    tx_height_m: float,
    rx_height_m: float,
    delta_n: float = 45,
    title: str = "",
    far_end: Literal["phone", "mast"] = "phone",
    language: Literal["vi", "en"] = "vi",
) -> Figure:
    """Return a picture of a path; the same input gives the same picture.

    Parameters
    ----------
    path
        Terrain profile from transmitter to receiver; unknown heights leave a marked gap.
    frequency_mhz
        Frequency [MHz].
    tx_height_m, rx_height_m
        Height of the antennas above ground [m].
    delta_n
        Average lapse rate of refractivity in the lowest kilometre [N-units/km].
    title
        Text above the picture, shown as it is written.
    far_end
        What stands at the end of the path.
    language
        Language of the labels.

    """
    link = {
        "frequency_mhz": frequency_mhz,
        "tx_height_m": tx_height_m,
        "rx_height_m": rx_height_m,
        "delta_n": delta_n,
    }
    found, worst = clearance(path, **link), blocking_point(path, **link)
    words = WORDS[language]
    figure = Figure(figsize=(9, 4.5), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    km = path.distance_m / 1e3
    ground = path.height_m + found.bulge_m
    _draw_ground(axes, km, ground, words)
    _draw_line(axes, km, found, words)
    for end, height, name, side in (
        (0, tx_height_m, "tx", "left"),
        (-1, rx_height_m, "rx" if far_end == "phone" else "far", "right"),
    ):
        foot = path.height_m[end]
        axes.plot([km[end]] * 2, [foot, foot + height], color="black", linewidth=2)
        _text(
            axes, km[end], foot + height, words[name].format(height=_number(height, language)), side
        )
    if worst is not None:
        line = float(np.interp(worst.distance_m, path.distance_m, found.line_m))
        _draw_blocking_point(axes, worst, line, words, language)
    axes.set_xlim(km[0], km[-1])
    axes.set_ylim(*_limits(ground, found.line_m + found.fresnel_m))
    if language == "vi":
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(lambda value, _: f"{value:g}".replace(".", ","))
    axes.set_xlabel(words["distance"], parse_math=False)
    axes.set_ylabel(words["height"], parse_math=False)
    axes.set_title(title, parse_math=False)
    axes.grid(visible=True, color="#dddddd", linewidth=0.5)
    axes.set_axisbelow(True)
    legend = axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=4, frameon=False)
    for label in legend.get_texts():
        label.set_parse_math(False)
    return figure


def save(figure: Figure, file: Path) -> None:
    """Write a picture as its file's suffix says; the same picture gives the same bytes."""
    with rc_context({"svg.hashsalt": "profile"}):
        figure.savefig(file, metadata={"Date": None} if file.suffix.lower() == ".svg" else None)


def _limits(ground: Floats, zone: Floats) -> tuple[float, float]:
    """Return the vertical limits: some earth below the lowest ground, room for words above everything."""
    every = np.concatenate([ground, zone])
    if not np.isfinite(every).any():
        return 0.0, 1.0
    low, high = float(np.nanmin(every)), float(np.nanmax(every))
    span = max(high - low, 10.0)
    return low - 0.08 * span, high + 0.28 * span


def _draw_ground(axes: Axes, km: Floats, ground: Floats, words: dict[str, str]) -> None:
    known = np.isfinite(ground)
    if known.any():
        axes.fill_between(
            km,
            float(np.nanmin(ground)) - 1e4,
            ground,
            where=known.tolist(),
            color=GROUND,
            linewidth=0,
            label=words["ground"],
        )
        axes.plot(km, ground, color=GROUND_EDGE, linewidth=1)
    if not known.all():
        axes.fill_between(
            km,
            0,
            1,
            where=(~known).tolist(),
            step="mid",
            transform=axes.get_xaxis_transform(),
            facecolor="none",
            edgecolor="#999999",
            hatch="//",
            label=words["unknown"],
        )


def _draw_line(axes: Axes, km: Floats, found: Clearance, words: dict[str, str]) -> None:
    axes.fill_between(
        km,
        found.line_m - found.fresnel_m,
        found.line_m + found.fresnel_m,
        color=FRESNEL,
        alpha=0.45,
        linewidth=0,
        label=words["fresnel"],
    )
    axes.plot(km, found.line_m, color=SIGHT, linewidth=1.2, label=words["line"])


def _draw_blocking_point(
    axes: Axes, worst: BlockingPoint, line_m: float, words: dict[str, str], language: str
) -> None:
    """Mark the point and say in the free space above the terrain what it does."""
    km, top = worst.distance_m / 1e3, line_m + worst.excess_m
    colour = BLOCK if worst.blocked else SIGHT
    axes.plot([km, km], [top, line_m], color=colour, linewidth=1.5, linestyle=":")
    axes.plot([km], [top], marker="o", color=colour, markersize=6)
    text = words["blocked" if worst.blocked else "clear"].format(
        km=_number(km, language, 2),
        excess=_number(abs(worst.excess_m), language, 1),
        share=_number(worst.fresnel_clearance, language, 2),
    )
    axes.text(
        0.5,
        0.97,
        text,
        transform=axes.transAxes,
        ha="center",
        va="top",
        color=colour,
        parse_math=False,
    )


def _text(axes: Axes, x: float, y: float, text: str, side: str) -> None:
    """Write beside the top of an antenna; nothing is written where its ground is unknown."""
    if not np.isfinite(y):
        return
    note = axes.annotate(
        text,
        (x, y),
        xytext=(5 if side == "left" else -5, 6),
        textcoords="offset points",
        ha=side,
        va="bottom",
        fontsize=9,
        bbox={"boxstyle": "round,pad=0.2", "facecolor": "white", "edgecolor": "none", "alpha": 0.8},
    )
    note.set_parse_math(False)


def _number(value: float, language: str, digits: int = 0) -> str:
    if not digits and value != round(value):
        digits = 1
    text = f"{value:.{digits}f}"
    return text.replace(".", ",") if language == "vi" else text
