"""Inputs of an operation are declared once and checked in one place, whichever door they come through."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.core.operation import Operation, Output, Progress
from cathodelab.core.settings import knob


@dataclass(frozen=True)
class Pressing:
    """What is wanted of a press."""

    files: tuple[Path, ...] = knob(..., "what is pressed", kind=Path, many=True)
    pressure: float = knob(380.0, "pressure", unit="MPa", low=0, high=1000)
    times: int = knob(1, "how often", low=1)
    steps: tuple[float, ...] = knob((), "pressures of the steps", unit="MPa", kind=float, low=0)
    heated: bool = knob(False, "whether it is warm")


@dataclass(frozen=True)
class Pressed(Output):
    """What was asked for, as it arrived."""

    inputs: Pressing

    def lines(self) -> list[str]:
        """One line."""
        return [f"{self.inputs.pressure:g} MPa"]

    def record(self) -> dict[str, Any]:
        """One number."""
        return {"pressure": self.inputs.pressure}


def press(inputs: Pressing, progress: Progress) -> Pressed:
    """The function of the operation."""
    del progress
    return Pressed(inputs)


PRESS = Operation("press", "Press it.", Pressing, press)


def refused(call: Any, *arguments: Any) -> CathodelabError:
    """The error of a call that has to fail."""
    with pytest.raises(CathodelabError) as caught:
        call(*arguments)
    assert caught.value.code == "input-invalid"
    return caught.value


def test_texts_become_inputs_of_the_declared_kinds() -> None:
    typed = {"files": ["a.csv", "b.csv"], "pressure": "50", "times": "2", "steps": "10,20.5", "heated": True}
    assert PRESS.inputs_of(typed) == Pressing((Path("a.csv"), Path("b.csv")), 50.0, 2, (10.0, 20.5), heated=True)
    assert PRESS.inputs_of({"files": ["a.csv"]}) == Pressing((Path("a.csv"),))


def test_every_input_that_is_not_allowed_is_named_as_the_door_writes_it() -> None:
    """With what is allowed; one error for all."""
    error = refused(
        PRESS.inputs_of,
        {"files": ["a"], "pressure": "-1", "times": "1.5", "steps": "1,two", "speed": "3"},
        lambda name: f"--{name}",
    )
    text = str(error)
    for words in (
        "--pressure is -1",
        "--pressure: a number in MPa, 0 to 1000",
        "--times: a whole number, 1 or more",
        "--steps: a list of numbers in MPa, each 0 or more, separated by commas",
        "--speed: no such input",
        "cathodelab press --help",
    ):
        assert words in text


@pytest.mark.parametrize("pressure", ["nan", "inf", "1001", "", "MPa"])
def test_a_number_has_to_be_one_in_its_range(pressure: str) -> None:
    error = refused(PRESS.inputs_of, {"files": ["a"], "pressure": pressure})
    assert error.why.startswith("Allowed is a number in MPa, 0 to 1000")
    assert error.where == "cathodelab press"


def test_what_must_be_given_is_missed() -> None:
    assert "files is missing" in refused(PRESS.inputs_of, {}).what


def test_inputs_that_were_made_in_code_are_checked_as_well() -> None:
    """A notebook is a door too."""
    error = refused(PRESS.run, Pressing((Path("a"),), pressure=float("nan")), lambda items, *_: items)
    assert "pressure is nan" in error.what
    refused(PRESS.run, Pressing((Path("a"),), times=True), lambda items, *_: items)
    given = Pressing((Path("a"),), pressure=0.0)
    output = PRESS.run(given, lambda items, *_: items)
    assert isinstance(output, Pressed)
    assert output.inputs is given
    assert output.complete
    assert output.page is None
