"""Put a run beside something else: an official list, or another run."""
