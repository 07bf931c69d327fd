"""Tell carriers from PLMN codes, fold virtual operators into their hosts, read LTE bands and sunsets."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from lomsong.vietnam.standards import Source

MCC_VIETNAM = "452"


@dataclass(frozen=True, kw_only=True)
class Carrier:
    """A network with radio of its own."""

    name: str
    """The value of the column `carrier`."""
    plmn: str
    label: str
    """What people call it, in any language."""


CARRIERS: Mapping[str, Carrier] = MappingProxyType(
    {
        carrier.name: carrier
        for carrier in (
            Carrier(name="viettel", plmn="452-04", label="Viettel"),
            Carrier(name="vnpt", plmn="452-02", label="VinaPhone (VNPT)"),
            Carrier(name="mobifone", plmn="452-01", label="MobiFone"),
            Carrier(name="vietnamobile", plmn="452-05", label="Vietnamobile"),
            Carrier(name="gmobile", plmn="452-07", label="Gmobile"),
        )
    }
)
_NAME_OF_PLMN = MappingProxyType({carrier.plmn: carrier.name for carrier in CARRIERS.values()})


@dataclass(frozen=True, kw_only=True)
class VirtualOperator:
    """An operator that has a PLMN of its own but rides on the radio of a host."""

    name: str
    host_plmn: str
    source: Source


VIRTUAL_OPERATORS: Mapping[str, VirtualOperator] = MappingProxyType(
    {
        "452-08": VirtualOperator(
            name="iTel",
            host_plmn="452-02",
            source=Source(
                title="host VinaPhone, from memory",
                verified=False,
                note="one public table says Vietnamobile; override if you know better",
            ),
        ),
        "452-09": VirtualOperator(
            name="Wintel",
            host_plmn="452-02",
            source=Source(title="mcc-mnc-list 1.1.11: uses Vinaphone", verified=True),
        ),
    }
)

WITHDRAWN: Mapping[str, str] = MappingProxyType(
    {
        "452-03": "S-Fone (CDMA 800) was withdrawn: its code in a file of today is an error or very old",
        "452-06": "EVNTelecom was withdrawn: its code in a file of today is an error or very old",
    }
)

# ITU-T E.212 lets each country choose; these write three digits throughout, so that a
# code which arrived as a number gets its zeros back. Countries that mix both lengths
# (India 405, Malaysia 502, Panama 714 ...) keep what the file wrote.
_THREE_DIGIT_MCC = frozenset(
    {"302", "310", "311", "312", "313", "314", "315", "316", "334", "338", "342", "344", "346"}
    | {"348", "352", "354", "356", "358", "360", "365", "366", "376", "708", "722", "732", "750"}
)
_TWO_DIGIT_MCC = frozenset({MCC_VIETNAM})
_PLMN_TEXT = re.compile(r"(\d{3})[\s\-_/.,:;]*(\d{1,3})(?:\.0+)?")
_WHOLE_NUMBER = re.compile(r"(\d+)(?:\.0+)?")
_TEST_NETWORKS = frozenset({"001"})


def plmn(code: object, *, mnc: object = None) -> str | None:
    """Write a PLMN in the one form used here, `MCC-MNC`.

    Parameters
    ----------
    code
        The whole PLMN as number or text (`45204`, "452-04", "452 4", "45204.0"), or the MCC alone.
    mnc
        The MNC, where `code` is the MCC alone; a number loses its zeros and gets them back here.

    Returns
    -------
    The code such as "452-04" or "310-410"; None where there is none: missing, 0, a sentinel, or no code at all.
    """
    if _is_missing(code):
        return None
    text = str(code).strip()
    if mnc is None:
        found = _PLMN_TEXT.fullmatch(text)
        return _joined(found[1], found[2]) if found else None
    if _is_missing(mnc):
        return None
    country = _WHOLE_NUMBER.fullmatch(text)
    network = _WHOLE_NUMBER.fullmatch(str(mnc).strip())
    return _joined(country[1], network[1]) if country and network else None


def plmns(codes: pd.Series, *, mnc: pd.Series | None = None) -> pd.Series:
    """Write a whole column of PLMN codes as `plmn` does; the caller's index is kept."""
    if mnc is None:
        written = {code: plmn(code) for code in codes.dropna().unique()}
        return _as_text([written.get(code) for code in codes], codes.index)
    pairs = list(zip(codes, mnc, strict=True))
    written_pairs = {
        pair: plmn(pair[0], mnc=pair[1]) for pair in set(pairs) if not any(map(_is_missing, pair))
    }
    return _as_text([written_pairs.get(pair) for pair in pairs], codes.index)


