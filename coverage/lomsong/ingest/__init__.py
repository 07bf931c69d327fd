"""Read what users bring into validated tables of one vocabulary."""

from lomsong.ingest.hamlets import read_hamlets
from lomsong.ingest.people import read_buildings, read_people
from lomsong.ingest.power import PowerList, read_lights, read_power_lines, read_power_list
from lomsong.ingest.samples import read_samples, stream_samples
from lomsong.ingest.sites import read_sites
from lomsong.ingest.terrain import Terrain, read_terrain

__all__ = [
    "PowerList",
    "Terrain",
    "read_buildings",
    "read_hamlets",
    "read_lights",
    "read_people",
    "read_power_lines",
    "read_power_list",
    "read_samples",
    "read_sites",
    "read_terrain",
    "stream_samples",
]
