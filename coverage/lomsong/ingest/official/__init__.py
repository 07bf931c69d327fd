"""Read official lists of hamlets and join them to the hamlets of a run."""
