"""Spread the counting of samples over processes and machines, to the same bit."""
