"""Predict radio levels over terrain."""

from lomsong.propagation.p1812 import (
    PathLossDetail,
    coast_distance_m,
    path_loss,
    path_loss_detail,
)

__all__ = ["PathLossDetail", "coast_distance_m", "path_loss", "path_loss_detail"]
