"""Reckon what candidates need not be known for: radio of all carriers of a district, and years of operation."""

import pandas as pd

from lomsong.config import CostSection
from lomsong.siting.operators import SHARED
from lomsong.tables import ANY_CARRIER


def radio_vnd(assessment: pd.DataFrame, cost: CostSection, *, carrier: str, roaming: bool) -> float:
    """Return what the radio of a new site costs [VND]: more where all carriers of the district send from it."""
    further = len(set(assessment["carrier"]) - {ANY_CARRIER}) - 1
    if carrier != SHARED or roaming or further < 0:
        return cost.radio_vnd
    return cost.radio_vnd * (1 + cost.further_carrier_share * further)


def years_now(years: int, rate: float) -> float:
    """Return what one VND at the end of each of some years is worth now."""
    return float(sum((1 + rate) ** -year for year in range(1, years + 1)))
