"""Know what is particular to Vietnam: names, units, coordinates, carriers, standards."""
