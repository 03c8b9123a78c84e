"""The way of a current by its state, in the words of the makers."""

from __future__ import annotations

import numpy as np
import pytest

from cathodelab.formats.shared.directions import signed_current, way_of


@pytest.mark.parametrize(
    ("states", "way"),
    [
        (["C", "c", "CC Chg", "CCCV_Chg", "Charge", "CHA", "恒流充电", "Laden", "CC-CV_charge"], 1.0),
        (["D", "CC DChg", "CC_DChg", "Discharge", "DCH", "恒流放电", "Entladen"], -1.0),
        (["R", "Rest", "Pause", "搁置", "S", "", "PAU", "OCV", "End"], 0.0),
    ],
)
def test_a_state_tells_the_way(states: list[str], way: float) -> None:
    assert [way_of(one) for one in states] == [way] * len(states)


def test_the_sign_comes_from_the_file_or_from_its_states_and_it_is_said() -> None:
    size, ways, steps = np.array([1.0, 1.0, 0.0, 2.0]), np.array([1.0, 1.0, 0.0, -1.0]), np.zeros(4, bool)
    signed, note = signed_current(size, ways, steps, "step type")
    assert signed.tolist() == [1.0, 1.0, 0.0, -2.0]
    assert "no sign" in note
    kept, note = signed_current(signed, ways, steps, "step type")
    assert kept.tolist() == signed.tolist()
    assert "agrees with the step type in every row" in note
    assert signed_current(-signed, ways, steps, "step type")[0].tolist() == signed.tolist()
    assert "neither signs nor" in signed_current(size, None, steps, "step type")[1]
