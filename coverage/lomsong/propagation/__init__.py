"""Predict radio levels over terrain."""

from lomsong.propagation.p1812 import (
    PathLossDetail,
    coast_distance_m,
    path_loss,
    path_loss_detail,
)
from lomsong.propagation.sweep import line_of_sight, sweep
from lomsong.propagation.sweep_exact import sweep_exact

__all__ = [
    "PathLossDetail",
    "coast_distance_m",
    "line_of_sight",
    "path_loss",
    "path_loss_detail",
    "sweep",
    "sweep_exact",
]
