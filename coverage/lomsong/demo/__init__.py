"""Make the built-in district: a synthetic world with a known truth."""
