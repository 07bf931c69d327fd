"""Keep the thresholds and words of rules and studies, each with its source and whether that was read."""

from dataclasses import dataclass

UNVERIFIED = "chưa đối chiếu văn bản"
"""What every output says beside a figure whose text was not at hand."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a fact comes from."""

    title: str
    verified: bool
    """True where the text itself was read; a figure from memory or from a news page is not verified."""
    note: str = ""

    @property
    def label(self) -> str:
        """The title, with the warning where the text was not read."""
        return self.title if self.verified else f"{self.title} ({UNVERIFIED})"


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """One figure that decides something, changeable in the project file."""

    name: str
    value: float
    unit: str
    source: Source


QCVN_81 = Source(
    title="QCVN 81:2019/BTTTT",
    verified=False,
    note="issued with circular 09/2019/TT-BTTTT; the level itself was not found in a text at hand",
)
ASSUMPTION = Source(title="giả định của lomsong", verified=False, note="an assumption of lomsong")

MINIMUM_RSRP = Threshold(name="minimum_rsrp_dbm", value=-121.0, unit="dBm", source=QCVN_81)
GOOD_RSRP = Threshold(
    name="good_rsrp_dbm",
    value=-105.0,
    unit="dBm",
    source=Source(
        title="Ofcom, 4G outdoor", verified=False, note="the figure in use there, from memory"
    ),
)
RADIO_AVAILABILITY = Threshold(
    name="radio_availability",
    value=0.95,
    unit="share of samples",
    source=Source(
        title="Cục Viễn thông, đo kiểm 3G/4G",
        verified=False,
        note="kinhtedothi.vn (2017), techz.vn (2018): press reports of the tests",
    ),
)
MINIMUM_DOWNLINK = Threshold(
    name="minimum_downlink_mbps",
    value=5.0,
    unit="Mbit/s",
    source=Source(
        title="Cục Viễn thông, đo kiểm Hà Nội 2018",
        verified=False,
        note="ictvietnam.vn, vietnamplus.vn: press reports; carriers declared 1 Mbit/s",
    ),
)
SHADOWING_SIGMA = Threshold(name="shadowing_sigma_db", value=8.0, unit="dB", source=ASSUMPTION)

THRESHOLDS = (
    MINIMUM_RSRP,
    GOOD_RSRP,
    RADIO_AVAILABILITY,
    MINIMUM_DOWNLINK,
    SHADOWING_SIGMA,
)


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """Classes of LTE RSRP as somebody draws them."""

    name: str
    lower_bounds_dbm: tuple[float, ...]
    """Lower bound of each class but the last, best first [dBm]."""
    labels: tuple[str, ...]
    """One more than there are bounds: what lies below the last bound has a name too."""
    source: Source

    def label_of(self, rsrp_dbm: float) -> str:
        """Return the class of a level [dBm]; a level on a bound belongs to the better class."""
        for bound, label in zip(self.lower_bounds_dbm, self.labels, strict=False):
            if rsrp_dbm >= bound:
                return label
        return self.labels[-1]


REPORTED_BANDS = Scheme(
    name="lomsong",
    lower_bounds_dbm=(-95.0, -105.0, -115.0, -121.0),
    labels=("strong", "usable", "weak", "very_weak", "none"),
    source=ASSUMPTION,
)
ANDROID = Scheme(
    name="android",
    lower_bounds_dbm=(-98.0, -108.0, -118.0, -128.0),
    labels=("great", "good", "moderate", "poor", "none"),
    source=Source(title="Android AOSP, AccessNetworkThresholds.EUTRAN_RSRP", verified=True),
)
TELTONIKA = Scheme(
    name="teltonika",
    lower_bounds_dbm=(-80.0, -90.0, -100.0),
    labels=("excellent", "good", "fair_to_poor", "no_signal"),
    source=Source(
        title="Teltonika, signal strength recommendations",
        verified=True,
        note="too strict for dead zones: its last class holds most of the usable rural signal",
    ),
)
SCHEMES = (REPORTED_BANDS, ANDROID, TELTONIKA)

LTE_REPORT_RANGE_DBM = (-140.0, -44.0)
"""Levels that a phone can report by 3GPP TS 36.133, 9.1.4 (reported value = RSRP + 140)."""


@dataclass(frozen=True, kw_only=True)
class Wording:
    """A class as officials name it, and what they say it means."""

    name: str
    label: str
    meaning: str
    source: Source


CRITERIA_LETTER = Source(
    title="Công văn 1603/BTTTT-CVT ngày 25/04/2024",
    verified=False,
    note="the ministry's criteria, cited by provinces; the text was not found",
)
TRANG_SONG = Wording(
    name="no_signal",
    label="trắng sóng",
    meaning="không có sóng di động tại khu vực nhà văn hóa hoặc trung tâm thôn, bản",
    source=Source(
        title="Báo Tuyên Quang 12/01/2026",
        verified=True,
        note="the province's own words, press report; the ministry's letter 1603 was not found",
    ),
)
LOM_SONG = Wording(
    name="partial",
    label="lõm sóng",
    meaning="trung tâm thôn có sóng nhưng có cụm dân cư ngoài trung tâm không có sóng",
    source=Source(
        title="Báo Tuyên Quang 12/01/2026",
        verified=False,
        note="the sentence is cut in the source; what follows the cut is inferred",
    ),
)
OFFICIAL_WORDINGS = (TRANG_SONG, LOM_SONG)
