"""Spread the counting of samples and the sweeping of sites over processes and machines, to the same bit."""
