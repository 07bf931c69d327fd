"""Say what is wrong with a setting in our own words."""

import difflib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from pydantic_core import ErrorDetails

from lomsong.sentences import Sentence

PROBLEMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "missing": "is missing",
        "extra_forbidden": "nobody knows this key",
        "bool_parsing": "is neither true nor false",
        "bool_type": "is neither true nor false",
        "date_from_datetime_inexact": "is no day",
        "date_from_datetime_parsing": "is no day",
        "date_parsing": "is no day",
        "date_type": "is no day",
        "dict_type": "is no table of keys and values",
        "finite_number": "is no finite number",
        "float_parsing": "is no number",
        "float_type": "is no number",
        "greater_than": "is not above {gt}",
        "greater_than_equal": "is below {ge}",
        "int_from_float": "is no whole number",
        "int_parsing": "is no whole number",
        "int_type": "is no whole number",
        "less_than": "is not below {lt}",
        "less_than_equal": "is above {le}",
        "list_type": "is no list",
        "literal_error": "is none of {expected}",
        "model_attributes_type": "is no section",
        "model_type": "is no section",
        "string_type": "is no text in quotation marks",
        "too_short": "holds too little: at least {min_length}",
        "tuple_type": "is no list",
    }
)
"""By pydantic's type of error."""


def problem_of(error: ErrorDetails) -> str:
    """Return what is wrong; what pydantic alone can say stays in its words."""
    context = error.get("ctx", {})
    own = context.get("error")
    if isinstance(own, ValueError):
        return str(own) if not own.args else own.args[0]
    pattern = PROBLEMS.get(error["type"])
    if "expected" in context:  # names alone, for "or" is said in English
        context = {**context, "expected": context["expected"].replace("' or '", "', '")}
    return error["msg"] if pattern is None else Sentence(pattern, **context)


def remedy_of(error: ErrorDetails, known: Sequence[str]) -> str:
    """Return what to do; `known` are the keys that stand where this one does."""
    if error["type"] == "extra_forbidden":
        close = difflib.get_close_matches(str(error["loc"][-1]), known, n=1)
        if close:
            return Sentence('Did you mean "{name}"?', name=close[0])
        return Sentence("`lomsong init DIR` shows every key")
    if error["type"] == "missing":
        return Sentence("Add it to the project file")
    if error["type"].startswith("date"):
        return Sentence("Write it as 2025-12-31")
    return Sentence("Mend this setting; `lomsong init DIR` explains every key")
