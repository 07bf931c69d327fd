"""Read what users bring into validated tables of one vocabulary."""
