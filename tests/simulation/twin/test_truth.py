"""The truth file and campaigns drawn from a seed."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.simulation.twin.campaign import Plan, drawn, slow_particles
from cathodelab.simulation.twin.instrument import Faults
from cathodelab.simulation.twin.protocols import pulse_titration, stepped_titration
from cathodelab.simulation.twin.truth import Batch, Campaign, generated, read_truth, written

PLAN = Plan(
    title="two batches",
    batches=(Batch("a", "by hand", 0.8, 0.05), Batch("b", "", 0.9)),
    cells_of_batch={"a": 2},
    flawed=(("b", "slow", slow_particles(0.2, exchange=1e-3)),),
    reference_protocol=pulse_titration(pulses=3, rest_second=1800),
    cell_protocol=stepped_titration((3.05,), rest_second=3600),
)


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    """A reference, two sound cells, one with slow particles."""
    return drawn(PLAN, seed=3)


def test_a_truth_file_is_read_back_as_it_was_written(campaign: Campaign) -> None:
    """Field by field, and byte by byte."""
    assert read_truth(written(campaign)) == campaign
    assert written(drawn(PLAN, seed=3)) == written(campaign) != written(drawn(PLAN, seed=4))


def test_the_file_alone_decides_the_data(campaign: Campaign) -> None:
    """The same file gives the same rows; another seed of the file other noise."""
    first = generated(campaign)
    again = generated(read_truth(written(campaign)))
    other = generated(replace(campaign, seed=99))
    for one, two, three in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(one[1]["voltage_volt"], two[1]["voltage_volt"])
        assert np.any(one[1]["voltage_volt"] != three[1]["voltage_volt"])
        np.testing.assert_array_equal(one[0].charge_mAh, three[0].charge_mAh)


def test_batches_spread_as_stated_and_flaws_stand_in_the_truth(campaign: Campaign) -> None:
    """Beta of the stated mean and spread."""
    many = drawn(replace(PLAN, cells_of_batch={"a": 2000}, flawed=()), seed=1)
    values = np.array([cell.physics.utilization for cell in many.cells[1:]])
    assert np.mean(values) == pytest.approx(0.8, abs=0.005)
    assert np.std(values) == pytest.approx(0.05, abs=0.003)
    assert [cell.remark for cell in campaign.cells] == ["", "", "", "slow"]
    assert campaign.cells[-1].physics.populations[1].exchange_mA_g == pytest.approx(0.06)
    assert campaign.cells[-1].physics.utilization == 0.9


def test_a_wrong_label_swaps_the_weighed_mass(campaign: Campaign) -> None:
    """The manifest then holds what belongs to the other cell."""
    cells = list(campaign.cells)
    swapped = replace(cells[1].measurement, faults=Faults(mass_of=cells[2].physics.id))
    cells[1] = replace(cells[1], measurement=swapped)
    mixed = replace(campaign, cells=tuple(cells))
    assert mixed.weighed_mg(mixed.cells[1]) == campaign.weighed_mg(campaign.cells[2])
    own = campaign.cells[1]
    assert campaign.weighed_mg(own) == own.physics.cam_mass_mg + own.measurement.weighing_error_mg


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"schema_version": 2}, "schema_version"),
        ({"seeds": 1}, "seeds"),
        ({"seed": "one"}, "seed"),
        ({"cells": [{"role": "cell"}]}, "cells[0]"),
        (
            {"cells": [{"role": "cell", "physics": {"utilization": True}, "protocol": []}]},
            "cells[0].physics.utilization",
        ),
        ({"cells": [{"role": "anode", "physics": {}, "protocol": []}]}, "cells[0].role"),
        ({"cells": [{"role": "cell", "physics": {}, "protocol": []}] * 2}, "cell twin"),
        (
            {"cells": [{"role": "cell", "physics": {}, "protocol": [], "measurement": {"faults": {"mass_of": "x"}}}]},
            "cell twin",
        ),
    ],
)
def test_a_broken_truth_file_is_one_clear_error(change: dict[str, object], where: str) -> None:
    """It names the place."""
    record = {"schema_version": 1, "seed": 1, "title": "t", "cells": [], **change}
    with pytest.raises(CathodelabError) as caught:
        read_truth(json.dumps(record).encode())
    assert caught.value.code == "truth-invalid"
    assert caught.value.where == where


def test_no_json_is_said_to_be_none() -> None:
    """Bytes that are something else."""
    with pytest.raises(CathodelabError, match="no JSON"):
        read_truth(b"PK\x03\x04")
