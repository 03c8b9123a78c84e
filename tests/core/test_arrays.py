"""Arrays that travel cannot be changed: by one mechanism, for every dataclass of the package that holds some."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import pytest
from numpy.typing import NDArray

import cathodelab
from cathodelab.core.arrays import FloatArray, OwnArrays, ReadOnlyArrays, freeze_arrays

PROGRAMS = ("__main__", "_workbook_child", "_hdf5_child", "_parquet_child")
"""Modules that are started, not imported."""


@dataclass(frozen=True, eq=False)
class Holder(ReadOnlyArrays):
    """Arrays in all places where a field can have them."""

    plain: FloatArray
    whole: NDArray[np.int64]
    perhaps: FloatArray | None = None
    number_or_array: float | FloatArray = 1.0
    several: tuple[FloatArray, ...] = ()
    named: Mapping[str, FloatArray] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True, eq=False)
class Inner(OwnArrays):
    """A type of a hot loop."""

    values: FloatArray


def test_what_is_given_is_copied_and_stays_as_it_is() -> None:
    """The giver may go on writing into its own array."""
    own = np.arange(3.0)
    held = Holder(own, np.arange(3), own, own, (own, own), {"a": own})
    own[:] = 9
    arrays = (held.plain, held.perhaps, held.number_or_array, *held.several, held.named["a"])
    for array in arrays:
        np.testing.assert_array_equal(array, [0, 1, 2])
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 5  # type: ignore[index]
    assert held.whole.dtype == np.int64
    assert not held.whole.flags.writeable


def test_what_is_read_only_is_not_copied() -> None:
    """Neither arrays nor tuples and mappings of them."""
    first = Holder(np.arange(3.0), np.arange(3), several=(np.ones(2),), named={"a": np.ones(2)})
    second = dataclasses.replace(first, text="b")
    for one in dataclasses.fields(Holder):
        if one.name != "text":
            assert getattr(second, one.name) is getattr(first, one.name)


def test_an_inner_type_keeps_its_own_arrays_without_a_copy() -> None:
    """For hot loops; they are read-only from then on, for the giver as well."""
    own = np.arange(3.0)
    assert Inner(own).values is own
    assert not own.flags.writeable


def test_whole_numbers_become_doubles_where_floats_are_declared() -> None:
    """Also read-only ones; other mappings and lists are taken too."""
    whole = np.arange(3)
    whole.setflags(write=False)
    held = Holder(whole, whole, several=[whole], named=MappingProxyType({"a": whole}))  # type: ignore[arg-type]
    assert held.plain.dtype == held.several[0].dtype == held.named["a"].dtype == np.float64
    assert held.whole is whole


def _dataclasses() -> list[type]:
    modules = [
        importlib.import_module(module.name)
        for module in pkgutil.walk_packages(cathodelab.__path__, "cathodelab.")
        if not module.name.endswith(PROGRAMS)
    ]
    return [
        one
        for module in modules
        for one in vars(module).values()
        if isinstance(one, type) and dataclasses.is_dataclass(one) and one.__module__ == module.__name__
    ]


def _with_arrays(kind: type) -> list[str]:
    return [one.name for one in dataclasses.fields(kind) if "Array" in str(one.type) or "ndarray" in str(one.type)]


def test_every_frozen_dataclass_with_arrays_makes_them_read_only() -> None:
    """Each is given arrays in the fields that speak of arrays, and nothing in the others."""
    held = [kind for kind in _dataclasses() if _with_arrays(kind)]
    assert len(held) > 40
    loose = []
    for kind in held:
        if not kind.__dataclass_params__.frozen:  # type: ignore[attr-defined]
            assert kind.__name__.startswith("_"), f"{kind} travels and can be changed"
            continue
        made = object.__new__(kind)
        for name in _with_arrays(kind):
            object.__setattr__(made, name, np.ones(4))
        with suppress(Exception):  # what a class checks further cannot hold for such arrays
            made.__post_init__()  # type: ignore[attr-defined]
        loose += [f"{kind.__qualname__}.{name}" for name in _with_arrays(kind) if getattr(made, name).flags.writeable]
    assert loose == []


def test_a_dataclass_that_cannot_inherit_calls_the_function() -> None:
    """The same for both."""

    @dataclass(frozen=True, eq=False)
    class Other:
        values: FloatArray

        def __post_init__(self) -> None:
            freeze_arrays(self)

    assert not Other(np.ones(2)).values.flags.writeable
