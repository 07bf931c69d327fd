"""Hold columns of few distinct words as codes, so that work is done once for a word and not once for a row."""

from collections.abc import Callable, Hashable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

MISSING_CODE = -1
"""Code of a row that has no word."""


def meant(text: pa.Array, meaning: Callable[[str], Hashable | None]) -> pd.Categorical:
    """Return what each text means, missing where it is null or means nothing; each distinct text is asked once."""
    packed = text if pa.types.is_dictionary(text.type) else pc.dictionary_encode(text)
    places = pc.fill_null(packed.indices, len(packed.dictionary)).to_numpy(zero_copy_only=False)
    words = packed.dictionary
    if len(words) > len(places):  # a file may share one large dictionary between small batches
        used, places = np.unique(places, return_inverse=True)
        words = words.take(pa.array(used[used < len(words)]))
    asked = [None if word is None else meaning(word) for word in words.to_pylist()]
    return coded(places, asked)


def coded(places: npt.NDArray[np.integer], values: list[Hashable | None]) -> pd.Categorical:
    """Return values by their place; `None`, and the place behind the last one, are missing."""
    code_of: dict[Hashable, int] = {}
    codes = [
        MISSING_CODE if value is None else code_of.setdefault(value, len(code_of))
        for value in values
    ]
    distinct = pd.Index(list(code_of), dtype=object)
    return pd.Categorical.from_codes(
        np.array([*codes, MISSING_CODE], np.int32)[places], categories=distinct
    )


def all_alike(word: Hashable | None, count: int) -> pd.Categorical:
    """Return a column that says one word, or nothing, in every row."""
    return coded(np.zeros(count, np.int32), [word])


def filled(words: pd.Categorical, default: Hashable | None) -> pd.Categorical:
    """Return a column whose missing words are `default`."""
    missing = is_missing(words)
    return replaced(words, missing, default) if missing.any() else words


def replaced(
    words: pd.Categorical, rows: npt.NDArray[np.bool_], word: Hashable | None
) -> pd.Categorical:
    """Return a column that says `word` in the rows of a mask."""
    values = [*words.categories, word]
    places = np.where(words.codes < 0, len(values), words.codes)
    return coded(np.where(rows, len(values) - 1, places), values)


def renamed(
    words: pd.Categorical, meaning: Callable[[Hashable], Hashable | None]
) -> pd.Categorical:
    """Return what each word means."""
    return coded(words.codes, [meaning(word) for word in words.categories])


def is_missing(words: pd.Categorical) -> npt.NDArray[np.bool_]:
    """Tell the rows that have no word."""
    missing: npt.NDArray[np.bool_] = words.codes < 0
    return missing


def looked_up(
    words: pd.Categorical, table: Mapping[str, float], *, otherwise: float
) -> npt.NDArray[np.float64]:
    """Return the number of each row's word."""
    numbers = [table.get(word, otherwise) for word in words.categories]
    found: npt.NDArray[np.float64] = np.array([*numbers, otherwise], np.float64)[words.codes]
    return found


def is_any_of(words: pd.Categorical, wanted: tuple[Hashable, ...]) -> npt.NDArray[np.bool_]:
    """Tell the rows whose word is one of those wanted."""
    hits = np.array([*(word in wanted for word in words.categories), False])
    found: npt.NDArray[np.bool_] = hits[words.codes]
    return found


def as_text(words: pd.Series) -> pd.Series:
    """Return a column of words as plain text."""
    coded_words = words.array
    if not isinstance(coded_words, pd.Categorical):
        return words
    packed = pa.DictionaryArray.from_arrays(
        pa.array(coded_words.codes.astype(np.int32), mask=is_missing(coded_words)),
        pa.array(coded_words.categories.to_list(), pa.string()),
    )
    text = packed.cast(pa.string()).to_pandas()
    return pd.Series(text, dtype="str", name=words.name).set_axis(words.index)
