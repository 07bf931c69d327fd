"""Explain what stands behind 4G at a cluster beside a carrier's own samples: who was heard instead, what was expected."""

import pandas as pd

from lomsong.report.text import Language, is_missing, number
from lomsong.report.text.explain import say
from lomsong.result import Result
from lomsong.tables import JUDGED_TECHNOLOGY


def of_row(row: pd.Series, result: Result, language: Language) -> list[str]:
    """Return lines on silence and on the expected level behind a row of the assessment, of one cluster and carrier."""
    lines = []
    for _, ground in _of(result.grounds, row).iterrows():
        if not is_missing(ground["silence"]):
            lines.append(_silence(ground, result, language))
        if not is_missing(ground["expected_dbm"]):
            lines.append(
                say(
                    "expected",
                    language,
                    level=number(ground["expected_dbm"], language),
                    sigma=number(ground["expected_sigma_db"], language),
                    p=number(ground["p_expected"], language, digits=2),
                )
            )
    predicted = _of(result.predicted, row)
    for _, way in predicted[predicted["technology"] == JUDGED_TECHNOLOGY].iterrows():
        if not is_missing(way["level_dbm"]):
            lines.append(
                say(
                    "predicted",
                    language,
                    level=number(way["level_dbm"], language),
                    sigma=number(way["sigma_db"], language),
                    site=way["site_id"],
                    km=number(way["distance_m"] / 1000, language, digits=1),
                )
            )
        if not is_missing(way["corrected_dbm"]):
            lines.append(
                say(
                    f"corrected_by_{way['corrected_by']}",
                    language,
                    level=number(way["corrected_dbm"], language),
                    sigma=number(way["corrected_sigma_db"], language),
                )
            )
    return lines


def _silence(ground: pd.Series, result: Result, language: Language) -> str:
    if is_missing(ground["silence_ratio"]):
        least = number(result.settings.privacy.minimum_devices, language)
        return say(f"{ground['silence']}_withheld", language, k=least)
    return say(
        ground["silence"],
        language,
        devices=number(ground["n_devices"], language),
        days=number(ground["n_days"], language),
        ratio=number(ground["silence_ratio"], language, digits=3),
    )


def _of(table: pd.DataFrame, row: pd.Series) -> pd.DataFrame:
    here = (table["cluster_id"] == row["cluster_id"]) & (table["carrier"] == row["carrier"])
    found: pd.DataFrame = table[here]
    return found
