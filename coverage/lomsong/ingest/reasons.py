"""Name every reason for which a row is left out."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a row of a file of samples or cells is not in the table."""

    CUT_SHORT = "cut_short"
    """The row ends too early or has text beyond the last column."""
    NEIGHBOUR_CELL = "neighbour_cell"
    """The phone heard this cell beside the one that served it."""
    EVENT = "event"
    """A note between measurements."""
    NO_POSITION = "no_position"
    POSITION_ZERO = "position_zero"
    """Longitude and latitude 0: what is written before the first fix."""
    POSITION_IMPOSSIBLE = "position_impossible"
    POSITION_INACCURATE = "position_inaccurate"
    """Worse than the accuracy the user asked for."""
    NO_TECHNOLOGY = "no_technology"
    """No word for 2G to 5G, so that the level cannot be told apart."""
    CDMA = "cdma"
    WITHDRAWN_CARRIER = "withdrawn_carrier"
    NO_CARRIER = "no_carrier"
    NO_LEVEL = "no_level"
    """Neither a level nor the statement that there is no service."""
    LEVEL_OUT_OF_RANGE = "level_out_of_range"
    """No receiver of its technology reports this."""
    DUPLICATE = "duplicate"
    """The same observation was read before."""
    FEW_OBSERVATIONS = "few_observations"
    """An estimated cell with fewer observations than asked."""
