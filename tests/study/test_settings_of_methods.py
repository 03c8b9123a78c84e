"""The settings of all methods are declared as what they are."""

from __future__ import annotations

from typing import Any, get_args, get_origin, get_type_hints

import pytest

from cathodelab.catalogue import techniques
from cathodelab.core.dimensions import DIMENSIONS
from cathodelab.core.settings import knobs
from cathodelab.core.units import plain
from cathodelab.study.manifest import kinds_of_samples
from cathodelab.study.settings import CRate, ReferenceElectrode

OF_METHODS = [one.method(name).settings for one in techniques() for name in one.methods]
OF_STUDIES = [one.study_method(name).settings for one in techniques() for name in one.study_methods]
ALL = [*OF_METHODS, *OF_STUDIES, CRate, ReferenceElectrode]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: str(kind.__name__))
def test_declared_kind_and_annotation_agree_and_defaults_are_allowed(kind: type[Any]) -> None:
    """A default of 1 where a number is meant would refuse 0.5; a wrong annotation would mislead the type checker."""
    annotations = get_type_hints(kind)
    for name, (default, about) in knobs(kind).items():
        many = get_origin(annotations[name]) is tuple
        annotated = get_args(annotations[name])[0] if many else annotations[name]
        assert (annotated, many) == (about.kind, about.many), name
        assert about.taken(default) == (default, ""), name


def test_units_of_settings_and_columns_are_those_of_the_table() -> None:
    """One spelling of units in the house: what is declared can be converted."""
    units = {about.unit for kind in ALL for _, about in knobs(kind).values()}
    units |= {column.unit for kind in kinds_of_samples().values() for column in kind.columns}
    known = {unit for dimension in DIMENSIONS for unit in dimension.units}
    assert len(units) > 10
    assert not {unit for unit in units if unit and plain(unit) not in known}
