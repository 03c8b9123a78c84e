"""The truth file: everything that makes a generated campaign, written down before anything is simulated.

JSON with ``schema_version``; the same file gives the same bytes of raw data. Cells stand in batches; each has its physics, its
protocol and its measurement. Fields that are left out have the default of their type.
"""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError
from cathodelab.simulation.twin.instrument import Measurement, measured
from cathodelab.simulation.twin.model import Step, TwinCell, TwinRecord
from cathodelab.simulation.twin.solver import simulate

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Batch:
    """A batch of composite: what its cells' utilizations were drawn from."""

    id: str
    mixing_method: str = ""
    mean_utilization: float = 1.0
    spread_between_cells: float = 0.0


@dataclass(frozen=True)
class TruthCell:
    """One cell of the campaign; its name is that of its physics."""

    role: Literal["cell", "reference"]
    physics: TwinCell
    protocol: tuple[Step, ...]
    measurement: Measurement = field(default_factory=Measurement)
    weighing_standard_mg: float = 0.0
    batch: str = ""
    remark: str = ""


@dataclass(frozen=True)
class Campaign:
    """The whole truth of a generated study."""

    seed: int
    title: str
    cells: tuple[TruthCell, ...]
    batches: tuple[Batch, ...] = ()
    schema_version: int = SCHEMA_VERSION
    synthetic: bool = True

    def weighed_mg(self, cell: TruthCell) -> float:
        """What the manifest says: the true mass with its weighing error, of another cell where the label is wrong."""
        named = cell.measurement.faults.mass_of or cell.physics.id
        other = next(one for one in self.cells if one.physics.id == named)
        return other.physics.cam_mass_mg + other.measurement.weighing_error_mg


def written(campaign: Campaign) -> bytes:
    """The truth file of a campaign."""
    return json.dumps(dataclasses.asdict(campaign), indent=1, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def read_truth(content: bytes) -> Campaign:
    """The campaign of a truth file.

    Raises:
        CathodelabError: no JSON, another version, unknown or missing fields, values of a wrong type.
    """
    try:
        record = json.loads(content)
    except ValueError as error:
        raise _invalid("whole file", f"It is no JSON: {error}.") from None
    version = record.get("schema_version") if isinstance(record, dict) else None
    if version != SCHEMA_VERSION:
        raise _invalid("schema_version", f"It is {version!r}; this version reads {SCHEMA_VERSION}.")
    campaign: Campaign = _built(Campaign, record, "")
    names = [cell.physics.id for cell in campaign.cells]
    for cell in campaign.cells:
        if names.count(cell.physics.id) > 1:
            raise _invalid(f"cell {cell.physics.id}", "Every cell has a name of its own.")
        if cell.measurement.faults.mass_of and cell.measurement.faults.mass_of not in names:
            raise _invalid(f"cell {cell.physics.id}", f"There is no cell {cell.measurement.faults.mass_of!r}.")
    return campaign


def generated(campaign: Campaign) -> tuple[tuple[TwinRecord, dict[str, FloatArray]], ...]:
    """What happened in every cell and what its cycler wrote; one random stream a cell, by its place in the file."""
    records = simulate([cell.physics for cell in campaign.cells], [cell.protocol for cell in campaign.cells])
    streams = np.random.SeedSequence(campaign.seed).spawn(len(records))
    return tuple(
        (record, measured(record, cell.measurement, np.random.default_rng(stream)))
        for record, cell, stream in zip(records, campaign.cells, streams, strict=True)
    )


def _built(kind: Any, value: Any, where: str) -> Any:  # noqa: ANN401 - any field of the truth
    """A value of the annotated type from what JSON holds."""
    origin, arguments = get_origin(kind), get_args(kind)
    if dataclasses.is_dataclass(kind) and isinstance(value, Mapping):
        return _built_dataclass(kind, value, where)
    if origin is tuple and isinstance(value, list):
        return tuple(_built(arguments[0], one, f"{where}[{place}]") for place, one in enumerate(value))
    if origin in (Union, types.UnionType):
        return None if value is None else _built(arguments[0], value, where)
    if origin is Literal and value in arguments:
        return value
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if kind in (int, str, bool) and type(value) is kind:
        return value
    raise _invalid(where, f"{str(value)[:60]!r} is not of the kind {getattr(kind, '__name__', kind)}.")


def _built_dataclass(kind: Any, value: Mapping[str, Any], where: str) -> Any:  # noqa: ANN401 - any dataclass
    hints = get_type_hints(kind)
    fields = {one.name: one for one in dataclasses.fields(kind)}
    for name in value:
        if name not in fields:
            raise _invalid(
                f"{where}.{name}".lstrip("."), "There is no such field; there are " + ", ".join(fields) + "."
            )
    missing = [
        one.name
        for one in fields.values()
        if one.default is one.default_factory is dataclasses.MISSING and one.name not in value
    ]
    if missing:
        raise _invalid(where or "whole file", f"It lacks {', '.join(missing)}.")
    return kind(**{name: _built(hints[name], one, f"{where}.{name}".lstrip(".")) for name, one in value.items()})


def _invalid(where: str, why: str) -> CathodelabError:
    return CathodelabError(
        "truth-invalid",
        "The truth file cannot be used",
        where=where,
        why=why,
        what_to_do="Correct the file, or write one anew from a campaign.",
    )
