"""Say how hamlets are judged, what is told of it, and where to measure next."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, model_validator

from lomsong.config.section import NotNegative, Positive, Section, Share
from lomsong.sentences import Sentence


class LevelsSection(Section):
    """From which level a place counts as served, and as good."""

    minimum_rsrp_dbm: float = Field(
        -121.0, description="served from here [dBm]; QCVN 81:2019 (chưa đối chiếu văn bản)"
    )
    good_rsrp_dbm: float = Field(-105.0, description="good from here [dBm] (assumption)")
    minimum_level_2g_dbm: float = Field(-102.0, description="RXLEV for 2G [dBm] (assumption)")
    good_level_2g_dbm: float = Field(-90.0, description="good RXLEV for 2G [dBm] (assumption)")
    minimum_level_3g_dbm: float = Field(-110.0, description="RSCP for 3G [dBm] (assumption)")
    good_level_3g_dbm: float = Field(-95.0, description="good RSCP for 3G [dBm] (assumption)")

    @model_validator(mode="after")
    def _good_is_above_minimum(self) -> "LevelsSection":
        pairs = (
            ("rsrp", self.minimum_rsrp_dbm, self.good_rsrp_dbm),
            ("level_2g", self.minimum_level_2g_dbm, self.good_level_2g_dbm),
            ("level_3g", self.minimum_level_3g_dbm, self.good_level_3g_dbm),
        )
        for name, minimum, good in pairs:
            if good < minimum:
                raise ValueError(
                    Sentence(
                        "good_{name}_dbm ({good}) lies below minimum_{name}_dbm ({minimum})",
                        name=name,
                        good=good,
                        minimum=minimum,
                    )
                )
        return self


class EvidenceSection(Section):
    """What counts as evidence, and how sure a class has to be."""

    catchment_m: Positive = Field(
        250.0, description="a sample speaks for the nearest cluster within this distance [m]"
    )
    cluster_gap_m: Positive = Field(
        150.0,
        description="dwellings further apart than this [m] form clusters of their own (assumption)",
    )
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = Field(
        0.9, description="a class is given when its probability reaches this"
    )
    maximum_accuracy_m: Positive = Field(
        100.0, description="samples placed worse than this [m] are left out (assumption)"
    )
    carriers: tuple[str, ...] | None = Field(
        None,
        description='judge these carriers only, as ["viettel", "vnpt"]; default: all in the data',
    )
    decide_by: tuple[Literal["measured", "inferred", "modelled"], ...] = Field(
        ("measured", "inferred", "modelled"),
        description="what may decide a class: measured (samples there), inferred (silence where others are heard), "
        "modelled (known sites over terrain); samples always count",
    )
    silence: tuple[Literal["others_heard", "older_heard", "passed", "nobody_heard"], ...] = Field(
        ("others_heard", "older_heard", "passed", "nobody_heard"),
        description="kinds of silence that count where inferred evidence decides; passed: phones that upload on both sides "
        "and not on the way",
    )
    half_life_days: Positive = Field(
        730.0,
        description="observations count half after so many days, a quarter after twice as many; a very large number "
        "lets all count alike (assumption)",
    )
    store: str | None = Field(
        None,
        description="folder that keeps what each file counted, so that a new month is added without reading the old "
        "ones again; what it holds counts, until you delete it",
    )


class TechnologiesSection(Section):
    """Technologies that end: what is off counts as no service, and who loses the last one is told."""

    switched_off: tuple[Literal["2G", "3G", "4G", "5G"], ...] | None = Field(
        None,
        description='tell who loses the last service without these, as ["2G", "3G"]; default: the next one to end',
    )
    last_day: dict[Literal["2G", "3G", "4G", "5G"], dt.date] | None = Field(
        None,
        description='last day on air, as { "3G" = 2028-09-30 }; default in Vietnam: 2G 2026-09-15 (TT 03 and 04/2024), '
        "3G 2028-09-30 (planned for that month)",
    )


class PrivacySection(Section):
    """What may be published about the people who measured."""

    minimum_devices: Annotated[int, Field(ge=1)] = Field(
        3,
        description="sample statistics are published where at least so many devices stand behind them",
    )
    publish_without_devices: bool = Field(
        default=False, description="publish statistics also where the source names no device"
    )
    salt: str = Field(
        "", description="secret mixed into device hashes; keep it out of shared files"
    )


class PrioritySection(Section):
    """Weights of the parts of the priority score; each part lies between 0 and its weight."""

    severity: NotNegative = Field(
        30.0, description="no signal 1, partial 2/3, weak 1/3 (assumption)"
    )
    people: NotNegative = Field(
        40.0, description="people unserved, against people_scale (assumption)"
    )
    no_grid: NotNegative = Field(15.0, description="no grid power (assumption)")
    difficult: NotNegative = Field(15.0, description="thôn đặc biệt khó khăn (assumption)")
    people_scale: Positive = Field(
        500.0, description="people unserved that earn the whole weight (assumption)"
    )


class SurveySection(Section):
    """Where teams go to measure next."""

    places_per_day: Annotated[int, Field(ge=1, le=100)] = Field(
        6, description="places that a team measures on one day (assumption)"
    )
    days: Annotated[int, Field(ge=1)] = Field(
        5, description="days planned for the team of each commune; later places have no day"
    )
    spots_per_place: Annotated[int, Field(ge=1, le=9)] = Field(
        4,
        description="spots measured at a place; three that agree decide a cluster, four a hamlet of three clusters",
    )
    people_exponent: Share = Field(
        0.5,
        description="how much people weigh: 1 plans for people, 0 for places, which official lists count (assumption)",
    )
    walk_m: NotNegative = Field(
        2000.0, description="a way longer than this [m] is driven (assumption)"
    )
