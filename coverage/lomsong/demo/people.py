"""Say where people may go, and which phones they carry."""

import numpy as np

from lomsong.demo.settle import Settlements
from lomsong.demo.units import Units
from lomsong.demo.ways import Ways
from lomsong.demo.world import Floats, Ints, World

MODELS = (
    "SM-A057F",
    "SM-A155F",
    "CPH2591",
    "23108RN04Y",
    "V2247",
    "RMX3834",
    "SM-A225F",
    "TECNO BG6",
)
TOWER_COLLECTOR, CELL_INFO, G_NETTRACK = "towercollector", "netcellinfo", "gnettrack"
CROWD, TEAM, DRIVE = "crowd", "team", "drive"


class People:
    """Where everybody may go; built once, asked by each journey."""

    def __init__(self, units: Units, homes: Settlements, ways: Ways) -> None:
        self.homes, self.ways = homes, ways
        self.seat = units.seat
        self.commune_of = units.commune_of
        self.commune_seats = np.flatnonzero(
            np.concatenate([[True], units.commune_of[1:] != units.commune_of[:-1]])
        )
        self._groups_of = homes.groups.groupby("hamlet").indices
        self._houses_of = homes.dwellings.groupby("group").indices

    def groups_of(self, hamlet: int) -> Ints:
        """List the groups of a hamlet."""
        return np.asarray(self._groups_of[hamlet])

    def houses_of(self, group: int) -> Ints:
        """List the houses of a group."""
        return np.asarray(self._houses_of[group])


def offsets_db(world: World, stream: np.random.Generator, count: int) -> Floats:
    """Draw how much phones show above or below the truth [dB]."""
    return np.round(world.device_offset_db * stream.standard_normal(count), 1)


def model_names(stream: np.random.Generator, count: int) -> list[str]:
    """Name devices by model and a number of their own, as owners do who share one log."""
    kinds = stream.integers(len(MODELS), size=count)
    return [f"{MODELS[int(kind)]} #{number:03d}" for number, kind in enumerate(kinds, 1)]
