"""Result tables and arrays as data frames: polars, or pandas where it is installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cathodelab.core.errors import CathodelabError

if TYPE_CHECKING:
    import polars as pl

    from cathodelab.core.result_table import CellEntry, ResultTable

Frame = Any
"""A ``polars.DataFrame``, or a ``pandas.DataFrame`` where that was asked for."""


def frame_of(columns: Mapping[str, np.ndarray | Sequence[CellEntry]], *, pandas: bool = False) -> Frame:
    """Columns of equal length as a data frame; ``None`` is a missing entry.

    Raises:
        CathodelabError: pandas is asked for and not installed.
    """
    import polars as pl

    made = pl.DataFrame([_column(name, entries) for name, entries in columns.items()])
    return _in_pandas(made) if pandas else made


def frame_of_table(table: ResultTable, *, pandas: bool = False) -> Frame:
    """A result table under its keys; see :func:`frame_of`."""
    keys = [field.key for field in table.fields]
    columns = zip(*table.rows, strict=True) if table.rows else ([] for _ in keys)
    return frame_of(dict(zip(keys, map(list, columns), strict=True)), pandas=pandas)


def _column(name: str, entries: np.ndarray | Sequence[CellEntry]) -> pl.Series:
    """Numbers, truth values, or texts; where texts and numbers are mixed, all are texts."""
    import polars as pl

    if isinstance(entries, np.ndarray):
        return pl.Series(name, entries)
    known = [one for one in entries if one is not None]
    if known and all(isinstance(one, bool) for one in known):
        return pl.Series(name, entries, dtype=pl.Boolean)
    if known and any(isinstance(one, str) for one in known):
        return pl.Series(name, [None if one is None else str(one) for one in entries], dtype=pl.String)
    return pl.Series(name, entries, dtype=pl.Float64)


def _in_pandas(made: pl.DataFrame) -> Frame:
    """By lists, so that nothing but pandas itself is needed."""
    try:
        from pandas import DataFrame
    except ImportError as error:
        raise CathodelabError(
            "pandas-missing",
            "pandas is not installed",
            where="pandas=True",
            why="Data frames are those of polars, which comes with cathodelab; those of pandas need pandas.",
            what_to_do="Install pandas into the same environment (python -m pip install pandas), or leave pandas=True out.",
        ) from error
    return DataFrame(made.to_dict(as_series=False))
