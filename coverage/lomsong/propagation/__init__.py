"""Predict radio levels over terrain."""

from lomsong.propagation.antenna import (
    Antenna,
    Omnidirectional,
    Sector3gpp,
    SectorItu,
    direction_deg,
)
from lomsong.propagation.exact import sweep_exact
from lomsong.propagation.link_budget import (
    BANDS,
    IN_VEHICLE_LOSS_DB,
    INDOOR_LOSS_DB,
    Band,
    LinkBudget,
    Margins,
    rsrp_dbm,
    shadow_fading_margin_db,
)
from lomsong.propagation.network import UNKNOWN_MAST_M, BestServer, best_server, usual_budget
from lomsong.propagation.p1812 import coast_distance_m, path_loss, path_loss_detail
from lomsong.propagation.p1812_detail import PathLossDetail
from lomsong.propagation.profiles import (
    BlockingPoint,
    Clearance,
    Profile,
    blocking_point,
    clearance,
    profile,
)
from lomsong.propagation.sweeps import line_of_sight, losses_at, sweep

__all__ = [
    "BANDS",
    "INDOOR_LOSS_DB",
    "IN_VEHICLE_LOSS_DB",
    "UNKNOWN_MAST_M",
    "Antenna",
    "Band",
    "BestServer",
    "BlockingPoint",
    "Clearance",
    "LinkBudget",
    "Margins",
    "Omnidirectional",
    "PathLossDetail",
    "Profile",
    "Sector3gpp",
    "SectorItu",
    "best_server",
    "blocking_point",
    "clearance",
    "coast_distance_m",
    "direction_deg",
    "line_of_sight",
    "losses_at",
    "path_loss",
    "path_loss_detail",
    "profile",
    "rsrp_dbm",
    "shadow_fading_margin_db",
    "sweep",
    "sweep_exact",
    "usual_budget",
]
