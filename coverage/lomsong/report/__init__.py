"""Write what a run found: map, lists, tables, manifest."""
