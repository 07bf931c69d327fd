"""Read the form that a survey team filled in: one row per spot and carrier, a level or a cross for no service."""

import unicodedata
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from lomsong.ingest.reading.fields import Fields
from lomsong.ingest.samples.formats import base
from lomsong.ingest.samples.formats.base import CsvFormat, Observations, Options
from lomsong.ingest.samples.levels import technology_of
from lomsong.ingest.samples.reasons import Reason


@dataclass(frozen=True)
class Heading:
    """What a column of the form is called in each language."""

    vi: str
    en: str

    @property
    def ways(self) -> tuple[str, ...]:
        """All ways to meet it: spreadsheets of some machines take letters and their accents apart."""
        return tuple(
            dict.fromkeys(
                unicodedata.normalize(form, name)
                for name in (self.vi, self.en)
                for form in ("NFC", "NFD")
            )
        )


HEADINGS: Final = MappingProxyType(
    {
        "spot": Heading("Mã điểm đo", "Survey spot"),
        "team": Heading("Tổ đo", "Team"),
        "day": Heading("Ngày thứ", "Day"),
        "stop": Heading("Chặng", "Stop"),
        "commune": Heading("Xã/phường", "Commune"),
        "hamlet": Heading("Thôn/bản", "Hamlet"),
        "lat": Heading("Vĩ độ WGS 84", "Latitude WGS 84"),
        "lon": Heading("Kinh độ WGS 84", "Longitude WGS 84"),
        "plmn": Heading("Nhà mạng", "Carrier"),
        "technology": Heading("Công nghệ (2G, 3G, 4G, 5G)", "Technology (2G, 3G, 4G, 5G)"),
        "level_dbm": Heading("Mức sóng, 4G là RSRP [dBm]", "Level, RSRP of 4G [dBm]"),
        "no_service": Heading("Mất sóng hoàn toàn (ghi x)", "No service at all (write x)"),
        "time": Heading("Giờ đo (năm-tháng-ngày giờ:phút)", "Time (year-month-day hour:minute)"),
        "device": Heading("Máy đo", "Device"),
        "note": Heading("Ghi chú của tổ đo", "Team's note"),
    }
)
"""The columns of the form in order; what writes the form and what reads it share them."""
_YES: Final = frozenset({"x", "v", "1", "có", "co", "yes", "y", "true", "mất", "mat", "1.0"})
_NO: Final = frozenset({"0", "không", "khong", "no", "n", "false", "0.0"})


def _observe(fields: Fields, options: Options) -> Observations:
    crossed = _crosses(fields)
    level = fields.number("level_dbm")
    technology = fields.word("technology", technology_of)
    told = fields.text("level_dbm").is_valid().to_numpy(zero_copy_only=False)
    _refuse_contradictions(fields, crossed=crossed, told=told, technology=technology)
    return Observations(
        time=fields.time("time", timezone=options.timezone),
        lon=fields.number("lon"),
        lat=fields.number("lat"),
        accuracy_m=np.full(len(fields), np.nan),
        technology=technology,
        level_dbm=level,
        plmn=_carrier(fields, filled=told | crossed),
        cell=base.cell_of(fields, "spot"),
        serving=base.nobody(fields),
        device=base.devices(fields),
        no_service=crossed,
        refused={Reason.NOT_FILLED_IN: ~told & ~crossed},
    )


def _refuse_contradictions(
    fields: Fields, *, crossed: np.ndarray, told: np.ndarray, technology: pd.Categorical
) -> None:
    """Tell rows that say two things at once, or half of one: each is a place somebody went to for nothing."""
    levels, words = fields.text("level_dbm"), fields.text("technology")
    said = words.is_valid().to_numpy(zero_copy_only=False)
    unnamed = pd.isna(technology)
    for field, bad, text, problem in (
        ("level_dbm", crossed & told, levels, "stands beside a cross for no service"),
        ("technology", said & unnamed, words, "is none of 2G, 3G, 4G, 5G"),
        ("technology", told & ~said, words, "is missing beside a level"),
        ("level_dbm", said & ~unnamed & ~told & ~crossed, levels, "is missing beside a technology"),
    ):
        if bad.any():
            fields.refuse(field, bad, text, problem=problem)


def _crosses(fields: Fields) -> np.ndarray:
    """Return where no service is crossed; empty is not, and a word that may be meant either way is a fault."""
    text = fields.text("no_service")
    meant = fields.word("no_service", _meant)
    written = text.is_valid().to_numpy(zero_copy_only=False)
    without_level = fields.text("level_dbm").is_null().to_numpy(zero_copy_only=False)
    bad = written & (pd.isna(meant) | ((meant == False) & without_level))  # noqa: E712 -- None is not False
    if bad.any():
        problem = "is no clear answer: x where there is no service, else empty and a level"
        fields.refuse("no_service", bad, text, problem=problem)
    return meant == True  # noqa: E712 -- missing is not True


def _meant(word: str) -> bool | None:
    folded = unicodedata.normalize("NFC", word).casefold()
    return True if folded in _YES else False if folded in _NO else None


def _carrier(fields: Fields, *, filled: np.ndarray) -> pd.Categorical:
    plmn = base.plmn_of(fields)
    bad = pd.isna(plmn) & filled
    if bad.any():
        problem = "is neither a carrier nor a PLMN, as 452-04"
        fields.refuse("plmn", bad, fields.text("plmn"), problem=problem)
    return plmn


FORM = CsvFormat(
    name="survey_form",
    title="form of a survey plan (`lomsong survey`)",
    aliases={name: heading.ways for name, heading in HEADINGS.items()},
    required=("spot", "lat", "lon", "plmn", "technology", "level_dbm", "no_service"),
    observe=_observe,
)
