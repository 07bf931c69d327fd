"""Keep what every section of a project file shares."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Patterns = Annotated[tuple[str, ...], BeforeValidator(_as_tuple), Field(min_length=1)]
"""One path or several, relative to the project file, globs allowed."""

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
MastHeight = Annotated[float, Field(ge=1, le=200)]


class Section(BaseModel):
    """What every section shares: it cannot change, and a misspelt key is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
