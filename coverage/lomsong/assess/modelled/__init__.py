"""Predict service where nobody measured: from a carrier's known sites over terrain, taught by the district's samples."""

from lomsong.assess.modelled.prediction import Prediction, asked_later, middles, predict

__all__ = ["Prediction", "asked_later", "middles", "predict"]
