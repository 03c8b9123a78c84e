"""Stress records: shares above an intensity, one reading, to a file and back."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.core.stress import GrainScatter, StressRecord, common_reading, stress_record_from

_GRAINS = GrainScatter(100, 300.0, 1e-3, 0.02, (1.0, 5.0, 9.0), (0.1, 0.5, math.nan))


def _record() -> StressRecord:
    """Events: 1, 3 and 4 a second in the decades from 0.01 to 10 J/kg; single collisions only in the middle one."""
    return StressRecord(
        speed_rpm=1000.0, time_s=2.0, collision="ended", work="half", stress_intensity_j_kg=0.5,
        stress_intensity_error_j_kg=0.1, stress_number=6.0, stress_number_error=math.nan, specific_power_w_kg=3.0,
        specific_power_error_w_kg=0.2, edges_j_kg=np.array([0.01, 0.1, 1.0, 10.0]),
        frequency_per_s=np.array([1.0, 3.0, 4.0]), single_frequency_per_s=np.array([0.0, 5.0, 0.0]), normal_share=0.3,
        wall_share=0.4, hardest_j_kg=1.0, grains=_GRAINS, source="a run", doubts=("The account does not close.",),
    )  # fmt: skip


def test_the_share_of_harder_events_is_read_from_the_bins() -> None:
    """At edges exactly, inside a bin evenly over the logarithm, beyond the ends none or all; without events nothing."""
    record = _record()
    assert record.share_above(0.1) == pytest.approx(7 / 8)
    assert record.share_above(1.0) == pytest.approx(0.5)
    assert record.share_above(math.sqrt(0.1)) == pytest.approx(7 / 8 - 3 / 16)
    assert record.share_above(1e-9) == 1
    assert record.share_above(99.0) == 0
    assert record.share_above(0.1, single=True) == 1
    assert math.isnan(replace(record, frequency_per_s=np.zeros(3)).share_above(1.0))


def test_intensity_times_number_is_the_specific_energy() -> None:
    """In whatever reading."""
    assert _record().specific_energy_j_kg == pytest.approx(3.0)


def test_a_record_comes_back_from_its_file_as_it_was() -> None:
    """Through JSON without nan: what is not known is null."""
    record = _record()
    text = json.dumps(record.as_data(), allow_nan=False)
    again = stress_record_from(json.loads(text))
    assert json.dumps(again.as_data()) == text
    assert math.isnan(again.stress_number_error)
    assert again.grains is not None
    assert again.grains.number_quantiles == _GRAINS.number_quantiles
    assert math.isnan(again.grains.intensity_quantiles_j_kg[2])
    assert again.doubts == record.doubts


def test_half_and_full_shares_are_never_mixed() -> None:
    """One reading is named; two are refused with both."""
    record = _record()
    assert common_reading([record, record]) == "collision: ended; work: half"
    with pytest.raises(CathodelabError, match="work: full") as raised:
        common_reading([record, replace(record, work="full")])
    assert raised.value.code == "stress-readings"
    with pytest.raises(CathodelabError):
        common_reading([])


@pytest.mark.parametrize("without", ["work", "grains", "edges_j_kg"])
def test_a_record_that_lacks_something_is_refused(without: str) -> None:
    """With what is missing."""
    data = _record().as_data()
    del data[without]
    with pytest.raises(CathodelabError, match=without) as raised:
        stress_record_from(data)
    assert raised.value.code == "stress-record"
