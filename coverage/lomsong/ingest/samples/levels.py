"""Tell technologies and levels: which word means which, what a level can be, how ASU becomes dBm."""

from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from lomsong.ingest.reading.fields import key
from lomsong.ingest.reading.words import looked_up

CDMA: Final = "CDMA"
"""Networks outside the 3GPP family; no carrier of Vietnam has one on air."""

_WORDS: Final = {
    "2G": ("2G", "GSM", "GPRS", "EDGE", "RXLEV"),
    "3G": (
        *("3G", "UMTS", "WCDMA", "HSPA", "HSPAP", "HSDPA", "HSUPA", "HSPAPLUS", "HSPADC", "DCHSPA"),
        *("TDSCDMA",),
    ),
    "4G": (
        "4G",
        "LTE",
        "LTEA",
        "LTECA",
        "LTEPLUS",
        "LTEADVANCED",
        "LTEAPRO",
        "4GLTE",
        "LTE4G",
        "LTETDD",
        "LTEFDD",
    ),
    "5G": ("5G", "NR", "5GNR", "NRNSA", "NRSA", "5GNSA", "5GSA", "LTENR", "ENDC", "NR5G"),
    CDMA: ("CDMA", "1XRTT", "CDMA1X", "EVDO", "EVDO0", "EVDOA", "EVDOB", "EHRPD", "IS95A", "IS95B"),
}
TECHNOLOGY_WORDS: Final = MappingProxyType(
    {key(word): technology for technology, words in _WORDS.items() for word in words}
)

RANGES_DBM: Final = MappingProxyType(
    {
        # TS 45.008 8.1.4 reports RXLEV from -110 to -48 dBm, Android from -113.
        "2G": (-120.0, -40.0),
        # TS 25.133 9.1.1.3 reports RSCP from -120 to -25 dBm; -24 is the top code of TS 27.007 8.5,
        # which phones write when they know nothing.
        "3G": (-125.0, -25.0),
        # TS 36.133 9.1.4 reports RSRP from -140 to -44 dBm; logs of real phones reach -141.
        "4G": (-145.0, -40.0),
        # TS 38.133 10.1.6 reports SS-RSRP from -156 to -31 dBm.
        "5G": (-156.0, -31.0),
    }
)
"""What a level can be [dBm]: the ranges of 3GPP, a little wider where real phones go beyond them."""
_LOWEST_DBM: Final = MappingProxyType({name: low for name, (low, _) in RANGES_DBM.items()})
_HIGHEST_DBM: Final = MappingProxyType({name: high for name, (_, high) in RANGES_DBM.items()})

_ASU: Final = MappingProxyType(
    {
        # TS 27.007 8.69 and Android's `getAsuLevel`: dBm = scale * ASU + offset, up to the highest ASU.
        "2G": (2.0, -113.0, 31),
        "3G": (1.0, -120.0, 96),
        "4G": (1.0, -140.0, 97),
        "5G": (1.0, -140.0, 97),
    }
)


def technology_of(word: str) -> str | None:
    """Return 2G, 3G, 4G, 5G or CDMA; None for a word nobody knows. LTE+ is 4G, HSPA+ is 3G."""
    return TECHNOLOGY_WORDS.get(key(word))


def dbm_of_asu(asu: np.ndarray, technology: pd.Categorical) -> np.ndarray:
    """Return the level [dBm] of an arbitrary strength unit, NaN where it is not one (99, 255 ...).

    Of 3G phones before Android 9 the ASU counted RSSI in steps of 2 dB; nothing in a file tells, so 3G levels
    from ASU may be off. They never mix with RSRP.
    """
    dbm = np.full(len(asu), np.nan)
    for name, (scale, offset, highest) in _ASU.items():
        of_it = (technology == name) & (asu >= 0) & (asu <= highest)
        dbm[of_it] = scale * asu[of_it] + offset
    return dbm


def in_range(level_dbm: np.ndarray, technology: pd.Categorical) -> np.ndarray:
    """Tell the levels that a receiver of their technology can report."""
    lowest = looked_up(technology, _LOWEST_DBM, otherwise=np.inf)
    highest = looked_up(technology, _HIGHEST_DBM, otherwise=-np.inf)
    possible: np.ndarray = (level_dbm >= lowest) & (level_dbm <= highest)
    return possible
