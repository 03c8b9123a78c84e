"""A state in one file, and back: a run goes on from it bit for bit."""

from __future__ import annotations

import dataclasses
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cathodelab.core.errors import CathodelabError
from cathodelab.simulation.dem.state import ContactRows, Energy, Particles, Poses, State, Sums

_PARTS: dict[str, type[Any]] = {
    "particles": Particles,
    "pairs": ContactRows,
    "walls": ContactRows,
    "poses": Poses,
    "sums": Sums,
    "energy": Energy,
}
_VERSION = 3


def save_state(path: Path, state: State, **beside: Any) -> None:  # noqa: ANN401 - arrays and numbers
    """Write the state and what belongs to it; the file is whole, or still the one before, also after a power failure."""
    arrays: dict[str, Any] = {"version": _VERSION, "time": state.time, "steps": state.steps}
    for part, kind in _PARTS.items():
        for field in dataclasses.fields(kind):
            arrays[f"{part}.{field.name}"] = getattr(getattr(state, part), field.name)
    arrays.update({f"beside.{name}": value for name, value in beside.items()})
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        np.savez(file, **arrays)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def load_state(path: Path) -> tuple[State, Mapping[str, Any]]:
    """The state and what was written beside it.

    Raises:
        CathodelabError: ``dem-restart-damaged`` if the file is not one of ours or not whole.
    """
    try:
        with np.load(path, allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in kept.files}
        parts = {part: _part(kind, part, arrays) for part, kind in _PARTS.items()}
        if int(arrays["version"]) != _VERSION:
            raise ValueError(f"version {int(arrays['version'])}")  # noqa: TRY301 - told with the other reasons below
        state = State(**parts, time=float(arrays["time"]), steps=int(arrays["steps"]))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise CathodelabError(
            "dem-restart-damaged",
            f"The restart file cannot be used ({error})",
            where=str(path),
            why="It is not whole or was written by another version.",
            what_to_do="Delete it to begin again, or restore it.",
        ) from error
    beside = {name.removeprefix("beside."): value for name, value in arrays.items() if name.startswith("beside.")}
    return state, beside


def _part(kind: type[Any], part: str, arrays: Mapping[str, Any]) -> Any:  # noqa: ANN401 - one of the state's parts
    given = {field.name: arrays[f"{part}.{field.name}"] for field in dataclasses.fields(kind)}
    return kind(**{name: value.item() if value.ndim == 0 else value for name, value in given.items()})
