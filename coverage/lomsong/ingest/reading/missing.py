"""Name the words that stand for a missing value."""

from typing import Final

MISSING: Final = ("", "-", "--", "null", "none", "nan", "n/a", "na", "unknown")
"""In lower case."""