def carrier_of(
    code: object,
    *,
    virtual_operators: Mapping[str, VirtualOperator] = VIRTUAL_OPERATORS,
) -> str | None:
    """Return the name of the carrier whose radio a PLMN uses.

    Virtual operators give their host. Outside Vietnam, and for a code of Vietnam that no table knows, the
    PLMN is its own name. None for a withdrawn code (`refusal` says why) and for what is no PLMN.
    """
    own = plmn(code)
    if own is None or own in WITHDRAWN:
        return None
    host = virtual_operators[own].host_plmn if own in virtual_operators else own
    return _NAME_OF_PLMN.get(host, host)


def carriers_of(
    codes: pd.Series,
    *,
    virtual_operators: Mapping[str, VirtualOperator] = VIRTUAL_OPERATORS,
) -> pd.Series:
    """Return the carrier of each PLMN of a column, missing where `carrier_of` gives None."""
    names = {
        code: carrier_of(code, virtual_operators=virtual_operators)
        for code in codes.dropna().unique()
    }
    return _as_text([names.get(code) for code in codes], codes.index)


def refusal(code: object) -> str | None:
    """Say why a PLMN has no carrier; None where it has one."""
    own = plmn(code)
    if own is None:
        return "not a PLMN: three digits of country and two or three of network are needed"
    return WITHDRAWN.get(own)


def _joined(mcc: str, mnc: str) -> str | None:
    if not (mcc in _TEST_NETWORKS or (len(mcc) == 3 and mcc[0] in "2345679")):  # noqa: PLR2004 -- E.212
        return None
    if mcc in _THREE_DIGIT_MCC:
        width = 3
    elif mcc in _TWO_DIGIT_MCC:
        mnc, width = str(int(mnc)), 2
    else:
        width = 2
    padded = mnc.zfill(width)
    return f"{mcc}-{padded}" if len(padded) <= 3 else None  # noqa: PLR2004 -- E.212


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value))


def _as_text(values: list[str | None], index: pd.Index) -> pd.Series:
    return pd.Series(values, index=index, dtype="str")


@dataclass(frozen=True)
class Band:
    """An LTE operating band by its downlink."""

    number: int
    downlink_low_mhz: float
    first_earfcn: int
    last_earfcn: int


