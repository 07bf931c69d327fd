"""Find where new sites would serve the most people."""
