"""Name every reason for which a row is left out."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a row of a file of samples or cells is not in the table."""

    CUT_SHORT = "cut short"
    """The row ends too early or has text beyond the last column."""
    NEIGHBOUR_CELL = "neighbour cell"
    """The phone heard this cell beside the one that served it."""
    EVENT = "event"
    """A note between measurements."""
    NO_POSITION = "no position"
    POSITION_ZERO = "position zero"
    """Longitude and latitude 0: what is written before the first fix."""
    POSITION_IMPOSSIBLE = "position impossible"
    POSITION_INACCURATE = "position inaccurate"
    """Worse than the accuracy the user asked for."""
    NO_TECHNOLOGY = "no technology"
    """No word for 2G to 5G, so that the level cannot be told apart."""
    CDMA = "cdma"
    WITHDRAWN_CARRIER = "carrier withdrawn"
    NO_CARRIER = "no carrier"
    NO_LEVEL = "no level"
    """Neither a level nor the statement that there is no service."""
    LEVEL_OUT_OF_RANGE = "level out of range"
    """No receiver of its technology reports this."""
    DUPLICATE = "duplicate"
    """The same observation was read before."""
    FEW_OBSERVATIONS = "few observations"
    """An estimated cell with fewer observations than asked."""
