"""Gather what was observed where people live, without judging it."""
