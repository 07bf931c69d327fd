"""Describe columns, and hold tables to what is described."""

from typing import Final, TypeVar

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from lomsong.errors import DefectError


def text(
    *, nullable: bool = False, values: tuple[str, ...] = (), unique: bool = False
) -> pa.Column:
    """Describe a column of text, of some words alone where they are given."""
    checks = [pa.Check.isin(values)] if values else []
    return pa.Column(str, checks=checks, nullable=nullable, unique=unique)


def number(
    *, nullable: bool = True, low: float | None = None, high: float | None = None
) -> pa.Column:
    """Describe a column of numbers between two bounds."""
    checks = []
    if low is not None:
        checks.append(pa.Check.ge(low))
    if high is not None:
        checks.append(pa.Check.le(high))
    return pa.Column(float, checks=checks, nullable=nullable)


def count(*, nullable: bool = False) -> pa.Column:
    """Describe a column of whole numbers, 0 or more."""
    return pa.Column("Int64" if nullable else "int64", checks=pa.Check.ge(0), nullable=nullable)


def flag() -> pa.Column:
    """Describe a column of yes, no and unknown."""
    return pa.Column("boolean", nullable=True)


GEOMETRY: Final = pa.Column("geometry")

_Table = TypeVar("_Table", bound=pd.DataFrame)


def checked(table: _Table, schema: pa.DataFrameSchema) -> _Table:
    """Return the table with the schema's column order, or raise `DefectError` naming what breaks it.

    Faults of users are found and told in `ingest`; what fails here is our own doing. Geometry is never coerced.
    """
    ordered = table[[c for c in schema.columns if c in table]]
    if len(ordered.columns) != len(table.columns):
        surplus = sorted(set(table.columns) - set(schema.columns))
        raise DefectError(f"table {schema.name} has columns nobody knows: {surplus}")
    try:
        schema.validate(ordered, lazy=True)
    except SchemaErrors as broken:
        cases = broken.failure_cases[["column", "check", "failure_case"]].head(5).to_dict("records")
        raise DefectError(f"table {schema.name}: {cases}") from broken
    return ordered


def empty(schema: pa.DataFrameSchema) -> pd.DataFrame:
    """Return a table of a schema without rows; with a geometry column it is a GeoDataFrame in WGS 84."""
    columns = {
        name: pd.Series(dtype=str(column.dtype))
        for name, column in schema.columns.items()
        if name != "geometry"
    }
    if "geometry" in schema.columns:
        places: pd.DataFrame = gpd.GeoDataFrame(columns, geometry=[], crs=4326)
        return checked(places, schema)
    return checked(pd.DataFrame(columns), schema)


def chosen(table: pd.DataFrame, wanted: pd.Series | npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Return some rows of a table; where all are wanted, the table itself, for copies of millions of rows cost memory."""
    return table if bool(np.all(wanted)) else table[wanted]
