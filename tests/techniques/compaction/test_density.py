"""Density of mixtures: shares of the mass, percent, recipes, volumes, and who states what."""

from __future__ import annotations

import math

import numpy as np
import pytest
from compaction_pellets import material, mixture

from cathodelab.core.errors import CathodelabError
from cathodelab.core.samples import Sample
from cathodelab.techniques.compaction.density import (
    density_of_volume_shares,
    mixture_density,
    parts_of,
    recipe_of,
    refuse_shares,
)

CAM, ELECTROLYTE = material("ncm85", "4.78"), material("lpscl", "1.64")


def test_the_density_of_a_mixture_is_that_of_its_volumes() -> None:
    """7 g and 3 g fill 7/4.78 + 3/1.64 cm3."""
    density = float(mixture_density(np.array([0.7, 0.3]), np.array([4.78, 1.64])))
    assert density == pytest.approx(10 / (7 / 4.78 + 3 / 1.64))
    assert density == pytest.approx(3.0361, abs=1e-4)
    assert density_of_volume_shares(np.array([0.7, 0.3]), np.array([4.78, 1.64])) == pytest.approx(3.838)


def test_shares_of_100_are_percent_and_103_are_refused() -> None:
    """In percent or as fractions; a recipe such as 70:30:1 is told how it would read."""
    assert refuse_shares({"a": 70.0, "b": 30.0}, "p") == pytest.approx({"a": 0.7, "b": 0.3})
    assert refuse_shares({"a": 0.7, "b": 0.3}, "p") == pytest.approx({"a": 0.7, "b": 0.3})
    for shares in ({"a": 0.73, "b": 0.30}, {"a": 73.0, "b": 30.0}, {"a": 7.0, "b": 3.0}):
        with pytest.raises(CathodelabError, match="sum to") as caught:
            refuse_shares(shares, "composite c1")
        assert caught.value.code == "shares-sum"
    with pytest.raises(CathodelabError, match="sum to 101") as caught:
        refuse_shares({"cam": 70.0, "se": 30.0, "cnf": 1.0}, "composite c1")
    assert "cam: 69.31; se: 29.7; cnf: 0.9901" in caught.value.what_to_do


def test_a_share_that_is_not_stated_is_refused_unless_there_is_one_part() -> None:
    """The one part is the whole; of several every share counts."""
    assert refuse_shares({"a": math.nan}, "p") == {"a": 1.0}
    for bad in (math.nan, -0.1):
        with pytest.raises(CathodelabError, match="share of b") as caught:
            refuse_shares({"a": 0.7, "b": bad}, "p")
        assert caught.value.code == "shares-missing"


def test_parts_are_found_through_composites_and_premixes() -> None:
    """Pellet of a composite of a premix: shares multiply, the same powder counts once."""
    premix = mixture("composite", "premix", [(ELECTROLYTE, 0.8), (material("cb", "1.96"), 0.2)])
    composite = mixture("composite", "c1", [(CAM, 0.7), (premix, 0.2), (ELECTROLYTE, 0.1)])
    one = mixture("pellet", "p1", [(composite, math.nan)])
    shares = {part.name: part.share for part in parts_of(one)}
    assert shares == pytest.approx({"ncm85": 0.7, "lpscl": 0.26, "cb": 0.04})
    assert recipe_of(one) == "composite c1"


def test_a_stated_density_counts_before_its_parts() -> None:
    """Of the pellet, or of the composite; never that of an ancestor as its own."""
    composite = mixture("composite", "c1", [(CAM, 0.7), (ELECTROLYTE, 0.3)], theoretical_density_g_cm3="3.1")
    part = parts_of(mixture("pellet", "p1", [(composite, 1.0)]))[0]
    assert (part.name, part.share, part.density.value) == ("c1", 1.0, 3.1)
    own = mixture(
        "pellet",
        "p1",
        [(composite, 1.0)],
        theoretical_density_g_cm3="3,2",
        theoretical_density_standard_uncertainty_g_cm3="0.05",
    )
    assert (parts_of(own)[0].density.value, parts_of(own)[0].density.plus) == (3.2, 0.05)


def test_a_powder_without_density_and_a_sample_made_of_itself_are_named() -> None:
    """The error says whose density is missing."""
    with pytest.raises(CathodelabError, match="density of lpscl is not known") as caught:
        parts_of(mixture("pellet", "p1", [(CAM, 0.7), (material("lpscl"), 0.3)]))
    assert caught.value.code == "density-missing"
    one: Sample = material("loop")
    for _ in range(20):
        one = mixture("material", "loop", [(one, 1.0)])
    with pytest.raises(CathodelabError, match="made of itself"):
        parts_of(one)
