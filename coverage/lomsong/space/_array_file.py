"""Keep arrays in one checked file that processes share by mapping it into memory."""

import json
import mmap
import os
import sys
import tempfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]

MAGIC = b"lomsong arrays 1\n"
NUMBER_BYTES = 8
ALIGNMENT = 64


def save(path: Path, key: str, arrays: Mapping[str, Array]) -> None:
    """Write arrays beside `path`, then move the whole file into place."""
    entries: dict[str, tuple[str, Sequence[int], int]] = {}
    size = 0
    for name, array in arrays.items():
        entries[name] = (array.dtype.str, array.shape, size)
        size += sum(len(piece) for piece in _pieces(array))
    header = json.dumps({"key": key, "byteorder": sys.byteorder, "arrays": entries}).encode()
    header += b" " * (-(len(MAGIC) + 2 * NUMBER_BYTES + len(header)) % ALIGNMENT)
    header = len(header).to_bytes(NUMBER_BYTES, "little") + header
    check = zlib.crc32(header)
    for array in arrays.values():
        for piece in _pieces(array):
            check = zlib.crc32(piece, check)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, beside = tempfile.mkstemp(prefix=path.name, suffix=".part", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(MAGIC + check.to_bytes(NUMBER_BYTES, "little") + header)
            for array in arrays.values():
                file.writelines(_pieces(array))
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(path)
    finally:
        Path(beside).unlink(missing_ok=True)


def load(path: Path, key: str) -> dict[str, Array] | None:
    """Map the arrays saved under this very key; None where the file is missing, damaged or of another make."""
    try:
        with path.open("rb") as file:
            content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError):  # no such file; nothing in it
        return None
    check_end = len(MAGIC) + NUMBER_BYTES
    start = check_end + NUMBER_BYTES
    if content[: len(MAGIC)] != MAGIC or len(content) < start:
        return None
    check = int.from_bytes(content[len(MAGIC) : check_end], "little")
    if check != zlib.crc32(content[check_end:]):
        return None
    end = start + int.from_bytes(content[check_end:start], "little")
    header = json.loads(bytes(content[start:end]))
    if (header["key"], header["byteorder"]) != (key, sys.byteorder):
        return None
    body = content[end:]
    return {
        name: np.frombuffer(body, np.dtype(kind), count=int(np.prod(shape)), offset=offset).reshape(
            shape
        )
        for name, (kind, shape, offset) in header["arrays"].items()
    }


def _pieces(array: Array) -> tuple[memoryview | bytes, bytes]:
    """Return an array's bytes, and what fills them up to the alignment."""
    content = np.ascontiguousarray(array).view(np.uint8).reshape(-1).data if array.size else b""
    return content, b"\0" * (-len(content) % ALIGNMENT)
