"""Judge who is served, how it is known, and what comes first."""
