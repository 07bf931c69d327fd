"""Everything about VN-2000 coordinates in one place: zones, datum, reading, and finding an unstated zone."""

from lomsong.vietnam.coordinates import parse_coordinate
from lomsong.vietnam.datum import to_vn2000, to_wgs84
from lomsong.vietnam.zone_guess import Candidate, Proposal, propose
from lomsong.vietnam.zones import ProvinceZone, Vintage, Zone, province_zones, zone_for, zones

__all__ = [
    "Candidate",
    "Proposal",
    "ProvinceZone",
    "Vintage",
    "Zone",
    "parse_coordinate",
    "propose",
    "province_zones",
    "to_vn2000",
    "to_wgs84",
    "zone_for",
    "zones",
]
