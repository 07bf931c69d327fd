"""Name the values that columns may hold."""

from typing import Final

TECHNOLOGIES: Final = ("2G", "3G", "4G", "5G")
JUDGED_TECHNOLOGY: Final = "4G"
"""The technology that classes, levels and plans are told of; it is judged in every run."""
RSRP_TECHNOLOGIES: Final = ("4G", "5G")
"""Technologies whose level is an RSRP; the others' quantity stays in `level_dbm`, never mixed with it."""
CLASSES: Final = ("no_signal", "partial", "weak", "covered", "unknown")
"""From worst to best; `unknown` stands outside the order."""
OFFICIAL_CLASSES: Final = ("trang_song", "lom_song", "co_song", "unknown")
GRADES: Final = ("measured", "inferred", "modelled", "none")
POWERS: Final = ("grid", "no_grid", "unknown")
FUNDING_ROUTES: Final = (
    "wait_for_grid_or_solar",
    "universal_service_fund",
    "carrier",
    "unknown",
)
AREA_KINDS: Final = ("hamlet", "area")
"""An `area` (a square of a grid, a stretch of road, a field) is judged like a hamlet, but nobody lives there."""
GEOMETRY_SOURCES: Final = ("surveyed", "derived", "grid")
CLUSTER_KINDS: Final = ("centre", "dwellings")
REPAIR_COLUMNS: Final = ("file", "row", "hamlet_id", "name", "problem", "repair")
ANY_CARRIER: Final = "any"
NO_CARRIER: Final = ""
"""The carrier of a no-service observation that belongs to none."""
POSITIONS: Final = ("exact", "estimated")
CORRECTED_BY: Final = ("judgement", "propagation+residual", "propagation", "samples")
"""What a corrected level follows from: what all carriers' sites, samples and silence elsewhere let expect; sites, terrain and samples nearby; sites and terrain alone, as samples elsewhere
straighten them; samples alone, where no sites of the carrier are known."""
SILENCES: Final = ("others_heard", "older_heard", "passed", "nobody_heard")
"""Phones of other carriers were heard and none of its own; its own on older technology only; nobody at all."""
CELL_SIZES: Final = (1, 2, 4, 8)
"""Sides of the squares of `MEASURED_CELLS` in cells of 1/1600 degree: 69, 139, 278 and 556 m of latitude."""
SAMPLE_BANDS: Final = (1, 10, 100, 1000)
"""Lower ends of the bands in which the number of samples in a square is told."""
EXISTING_USES: Final = ("new_technology", "lower_band_or_carrier")
"""At a known mast without 4G, its first 4G; with 4G, a lower band, or another carrier's radio."""
BACKHAULS: Final = ("existing", "microwave", "relay", "fibre", "unknown")
