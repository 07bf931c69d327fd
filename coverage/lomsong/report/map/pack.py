"""Pack columns of numbers and words into one compressed text that a page can carry."""

import base64
import gzip
import json
from typing import Any, Final

import numpy as np
import numpy.typing as npt

_SEVEN_BITS: Final = 0x7F
_MORE: Final = 0x80
_LONGEST: Final = 63


class Pack:
    """Columns under names, and words beside them.

    The bytes are: length of the header (uint32, little-endian), header (JSON: `columns` as name to kind, offset in
    the body, bytes and number of values; `data`), body. The whole is gzipped with no time inside.
    """

    def __init__(self) -> None:
        self._columns: dict[str, tuple[str, int, int, int]] = {}
        self._body = bytearray()

    def counts(self, name: str, values: npt.ArrayLike) -> None:
        """Add integers from 0, or NaN where missing."""
        numbers = np.asarray(values, float)
        missing = np.isnan(numbers)
        self._add("counts", name, _varints(np.where(missing, 0, numbers + 1)), numbers.size)

    def integers(self, name: str, values: npt.ArrayLike) -> None:
        """Add integers of any sign; small ones take least room."""
        numbers = np.asarray(values).astype(np.int64)
        self._add(
            "integers",
            name,
            _varints(np.where(numbers < 0, -2 * numbers - 1, 2 * numbers)),
            numbers.size,
        )

    def levels(self, name: str, values: npt.ArrayLike) -> None:
        """Add integers of any sign, or NaN where missing."""
        numbers = np.asarray(values, float)
        folded = np.where(numbers < 0, -2 * numbers - 1, 2 * numbers)
        self._add(
            "levels", name, _varints(np.where(np.isnan(numbers), 0, folded + 1)), numbers.size
        )

    def codes(self, name: str, values: npt.ArrayLike) -> None:
        """Add integers from 0 to 255, a byte each."""
        numbers = np.asarray(values).astype(np.uint8)
        self._add("codes", name, numbers.tobytes(), numbers.size)

    def exact(self, name: str, values: npt.ArrayLike) -> None:
        """Add float64 to the last bit, so that sums in the page are sums of the table."""
        numbers = np.asarray(values, dtype="<f8")
        self._add("exact", name, numbers.tobytes(), numbers.size)

    def finish(self, data: dict[str, Any]) -> str:
        """Return everything as base64 text; it holds no character that means anything to HTML."""
        header = json.dumps(
            {"columns": self._columns, "data": data}, ensure_ascii=False, separators=(",", ":")
        ).encode()
        content = len(header).to_bytes(4, "little") + header + bytes(self._body)
        return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode("ascii")

    def _add(self, kind: str, name: str, content: bytes, size: int) -> None:
        self._columns[name] = (kind, len(self._body), len(content), size)
        self._body += content


def _varints(values: npt.NDArray[Any]) -> bytes:
    """Encode integers from 0 with seven bits a byte, low bits first, the high bit set where more follow."""
    rest = np.asarray(values).astype(np.uint64)
    length = np.ones(rest.shape, dtype=np.int64)
    for shift in range(7, _LONGEST + 1, 7):
        length += rest >> np.uint64(shift) > 0
    place = np.cumsum(length) - length
    encoded = np.zeros(int(length.sum()), dtype=np.uint8)
    for index in range(int(length.max(initial=0))):
        here = length > index
        bits = (rest[here] >> np.uint64(7 * index)) & np.uint64(_SEVEN_BITS)
        more = np.where(length[here] > index + 1, _MORE, 0).astype(np.uint64)
        encoded[place[here] + index] = (bits | more).astype(np.uint8)
    return encoded.tobytes()
