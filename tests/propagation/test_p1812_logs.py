"""P.1812-8 against the published validation logs: 63 paths, every logged intermediate value."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from lomsong.propagation import PathLossDetail, path_loss, path_loss_detail

TOLERANCE = 1e-3
# The logs write ten digits; values of hundreds of km and thousands of m keep at least six behind the point.
FIELDS = {
    ("d (km)", ""): "path_length_km",
    ("dlt (km)", "Eq (78)"): "tx_horizon_distance_km",
    ("dlr (km)", "Eq (81a)"): "rx_horizon_distance_km",
    ("th_t (mrad)", "Eqs (76-78)"): "tx_horizon_angle_mrad",
    ("th_r (mrad)", "Eqs (79-81)"): "rx_horizon_angle_mrad",
    ("th (mrad)", "Eq (82)"): "angular_distance_mrad",
    ("hts (m)", ""): "tx_antenna_m",
    ("hrs (m)", ""): "rx_antenna_m",
    ("htc (m)", "Table 5"): "tx_antenna_m",
    ("hrc (m)", "Table 5"): "rx_antenna_m",
    ("w", "Table 5"): "sea_fraction",
    ("dct (km)", ""): "tx_coast_km",
    ("dcr (km)", ""): "rx_coast_km",
    ("dtm (km)", "Sec 3.6"): "longest_land_km",
    ("dlm (km)", "Sec 3.6"): "longest_inland_km",
    ("b0 (%)", "Eq (5)"): "beta0_percent",
    ("ae (km)", "Eq (7a)"): "effective_earth_radius_km",
    ("hst (m)", "Eq (85)"): "tx_smooth_fitted_m",
    ("hsr (m)", "Eq (86)"): "rx_smooth_fitted_m",
    ("hst (m)", "Eq (90a)"): "tx_smooth_ducting_m",
    ("hsr (m)", "Eq (90b)"): "rx_smooth_ducting_m",
    ("hstd (m)", "Eq (89)"): "tx_smooth_diffraction_m",
    ("hsrd (m)", "Eq (89)"): "rx_smooth_diffraction_m",
    ("htc (m)", "Eq (37a)"): "tx_above_smooth_m",
    ("hrc (m)", "Eq (37b)"): "rx_above_smooth_m",
    ("hte (m)", "Eq (92a)"): "tx_effective_m",
    ("hre (m)", "Eq (92b)"): "rx_effective_m",
    ("hm (m)", "Eq (93)"): "roughness_m",
    ("Fi", "Eq (40)"): "time_factor",
    ("Fj", "Eq (57)"): "angle_factor",
    ("Fk", "Eq (58)"): "distance_factor",
    ("Lbfs", "Eq (8)"): "free_space_db",
    ("Lb0p", "Eq (10)"): "line_of_sight_db",
    ("Lb0b", "Eq (11)"): "line_of_sight_beta0_db",
    # The logs show these three for the radius exceeded for β0 % of time.
    ("Lbulla (dB)", "Eq (21)"): "bullington_actual_beta0_db",
    ("Lbulls (dB)", "Eq (21)"): "bullington_smooth_beta0_db",
    ("Ldsph (dB)", "Eq (27)"): "spherical_earth_beta0_db",
    ("Ld50 (dB)", "Eq (39)"): "diffraction_median_db",
    ("Ldb (dB)", "Eq (39)"): "diffraction_beta0_db",
    ("Ldp (dB)", "Eq (41)"): "diffraction_db",
    ("Lbd50 (dB)", "Eq (42)"): "with_diffraction_median_db",
    # The program that wrote the logs overwrites Lbd by Lbda before it logs either; equation 43 is tested below.
    ("Lbd (dB)", "Eq (43)"): "diffraction_or_ducting_db",
    ("Lminb0p (dB)", "Eq (59)"): "minimum_over_sea_db",
    ("Lba (dB)", "Eq (46)"): "ducting_db",
    ("Lminbap (dB)", "Eq (60)"): "minimum_enhanced_db",
    ("Lbda (dB)", "Eq (61)"): "diffraction_or_ducting_db",
    ("Lbam (dB)", "Eq (62)"): "without_troposcatter_db",
    ("Lbs (dB)", "Eq (44)"): "troposcatter_db",
    ("Lbc (dB)", "Eq (63)"): "median_location_db",
    ("Lb (dB)", "Eq (69)"): "loss_db",
    ("Ep (dBuV/m)", "Eq (70)"): "field_strength_dbuv_m",
}
ZONES = {"1": "sea", "3": "coastal", "4": "inland"}


@dataclass(frozen=True)
class Case:
    """One logged path."""

    name: str
    arguments: dict[str, object]
    logged: dict[tuple[str, str], float]


def _profile(path: Path) -> dict[str, object]:
    rows = [line.split(",") for line in path.read_text("utf-8").splitlines()]
    start = next(i for i, row in enumerate(rows) if row[0].startswith("Number of Points"))
    points = rows[start + 1 : start + 1 + int(rows[start][1])]
    return {
        "distance_m": 1e3 * np.array([float(row[0]) for row in points]),
        "height_m": np.array([float(row[1]) for row in points]),
        "clutter_m": np.array([float(row[3] or 0) for row in points]),
        "zone": [ZONES[row[4]] for row in points],
    }


def _log(path: Path) -> dict[tuple[str, str], float]:
    with path.open(encoding="utf-8", newline="") as lines:
        return {
            (row[0].strip(), row[1].strip()): float(row[3])
            for row in csv.reader(lines)
            if len(row) > 3 and row[3] not in {"", "Value"}
        }


@pytest.fixture(scope="module")
def cases(shared_data: Path) -> list[Case]:
    folder = shared_data / "propagation" / "p1812_8" / "tests"
    found = []
    for path in sorted((folder / "validation_results").glob("*_log.csv")):
        logged = _log(path)
        profile = _profile(
            folder / "validation_profiles" / f"{path.stem.removesuffix('_log')[:-2]}.csv"
        )
        arguments = profile | {
            "frequency_mhz": 1e3 * logged["f (GHz)", ""],
            "tx_height_m": logged["htg (m)", ""],
            "rx_height_m": logged["hrg (m)", ""],
            "time_percent": logged["p (%)", ""],
            "location_percent": logged["pL (%)", ""],
            "sigma_l_db": logged["sigmaL (dB)", ""],
            "polarization": {1: "horizontal", 2: "vertical"}[int(logged["pol", ""])],
            "delta_n": logged["DN", ""],
            "n0": logged["N0", ""],
            "path_centre_latitude_deg": logged["phi (deg)", "Eq (4)"],
        }
        found.append(Case(path.stem, arguments, logged))
    return found


def test_all_logs_are_met_with_every_intermediate_value(cases: list[Case]):
    assert len(cases) == 63
    worst: dict[str, float] = {}
    for case in cases:
        detail = path_loss_detail(**case.arguments)
        for key, name in FIELDS.items():
            difference = abs(float(getattr(detail, name)) - case.logged[key])
            worst[name] = max(worst.get(name, 0.0), difference)
    assert {name: value for name, value in worst.items() if value > TOLERANCE} == {}
    assert worst["loss_db"] < 1e-6


def test_loss_with_diffraction_is_the_sum_of_its_logged_parts(cases: list[Case]):
    for case in cases:
        parts = case.logged["Lb0p", "Eq (10)"] + case.logged["Ldp (dB)", "Eq (41)"]
        found = path_loss_detail(**case.arguments).with_diffraction_db
        assert found == pytest.approx(parts, abs=TOLERANCE)


def test_many_paths_at_once_give_the_same_bits_as_one_by_one(cases: list[Case]):
    names = list(cases[0].arguments)
    together = path_loss(**{name: [case.arguments[name] for case in cases] for name in names})
    alone = [path_loss(**case.arguments) for case in cases]
    assert np.array_equal(together, np.array(alone))


def test_logged_values_are_all_compared(cases: list[Case]):
    inputs = {"Ptx (kW)", "Gtx (dBi)", "Grx (dBi)", "f (GHz)", "p (%)", "pL (%)", "sigmaL (dB)"}
    inputs |= {"phi_t (deg)", "phi_r (deg)", "lam_t (deg)", "lam_r (deg)", "htg (m)", "hrg (m)"}
    inputs |= {"pol", "DN", "N0", "R2 (m)", "Rn-1 (m)", "phi (deg)"}
    for case in cases:
        left = {key for key in case.logged if key not in FIELDS and key[0] not in inputs}
        # Field strength for the log's own power is the loss once more.
        assert {name for name, _ in left} <= {"Ep (dBuV/m) w.r.t. Ptx"}


def test_detail_names_every_value_once():
    assert len(set(FIELDS.values())) == len(FIELDS) - 3
    assert set(FIELDS.values()) <= set(PathLossDetail.__dataclass_fields__)
