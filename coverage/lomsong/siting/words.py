"""Say in words how good a plan is."""

from collections.abc import Mapping
from typing import Final

import pandas as pd

from lomsong.siting.operators import SHARED
from lomsong.siting.problem import Choice, Limits

ROUGH: Final = 0.001
"""Gaps from here are told to a tenth of a percent, smaller ones more finely."""


def told(choice: Choice, limits: Limits, *, waiting: float) -> dict[str, object]:
    """Return the entry of the manifest: what is reached, what could be at most, and both in words."""
    by_cost = limits.target_share is not None and not choice.target_missed
    return {
        "goal": "least cost for the target" if by_cost else "most people within the limits",
        "sites": len(choice.chosen),
        "value": choice.value,
        "value_waiting": waiting,
        "cost_vnd": choice.cost_vnd,
        "bound": choice.bound,
        "optimality_gap": choice.gap,
        "method": choice.method,
        "target_missed": choice.target_missed,
        "words": {
            language: in_words(choice, by_cost=by_cost, language=language)
            for language in ("vi", "en")
        },
    }


def in_words(choice: Choice, *, by_cost: bool, language: str) -> str:
    """Return one sentence on the gap."""
    percent = f"{100 * choice.gap:.{1 if choice.gap >= ROUGH else 4}f}"
    if language == "vi":
        percent = percent.replace(".", ",")
        if not choice.gap:
            said = "Đã chứng minh: không có phương án nào tốt hơn."
        elif by_cost:
            said = f"Nhiều nhất chỉ có thể rẻ hơn {percent} %."
        else:
            said = f"Nhiều nhất chỉ có thể tốt hơn {percent} %."
        missed = (
            " Không đạt được mục tiêu trong giới hạn đã cho; đây là phương án phục vụ nhiều nhất."
        )
    else:
        if not choice.gap:
            said = "Proven: no plan is better."
        elif by_cost:
            said = f"At most {percent} % cheaper is possible."
        else:
            said = f"At most {percent} % better is possible."
        missed = " The target cannot be reached within the limits; this plan serves the most."
    return said + (missed if choice.target_missed else "")


HEADINGS: Final = {
    "vi": (
        "STT",
        "Vị trí",
        "Nhà mạng",
        "Cột (m)",
        "Thêm thôn",
        "Thêm người",
        "Kỳ vọng",
        "Cộng dồn",
        "Tỷ đồng",
        "Cộng dồn",
        "Ổn định",
    ),
    "en": (
        "No.",
        "Site",
        "Carrier",
        "Mast (m)",
        "Hamlets",
        "People",
        "Expected",
        "So far",
        "VND bn",
        "So far",
        "Stable",
    ),
}
NOBODY: Final = {
    "vi": "Không có trạm nào được chọn.",
    "en": "No site is chosen.",
}
FRAIL: Final = {
    "vi": "Chỉ được chọn trong nhiều nhất một trong {draws} kịch bản khác: {sites}.",
    "en": "Chosen in one of {draws} other worlds at most: {sites}.",
}
EVERYBODY: Final = {"vi": "dùng chung", "en": "shared"}
BILLION: Final = 1e9


def plan_text(
    steps: pd.DataFrame, summary: Mapping[str, object], *, language: str, draws: int = 0
) -> str:
    """Return a plan as a table of people against cost, how good it is, and which sites hang on what is assumed.

    `draws` is the number of other worlds in which the plan was made again: how often each site, or a like place, was
    chosen there is its last figure.
    """
    words = summary.get("words")
    verdict = [str(words[language])] if isinstance(words, dict) else []
    if not len(steps):
        return "\n".join([NOBODY[language], *verdict])
    billions = steps[["cost_vnd", "cost_so_far_vnd"]] / BILLION
    counts = ("mast_m", "hamlets_gained", "people_gained", "people_expected", "expected_so_far")
    columns = [
        steps["rank"].astype(str).tolist(),
        steps["site_id"].tolist(),
        [EVERYBODY[language] if name == SHARED else name for name in steps["carrier"]],
        *([_figure(v, language) for v in steps[name].tolist()] for name in counts),
        *([_figure(v, language, digits=2) for v in billions[n].tolist()] for n in billions),
    ]
    if draws:
        columns.append([f"{100 * share:.0f} %" for share in steps["stability_alike"]])
    table: list[tuple[str, ...]] = [
        HEADINGS[language][: len(columns)],
        *zip(*columns, strict=True),
    ]
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    lines = ["  ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)) for row in table]
    return "\n".join([*lines, *verdict, *_frail(steps, draws, language)])


def _frail(steps: pd.DataFrame, draws: int, language: str) -> list[str]:
    """Return a line that names the sites which no other world chooses, or one alone."""
    worlds = (steps["stability_alike"] * draws).round()
    names = steps.loc[worlds <= 1, "site_id"].tolist() if draws else []
    return [FRAIL[language].format(sites=", ".join(names), draws=draws)] if names else []


def _figure(value: float, language: str, *, digits: int = 0) -> str:
    written = f"{value:,.{digits}f}"
    return written if language == "en" else written.translate(str.maketrans(",.", ".,"))
