"""Results cannot be changed, and come from the cache as they were made: every array and every type in them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from cathodelab.catalogue import OURS
from cathodelab.formats.bdf import write_bdf_text
from cathodelab.formats.technique import loaded
from cathodelab.study.results import StudyResults
from cathodelab.study.run import run_study
from cathodelab_validation.cycler import (
    CyclingTruth,
    Phase,
    Recording,
    cycles_of,
    cycling_columns,
    equilibrium_charge,
)

DECIMALS = {"test_time_second": 1, "voltage_volt": 6, "current_ampere": 9, "step_count": 0}
CHECK_UP = [
    phase
    for limit in (3.05, 3.12, 3.22, 3.32, 3.42)
    for phase in (Phase("charge", 0.05, limit), Phase("rest", hours=4))
] + [Phase("discharge", 0.1, 1.98), Phase("rest", hours=1)]
SPECTRA = 5


def _test() -> dict[str, np.ndarray]:
    """Two check-ups, each with cycles after it; the second at a lower utilization."""
    parts = [
        cycling_columns(
            CyclingTruth(utilization=theta, resistance_volt_hour=0.36),
            [*CHECK_UP, *cycles_of((0.1, 0.3))],
            Recording(60, 5e-5, 120),
            np.random.default_rng(number),
        )
        for number, theta in enumerate((0.9, 0.81))
    ]
    shift = {"test_time_second": parts[0]["test_time_second"][-1], "step_count": parts[0]["step_count"][-1] + 1}
    return {name: np.concatenate([parts[0][name], parts[1][name] + shift.get(name, 0.0)]) for name in DECIMALS}


def _spectra() -> str:
    """A hold at one potential: the cathode's resistance grows with the square root of time."""
    frequency = np.logspace(6, -1, 56)
    chance = np.random.default_rng(1)
    rows = ["freq/Hz,Re(Z)/Ohm,Im(Z)/Ohm,time/s,Ewe/V,spectrum"]
    for number in range(SPECTRA):
        clock = 3600.0 * (4**number - 1) / 10 + np.cumsum(3 / frequency + 0.5)
        turn = 2j * np.pi * frequency
        cathode = 105 + 10 * np.sqrt(clock / 3600)
        z = 40 + 1 / (1 / cathode + 6e-6 * turn**0.85) + 10 / (1 + (turn * 0.05) ** 0.85) + 1 / (0.3 * turn**0.55)
        z = z + 0.003 * np.abs(z) * (chance.standard_normal(z.size) + 1j * chance.standard_normal(z.size))
        columns = (frequency, z.real, z.imag, clock, np.full(z.size, 3.25), np.full(z.size, number + 1.0))
        rows += [",".join(f"{value:.9g}" for value in row) for row in zip(*columns, strict=True)]
    return "\n".join(rows) + "\n"


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyResults, StudyResults]:
    """A study of one cell to which every method of the house applies: evaluated, and from the cache."""
    folder = tmp_path_factory.mktemp("every-method")
    write_bdf_text(folder / "cell.bdf.csv", _test(), DECIMALS)
    (folder / "spectra.csv").write_text(_spectra())
    potential = np.linspace(3.56, 4.2, 130)
    pairs = zip(potential, equilibrium_charge(potential) * 6e-3, strict=True)
    (folder / "reference.txt").write_text(
        "\n".join(["OCV [V]\tQ [mAh]", *(f"{volt:.9f}\t{charge:.9f}" for volt, charge in pairs)]) + "\n"
    )
    (folder / "cells.csv").write_text(
        "cell,role,cam_mass_mg,cam_mass_standard_uncertainty_mg,counter_electrode,file,spectra_file,area_cm2\n"
        "liquid,reference,6,0.05,Li,reference.txt,,\n"
        "cell,cell,10,0.1,In/InLi,cell.bdf.csv,spectra.csv,0.785\n"
    )
    (folder / "study.toml").write_text(
        'schema_version = 1\n[methods.impedance]\nother_circuits = ""\n[methods.active]\nexpected_active_capacity_mAh_g = 218\n'
    )
    return run_study(folder), run_study(folder)


def _parts(value: object, path: str = "", *, kept: bool) -> Iterator[tuple[str, Any]]:
    """Whatever a result holds, down to arrays, numbers and texts, and where it is.

    ``kept``: fields only, as the cache keeps them; else also what was computed from them when it was first asked for.
    """
    yield path, value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for name in [one.name for one in dataclasses.fields(value)] if kept else vars(value):
            yield from _parts(getattr(value, name), f"{path}.{name}", kept=kept)
    elif isinstance(value, (tuple, list)):
        for number, one in enumerate(value):
            yield from _parts(one, f"{path}[{number}]", kept=kept)
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from _parts(name, f"{path}, a name", kept=kept)
            yield from _parts(one, f"{path}[{name!r}]", kept=kept)


def _looks(value: object) -> tuple[object, ...]:
    """What has to be the same in both runs."""
    if isinstance(value, np.ndarray):
        return (value.dtype, value.shape, value.tobytes())
    size = len(value) if isinstance(value, (tuple, list, Mapping)) else 0
    return (type(value), size, repr(value) if isinstance(value, (str, int, float, bool)) else "")


OF_CELLS = [name for place in OURS for name in loaded(place).methods if "cell" in loaded(place).method(name).samples]


OTHER_FILES = ("protocol_compliance", "scale")
"""Those that need files which this cell has not: settings of the cycler; a record without cycles."""


@pytest.mark.parametrize("method", [name for name in OF_CELLS if name not in OTHER_FILES])
def test_every_method_gives_the_same_unchangeable_result_on_a_cold_and_on_a_warm_run(
    method: str, twice: tuple[StudyResults, StudyResults]
) -> None:
    """No array can be written to; values, types and types of numbers are equal."""
    cold, warm = (one.cell("cell").outcomes[method] for one in twice)
    assert (cold.status, cold.error) == ("ok", None)
    for outcome in (cold, warm):
        arrays = [pair for pair in _parts(outcome.result, kept=False) if isinstance(pair[1], np.ndarray)]
        assert arrays
        assert [path for path, one in arrays if one.flags.writeable] == []
    fields = [{path: _looks(one) for path, one in _parts(outcome.result, kept=True)} for outcome in (cold, warm)]
    assert fields[0] == fields[1]


def test_the_second_run_took_everything_from_the_cache(twice: tuple[StudyResults, StudyResults]) -> None:
    """Else both would be cold."""
    assert {name for _, name in twice[0].read_anew} == {"cell", "liquid"}
    assert twice[1].read_anew == ()
