"""Settings are declared once and checked all at once."""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cathodelab.core.settings import Knob, knob, knobs, settings_from, toml
from cathodelab.techniques.utilization.model import UtilizationSettings


@dataclass(frozen=True)
class EveryKind:
    """One setting of every kind that can be declared."""

    cycle: int = knob(1, "a cycle", low=1, high=50)
    rest: float = knob(0.5, "a rest", unit="h", low=0)
    drawn: bool = knob(False, "whether it is drawn")
    branch: str = knob("charge", "which branch", choices=("charge", "discharge"))
    windows: tuple[int, ...] = knob((), "which windows", kind=int, low=1)
    pressures: tuple[float, ...] = knob((50.0, 100.0), "pressures", unit="MPa", low=0)
    labels: tuple[str, ...] = knob(("a",), "labels")
    parts: tuple[str, ...] = knob((), "parts", kind=str, choices=("core", "shell"))
    folder: Path = knob(Path("out"), "where to")


def taken(name: str, value: object) -> tuple[Any, str]:
    """What becomes of one value of :class:`EveryKind`: the setting, and what is allowed if it was refused."""
    settings, problems = settings_from(EveryKind, {name: value}, "study.toml", "methods.every")
    assert len(problems) <= 1
    if problems:
        assert getattr(settings, name) == getattr(EveryKind(), name)
    return getattr(settings, name), problems[0].allowed if problems else ""


def test_every_problem_is_reported_with_what_is_allowed() -> None:
    """Unknown key, wrong word, wrong type, out of range, wrong list: five problems, defaults kept."""
    table = {
        "modus": "published",
        "mode": "optimistic",
        "minimum_rest_hours": "two",
        "slope_window_fraction": 7.0,
        "windows": [1.5],
    }
    settings, problems = settings_from(UtilizationSettings, table, "study.toml", "methods.utilization")
    assert settings == UtilizationSettings()
    assert {problem.column for problem in problems} == set(table)
    allowed = {problem.column: problem.allowed for problem in problems}
    assert allowed["mode"] == "one of corrected, published, worst_case, monte_carlo"
    assert allowed["slope_window_fraction"] == "a number, 0.02 to 1"
    assert allowed["minimum_rest_hours"] == "a number in h, 0 to 1000"


@dataclass(frozen=True)
class OneSided:
    """Limits on one side only, and none."""

    below: float = knob(1.0, "at most", high=10)
    above: float = knob(1.0, "at least", low=-10)
    free: float = knob(1.0, "anything")


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("below", -1e9, True),
        ("below", 11.0, False),
        ("above", 1e9, True),
        ("above", -11.0, False),
        ("free", -1e9, True),
    ],
)
def test_a_limit_on_one_side_leaves_the_other_open(name: str, value: float, *, kept: bool) -> None:
    """Nothing is compared with a limit that was not declared."""
    settings, problems = settings_from(OneSided, {name: value}, "study.toml", "methods.made")
    assert getattr(settings, name) == (value if kept else 1.0)
    assert bool(problems) is not kept


def test_given_values_replace_defaults() -> None:
    """Whole numbers are taken where decimals are meant."""
    settings, problems = settings_from(
        UtilizationSettings, {"windows": [2, 3], "minimum_rest_hours": 1}, "study.toml", "methods.utilization"
    )
    assert not problems
    assert settings.windows == (2, 3)
    assert settings.minimum_rest_hours == 1.0
    assert isinstance(settings.minimum_rest_hours, float)


@pytest.mark.parametrize("value", [2.7, "3", True, 0, 51, [3], float("nan")])
def test_a_whole_number_refuses_what_is_none(value: object) -> None:
    assert taken("cycle", value)[1].startswith("a whole number, 1 to 50")


def test_a_whole_number_with_a_decimal_point_is_refused_with_how_to_write_it() -> None:
    assert taken("cycle", 2.0) == (1, "a whole number, 1 to 50, written without a decimal point: 2")
    assert taken("cycle", 2) == (2, "")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), "0.5", True, None, -1.0, 10**400])
def test_a_number_refuses_what_is_not_finite_or_out_of_range(value: object) -> None:
    assert taken("rest", value)[1].startswith("a number in h, 0 or more")


def test_a_number_that_is_not_finite_is_named() -> None:
    assert taken("rest", float("inf"))[1] == "a number in h, 0 or more; inf is none"


