"""Powers, antennas and margins against published figures and laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lomsong.errors import InputError
from lomsong.propagation import (
    LinkBudget,
    Margins,
    Omnidirectional,
    Sector3gpp,
    SectorItu,
    direction_deg,
    rsrp_dbm,
    shadow_fading_margin_db,
)

ANGLES = st.floats(-720, 720)


def test_resource_element_carries_its_share_of_the_power():
    ten, twenty = LinkBudget(bandwidth_mhz=10), LinkBudget(bandwidth_mhz=20)
    assert ten.eirp_dbm == 46 + 17 - 3
    assert ten.reference_eirp_dbm - ten.eirp_dbm == pytest.approx(-27.8, abs=0.05)
    assert twenty.reference_eirp_dbm - twenty.eirp_dbm == pytest.approx(-30.8, abs=0.05)
    nr = LinkBudget(technology="5G", bandwidth_mhz=100)
    assert nr.reference_eirp_dbm - nr.eirp_dbm == pytest.approx(-10 * np.log10(12 * 273))


def test_older_technologies_measure_pilot_and_carrier():
    assert LinkBudget(technology="2G").reference_eirp_dbm == 60
    assert LinkBudget(technology="3G").reference_eirp_dbm == 50


def test_unknown_bandwidth_and_technology_are_refused_together():
    with pytest.raises(InputError) as raised:
        LinkBudget(technology="6G", losses_db=-1)
    assert len(raised.value.faults) == 2
    with pytest.raises(InputError):
        LinkBudget(bandwidth_mhz=7)


@pytest.mark.parametrize(("share", "margin"), [(0.5, 0.0), (0.9, 10.25), (0.95, 13.16)])
def test_shadow_fading_margin_is_sigma_times_the_normal_quantile(share: float, margin: float):
    assert shadow_fading_margin_db(probability=share, sigma_db=8) == pytest.approx(margin, abs=0.01)


def test_level_is_power_less_loss_and_margins_and_unknown_stays_unknown():
    budget = LinkBudget(bandwidth_mhz=10)
    level = rsrp_dbm(budget=budget, path_loss_db=[100.0, np.nan])
    assert level[0] == pytest.approx(60 - 10 * np.log10(600) - 100)
    assert np.isnan(level[1])
    margins = Margins(indoor_db=12, cell_edge_probability=0.9)
    lower = rsrp_dbm(budget=budget, path_loss_db=100.0, margins=margins)
    assert level[0] - lower == pytest.approx(12 + 10.252, abs=1e-3)


def test_sector_of_3gpp_meets_its_table():
    antenna = Sector3gpp(azimuth_deg=120, downtilt_deg=6)

    def gain(azimuth: float, elevation: float) -> float:
        return float(antenna.relative_gain_db(azimuth_deg=azimuth, elevation_deg=elevation))

    assert gain(120, -6) == 0
    assert gain(155, -6) == pytest.approx(-3)
    assert gain(85, -6) == pytest.approx(-3)
    assert gain(120, -1) == pytest.approx(-3)
    assert gain(120, 60) == -20
    assert gain(300, -6) == -25
    assert gain(300, 60) == -25


def test_sector_of_itu_halves_its_power_at_half_its_width():
    antenna = SectorItu(azimuth_deg=350, gain_dbi=17, downtilt_deg=0)
    half = antenna.vertical_beamwidth_deg / 2
    at = antenna.relative_gain_db(
        azimuth_deg=[350, 350 + 32.5, 350, 170], elevation_deg=[0, 0, half, 0]
    )
    assert at[:3] == pytest.approx([0, -3, -3])
    assert -35 < at[3] < -15


@given(azimuth=ANGLES, elevation=st.floats(-90, 90), axis=st.floats(0, 360), tilt=st.floats(0, 15))
def test_no_direction_beats_the_axis_and_sides_are_alike(
    azimuth: float, elevation: float, axis: float, tilt: float
):
    for antenna in (
        Sector3gpp(azimuth_deg=axis, downtilt_deg=tilt),
        SectorItu(azimuth_deg=axis, gain_dbi=17, downtilt_deg=tilt),
    ):
        left, right = antenna.relative_gain_db(
            azimuth_deg=[axis - azimuth, axis + azimuth], elevation_deg=elevation
        )
        assert left == pytest.approx(right, abs=1e-6)
        assert -80 < left <= 1e-9


def test_unknown_direction_means_the_same_gain_everywhere():
    gain = Omnidirectional().relative_gain_db(azimuth_deg=[0, 90, 200], elevation_deg=-3.0)
    assert gain.tolist() == [0, 0, 0]


def test_direction_counts_azimuth_from_north_and_elevation_from_the_horizon():
    azimuth, elevation = direction_deg(
        dx_m=[0, 100, 0, -100], dy_m=[100, 0, -100, 0], rise_m=[-100, 0, 100, 0]
    )
    assert azimuth == pytest.approx([0, 90, 180, 270])
    assert elevation == pytest.approx([-45, 0, 45, 0])
