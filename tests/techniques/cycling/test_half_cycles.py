"""Half cycles end where a limit ends them, however little they move; pulses lie inside them."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from cycling_cells import cell, evaluated, generated, made, record

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError
from cathodelab.core.records import Provenance
from cathodelab.formats.cell_records import cycling_record
from cathodelab.formats.readers import read_table
from cathodelab.techniques.cycling.chain import chain_of
from cathodelab.techniques.cycling.method import cycle_summary, cycling_metrics
from cathodelab.techniques.cycling.model import CyclingResult, CyclingSettings
from cathodelab.techniques.cycling.possible import refuse_partial_quotients
from cathodelab.techniques.cycling.quantities import NAMES
from cathodelab.techniques.cycling.turns import limit_of
from cathodelab_validation.cycler import CyclingTruth, Phase, cycles_of

BENCHMARK = Path(__file__).resolve().parents[3] / "benchmarks" / "cycling" / "half_cycles.py"


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    """The benchmark as a module."""
    spec = importlib.util.spec_from_file_location("half_cycles_benchmark", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def halves(result: CyclingResult) -> list[float]:
    """Charges of the half cycles in their order, + = charge, rounded to a µAh."""
    table = result.cycles
    pairs = zip(table.of("charge"), -table.of("discharge"), strict=True)
    return [round(float(one), 3) for pair in pairs for one in pair if np.isfinite(one)]


WHOLE = ((0.2, 1.8, 2.6, 3.6), (-0.2, 1.8, 3.5, 2.2))


def test_every_half_cycle_of_known_programmes_is_found_and_none_invented(benchmark: ModuleType) -> None:
    """A small form of benchmarks/cycling/half_cycles.py: nine families of tests, four instruments, another seed."""
    results = [benchmark.compared(*benchmark.drawn(number, seed=3)) for number in range(72)]
    assert {one.instrument for one in results} == {"BioLogic", "Neware", "Maccor", "Arbin"}
    assert len({one.family for one in results}) == 9
    assert [one for one in results if not one.right] == []
    assert min(one.smallest for one in results) < 1e-3
    assert sum(one.called_whole for one in results) == 0


def test_fast_cycles_of_a_poor_cell_are_cycles() -> None:
    """Three at 2C that give a sixtieth, each from limit to limit: their own capacities, rates and means."""
    fast = ((4.0, 0.030, 2.6, 3.6), (-4.0, 0.028, 3.5, 2.0))
    result = evaluated(made(*WHOLE * 3, *fast * 3, *WHOLE * 2))
    assert halves(result) == [1.8, -1.8] * 3 + [0.03, -0.028] * 3 + [1.8, -1.8] * 2
    table = result.cycles
    np.testing.assert_allclose(table.of("discharge_c_rate")[3:6], 2.0, rtol=1e-9)
    np.testing.assert_allclose(table.of("mean_discharge_potential")[3:6], 2.75, atol=1e-3)
    assert [level.label for level in result.rates] == ["formation 0.1C", "2C", "0.1C"]


def test_a_pulse_of_either_sign_stays_inside() -> None:
    """Between two parts of a charge; after a limit it belongs to the next half cycle."""
    parts = ((0.2, 0.9, 2.6, 3.1), (-2.0, 0.01, 3.0, 2.8), (0.2, 0.91, 3.1, 3.6), (-0.2, 1.8, 3.5, 2.2))
    result = evaluated(made(*WHOLE, *parts))
    assert halves(result) == [1.8, -1.8, 1.8, -1.8]
    top = ((0.2, 1.8, 2.6, 3.6), (-2.0, 0.01, 3.5, 3.3), (2.0, 0.01, 3.4, 3.55), (-0.2, 1.8, 3.5, 2.2))
    assert halves(evaluated(made(*WHOLE, *top))) == [1.8, -1.8, 1.8, -1.8]
    said = next(one for one in evaluated(made(*WHOLE, *top)).checks if one.name == "pulses")
    assert "1 pulses" in said.sentence
    assert said.passed is None


def test_a_reversal_that_is_no_pulse_ends_a_half_cycle() -> None:
    """A tenth of the charge given back in the middle, a limit or not."""
    back = ((0.2, 0.9, 2.6, 3.1), (-0.2, 0.3, 3.0, 2.8), (0.2, 1.2, 2.9, 3.6), (-0.2, 1.8, 3.5, 2.2))
    result = evaluated(made(*WHOLE, *back))
    assert halves(result) == [1.8, -1.8, 0.9, -0.3, 1.2, -1.8]
    table = result.cycles
    assert table.charge_full.tolist() == [True, False, True]
    assert np.isfinite(table.of("coulombic_efficiency")).tolist() == [True, False, False]
    assert np.isfinite(table.of("retention")).tolist() == [True, False, True]


def test_a_soft_short_leaves_the_cycles_before_it() -> None:
    """Ten sound cycles, then a charge without end."""
    result = evaluated(made(*WHOLE * 10, (0.2, 60.0, 2.6, 3.1)), mass=60.0)
    assert halves(result) == [1.8, -1.8] * 10 + [60.0]
    assert np.isnan(result.cycles.of("coulombic_efficiency")[-1])


def test_the_same_direction_is_parted_at_the_cyclers_next_cycle_only() -> None:
    """A second slow discharge belongs to the first, unless the cycler counts it as another cycle."""
    steps = (*WHOLE, *WHOLE, (-0.02, 0.1, 2.6, 2.2), *WHOLE)
    columns = made(*steps)
    assert halves(evaluated(columns)) == [1.8, -1.8, 1.8, -1.9, 1.8, -1.8]
    number = columns["step_count"] // 2
    count = np.select([number < 2, number < 4, number < 5], [1.0, 2.0, 3.0], 4.0)
    assert halves(evaluated(columns, cycle_count=count)) == [1.8, -1.8, 1.8, -1.8, -0.1, 1.8, -1.8]


def test_merging_over_the_cyclers_count_is_said() -> None:
    """A programme that counts every part of a charge as a cycle."""
    parts = (*((0.2, 0.3, 2.6 + 0.2 * i, 2.8 + 0.2 * i) for i in range(5)), (-0.2, 1.5, 3.5, 2.2))
    columns = made(*WHOLE, *parts)
    number = columns["step_count"] // 2
    result = evaluated(columns, cycle_count=np.maximum(number - 1, 1))
    assert halves(result) == [1.8, -1.8, 1.5, -1.5]
    said = next(one for one in result.checks if one.name == "cycle_counter")
    assert said.passed is False
    assert "4 times its count rises inside a half cycle (first in cycle 2)" in said.sentence


def test_efficiency_and_retention_come_of_whole_half_cycles_alone() -> None:
    """Mid-cycle at the start: retention refers to the first whole one, in the study and in the quick look."""
    columns = made((-0.2, 0.25, 2.6, 2.2), *WHOLE, (0.2, 1.8, 2.6, 3.6), (-0.2, 1.62, 3.5, 2.2))
    study = evaluated(columns).cycles
    quick = cycle_summary(cell(), record(columns), CyclingSettings(), 200.0)
    np.testing.assert_allclose(study.of("retention"), [np.nan, 1.0, 0.9])
    assert quick.number.tolist() == study.number.tolist() == [0, 1, 2]
    np.testing.assert_allclose(quick.values[NAMES.index("retention")], study.of("retention"))
    assert np.isnan(study.of("coulombic_efficiency")[0])


def test_a_cell_that_began_charged_has_no_first_efficiency() -> None:
    """The first charge takes a tenth of what the discharge gives; a cell of a fresh start has one."""
    part_way = evaluated(made((0.2, 0.2, 3.3, 3.6), (-0.2, 1.8, 3.5, 2.2), *WHOLE))
    assert np.isfinite(part_way.cycles.of("coulombic_efficiency")).tolist() == [False, True]
    said = next(one for one in part_way.checks if one.name == "starts_with_whole_cycle")
    assert said.passed is False
    assert "the cell was not at its limit" in said.sentence
    fresh = evaluated(generated((0.1, 0.1), CyclingTruth(start_volt=2.7))).cycles
    assert np.isfinite(fresh.of("coulombic_efficiency")).all()


def test_slow_steps_beside_fast_ones_are_no_rests() -> None:
    """A check-up at a five-hundredth of the current, which the cycler counts."""
    slow = ((0.01, 1.8, 2.6, 3.6), (-0.01, 1.8, 3.5, 2.2))
    fast = ((5.0, 1.5, 2.6, 3.6), (-5.0, 1.5, 3.5, 2.2))
    assert halves(evaluated(made(*slow, *fast * 6))) == [1.8, -1.8] + [1.5, -1.5] * 6


def test_a_hold_against_the_step_before_it_is_of_its_own_direction() -> None:
    """Charged to 3.6 V and then held at 3.4 V: current flows out, and no part of the charge is below nothing."""
    columns = made(*WHOLE, (0.2, 1.8, 2.6, 3.6), (-0.2, 0.4, 3.4, 3.4), (-0.2, 1.4, 3.4, 2.2))
    held = columns["step_count"] == 6
    rows = int(held.sum())
    columns["current_ampere"][held] *= np.exp(-np.linspace(0, 4, rows))
    table = evaluated(columns).cycles
    assert np.all(table.of("gross_charge_capacity_cv") >= 0)
    assert table.of("gross_discharge_capacity_cv")[1] == pytest.approx(40.0, rel=1e-6)


def test_a_sum_that_no_record_has_is_an_error_of_ours() -> None:
    """A count of charge that jumps back within a step: the mean potential would leave the record."""
    columns = made(*WHOLE)
    net = columns["net_charge_ampere_hour"].copy()
    net[20:30] -= 0.002
    with pytest.raises(CathodelabError) as caught:
        evaluated({**columns, "net_charge_ampere_hour": _falling(net)})
    assert caught.value.code == "impossible-sums"
    assert "fault in cathodelab" in caught.value.why


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"closed": [True, True, True]}, "One of its half cycles is partial or missing"),
        ({"discharge_whole": [True, True, True]}, "One of its half cycles is partial or missing"),
        ({"charge_whole": [True, True, True]}, "One of its half cycles is partial or missing"),
        ({"retention_index": 0}, "The cycle that retention refers to has no whole discharge"),
    ],
)
def test_a_quotient_of_a_partial_half_cycle_is_an_error_of_ours(changed: dict[str, Any], said: str) -> None:
    """The record begins in the middle of a discharge; sums that take it for a whole one are caught."""
    columns = made((-0.2, 0.25, 2.6, 2.2), *WHOLE, (0.2, 1.8, 2.6, 3.6), (-0.2, 1.62, 3.5, 2.2))
    chain = chain_of(cell(), record(columns), CyclingSettings(), 200.0)
    refuse_partial_quotients(chain.halves, chain.cycles, chain.sums)
    arrays = {name: np.array(value) if isinstance(value, list) else value for name, value in changed.items()}
    with pytest.raises(CathodelabError) as caught:
        refuse_partial_quotients(chain.halves, chain.cycles, replace(chain.sums, **arrays))
    assert caught.value.code == "impossible-sums"
    assert said in caught.value.why
    assert "fault in cathodelab" in caught.value.why


def test_study_and_quick_look_have_one_rule_of_retention(benchmark: ModuleType) -> None:
    """On 36 programmes of four instruments: the same retentions and efficiencies, and only of cycles that are whole."""
    seen = 0
    for number in range(36):
        test, instrument = benchmark.drawn(number, seed=11)
        ending, write = benchmark.FORMATS[instrument]
        table, reader = read_table(f"a.{ending}", write(test.steps).encode("latin-1"))
        one = cycling_record([table], [Provenance("a", "", reader.id, reader.version)])
        study = cycling_metrics(cell(1e5), one, CyclingSettings(), 200.0).cycles
        quick = cycle_summary(cell(1e5), one, CyclingSettings(), 200.0)
        np.testing.assert_array_equal(quick.values[NAMES.index("retention")], study.of("retention"))
        known = np.isfinite(study.of("retention"))
        assert not (known & ~study.discharge_full).any()
        assert not (np.isfinite(study.of("coulombic_efficiency")) & ~(study.charge_full | study.discharge_full)).any()
        if known.any():
            first = np.flatnonzero(known & (study.number >= 1))[0]
            assert study.of("retention")[first] == 1.0
            seen += 1
    assert seen > 25


def _falling(net: FloatArray) -> FloatArray:
    """Charge that is counted down where the potential is low, and up again where it is high."""
    bent = net.copy()
    bent[:20] -= np.linspace(0, 5e-3, 20)
    bent[20:40] += np.linspace(-5e-3, 0, 20)
    return bent


def test_the_limit_is_where_several_half_cycles_end() -> None:
    """One beyond it is an accident; without two alike it is the farthest."""
    assert limit_of(np.array([3.7, 3.701, 3.0, 3.95])) == pytest.approx(3.701)
    assert limit_of(np.array([3.0, 3.5])) == pytest.approx(3.5)
    assert limit_of(np.zeros(0)) == np.inf


@pytest.mark.parametrize("begins", ["charge", "discharge"])
def test_a_programme_may_begin_with_either_half(begins: str) -> None:
    """The same half cycles, paired in another way."""
    protocol: Sequence[Phase] = cycles_of((0.1, 0.3))
    result = evaluated(generated(protocol=protocol), cycle_begins_with=begins)
    assert result.cycles.count == (2 if begins == "charge" else 3)
    chain = chain_of(cell(), record(generated(protocol=protocol)), CyclingSettings(), 200.0)
    assert chain.halves.direction.tolist() == [1, -1, 1, -1]