@pytest.mark.parametrize("value", [0, 1, "true", "yes", None])
def test_a_truth_value_is_true_or_false_and_nothing_else(value: object) -> None:
    assert taken("drawn", value)[1].startswith("true or false")
    assert taken("drawn", value=True) == (True, "")
    assert ("quotation" in taken("drawn", value)[1]) == isinstance(value, str)


def test_a_text_with_choices_is_one_of_them() -> None:
    assert taken("branch", "discharge") == ("discharge", "")
    assert taken("branch", "both")[1] == "one of charge, discharge"
    assert taken("branch", 1)[1] == "one of charge, discharge"


def test_lists_are_checked_item_by_item() -> None:
    """Numbers may be written without a point, whole numbers not with one; range and choices hold for every item."""
    assert taken("windows", [2, 3]) == ((2, 3), "")
    assert taken("windows", [2, 0])[1] == "a list of whole numbers, each 1 or more, e.g. [2, 3, 4, 5]"
    assert taken("windows", [2, 3.0])[1].startswith("a list of whole numbers")
    assert taken("windows", 2)[1].startswith("a list of whole numbers")
    assert taken("pressures", [50, 75.5]) == ((50.0, 75.5), "")
    assert taken("pressures", [50, -1])[1] == "a list of numbers in MPa, each 0 or more, e.g. [0.5, 2, 10]"
    assert taken("pressures", [50, float("nan")])[1].startswith("a list of numbers")
    assert taken("labels", ["a", "b"]) == (("a", "b"), "")
    assert taken("labels", ["a", 1])[1].startswith("a list of texts")
    assert taken("parts", ["core", "shell"]) == (("core", "shell"), "")
    assert taken("parts", ["core", "rim"])[1] == 'a list out of core, shell, e.g. ["core", "shell"]'
    assert taken("windows", []) == ((), "")


def test_a_path_is_taken_from_a_text() -> None:
    assert taken("folder", "here/there") == (Path("here/there"), "")
    assert taken("folder", "")[1] == "a path"


def test_typed_texts_are_read_as_the_declared_kind() -> None:
    """The inputs of an operation arrive as texts; lists have commas."""
    known = {name: about for name, (_, about) in knobs(EveryKind).items()}
    assert known["cycle"].from_text("7") == (7, "")
    assert known["cycle"].from_text("2.7")[1].startswith("a whole number")
    assert known["cycle"].from_text("seven")[1].startswith("a whole number")
    assert known["rest"].from_text("2") == (2.0, "")
    assert known["rest"].from_text("nan")[1].endswith("nan is none")
    assert known["rest"].from_text("1e400")[1].endswith("inf is none")
    assert known["pressures"].from_text("50, 75.5,100") == ((50.0, 75.5, 100.0), "")
    assert known["pressures"].from_text("50,,100")[1].startswith("a list of numbers")
    assert known["windows"].from_text("") == ((), "")
    assert known["drawn"].from_text("true") == (True, "")
    assert known["drawn"].from_text("1")[1].startswith("true or false")
    assert known["branch"].from_text("discharge") == ("discharge", "")
    assert known["folder"].from_text("out") == (Path("out"), "")


def test_a_default_that_does_not_tell_its_kind_is_a_mistake_of_the_declaration() -> None:
    for default, arguments in (((), {}), (..., {}), (None, {}), (1, {"kind": float}), ((1, 2.0), {})):
        with pytest.raises(TypeError, match="kind"):
            knob(default, "whatever", **arguments)


def test_a_setting_without_default_is_required() -> None:
    about: Knob = knob(..., "files", kind=Path, many=True).metadata["knob"]
    assert about.required
    assert about.many
    assert about.taken(["a.csv", "b.csv"]) == ((Path("a.csv"), Path("b.csv")), "")


def test_every_default_is_allowed_and_is_written_as_it_is_read() -> None:
    """Also the way through a configuration file and back."""
    for name, (default, about) in knobs(EveryKind).items():
        assert about.taken(default) == (default, "")
        read = tomllib.loads(f"{name} = {toml(default)}")
        settings, problems = settings_from(EveryKind, read, "study.toml", "methods.every")
        assert not problems
        assert settings == EveryKind()
    written = EveryKind(cycle=3, drawn=True, pressures=(0.1, 1e-7), labels=("a b", "c"), folder=Path("a/b"))
    table = "\n".join(f"{field.name} = {toml(getattr(written, field.name))}" for field in dataclasses.fields(written))
    assert settings_from(EveryKind, tomllib.loads(table), "study.toml", "methods.every") == (written, [])
