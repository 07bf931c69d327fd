"""Predict radio levels over terrain."""