# 3GPP TS 36.101, table 5.7.3-1: band, lowest downlink [MHz], first and last downlink EARFCN.
BANDS = tuple(
    Band(*row)
    for row in (
        (1, 2110, 0, 599),
        (2, 1930, 600, 1199),
        (3, 1805, 1200, 1949),
        (4, 2110, 1950, 2399),
        (5, 869, 2400, 2649),
        (6, 875, 2650, 2749),
        (7, 2620, 2750, 3449),
        (8, 925, 3450, 3799),
        (9, 1844.9, 3800, 4149),
        (10, 2110, 4150, 4749),
        (11, 1475.9, 4750, 4949),
        (12, 729, 5010, 5179),
        (13, 746, 5180, 5279),
        (14, 758, 5280, 5379),
        (17, 734, 5730, 5849),
        (18, 860, 5850, 5999),
        (19, 875, 6000, 6149),
        (20, 791, 6150, 6449),
        (21, 1495.9, 6450, 6599),
        (22, 3510, 6600, 7399),
        (23, 2180, 7500, 7699),
        (24, 1525, 7700, 8039),
        (25, 1930, 8040, 8689),
        (26, 859, 8690, 9039),
        (27, 852, 9040, 9209),
        (28, 758, 9210, 9659),
        (29, 717, 9660, 9769),
        (30, 2350, 9770, 9869),
        (31, 462.5, 9870, 9919),
        (32, 1452, 9920, 10359),
        (33, 1900, 36000, 36199),
        (34, 2010, 36200, 36349),
        (35, 1850, 36350, 36949),
        (36, 1930, 36950, 37549),
        (37, 1910, 37550, 37749),
        (38, 2570, 37750, 38249),
        (39, 1880, 38250, 38649),
        (40, 2300, 38650, 39649),
        (41, 2496, 39650, 41589),
        (42, 3400, 41590, 43589),
        (43, 3600, 43590, 45589),
        (44, 703, 45590, 46589),
        (45, 1447, 46590, 46789),
        (46, 5150, 46790, 54539),
        (47, 5855, 54540, 55239),
        (48, 3550, 55240, 56739),
        (49, 3550, 56740, 58239),
        (50, 1432, 58240, 59089),
        (51, 1427, 59090, 59139),
        (52, 3300, 59140, 60139),
        (53, 2483.5, 60140, 60254),
        (65, 2110, 65536, 66435),
        (66, 2110, 66436, 67335),
        (67, 738, 67336, 67535),
        (68, 753, 67536, 67835),
        (69, 2570, 67836, 68335),
        (70, 1995, 68336, 68585),
        (71, 617, 68586, 68935),
        (72, 461, 68936, 68985),
        (73, 460, 68986, 69035),
        (74, 1475, 69036, 69465),
        (75, 1432, 69466, 70315),
        (76, 1427, 70316, 70365),
        (85, 728, 70366, 70545),
        (87, 420, 70546, 70595),
        (88, 422, 70596, 70645),
    )
)
_FIRST_EARFCNS = np.array([band.first_earfcn for band in BANDS])
EARFCN_STEP_MHZ = 0.1


def band_of_earfcn(earfcn: float) -> int | None:
    """Return the LTE band of a downlink EARFCN by 3GPP TS 36.101; None outside the table."""
    band = _band(earfcn)
    return band.number if band else None


def downlink_mhz(earfcn: float) -> float | None:
    """Return the downlink carrier frequency [MHz] of an EARFCN by 3GPP TS 36.101, 5.7.3."""
    band = _band(earfcn)
    if band is None:
        return None
    return round(band.downlink_low_mhz + EARFCN_STEP_MHZ * (earfcn - band.first_earfcn), 1)


def _band(earfcn: float) -> Band | None:
    if _is_missing(earfcn) or earfcn != int(earfcn) or earfcn < 0:
        return None
    band = BANDS[int(np.searchsorted(_FIRST_EARFCNS, earfcn, side="right")) - 1]
    return band if earfcn <= band.last_earfcn else None


@dataclass(frozen=True, kw_only=True)
class Sunset:
    """The end of a technology in Vietnam."""

    technology: str
    last_day: dt.date
    exceptions: str
    source: Source


SUNSETS = (
    Sunset(
        technology="2G",
        last_day=dt.date(2026, 9, 15),
        exceptions="Trường Sa, Hoàng Sa, nhà giàn DK",
        source=Source(
            title="Thông tư 03/2024 và 04/2024/TT-BTTTT",
            verified=False,
            note="vietnamnet 2332070, baomoi.net.vn c49554775; that it happened is not confirmed",
        ),
    ),
    Sunset(
        technology="3G",
        last_day=dt.date(2028, 9, 30),
        exceptions="",
        source=Source(
            title="planned for September 2028",
            verified=False,
            note="datacenterdynamics.com; the day is an assumption, the end of that month",
        ),
    ),
)


def on_air(technology: str, *, day: dt.date, sunsets: tuple[Sunset, ...] = SUNSETS) -> bool:
    """Say whether a technology still counts as service on a day; its last day counts."""
    return all(day <= end.last_day for end in sunsets if end.technology == technology)
