"""Figure, page and tables of a compaction."""

from __future__ import annotations

import numpy as np
import pytest
from compaction_pellets import PRESSURES, both, evaluated, heckel_um, in_die, kawakita_um, value

from cathodelab.core.samples import Sample
from cathodelab.figures.matplotlib_figure import rendered
from cathodelab.techniques.compaction.method import METHOD
from cathodelab.techniques.compaction.page import page, tables
from cathodelab.techniques.compaction.plot import figures

SAMPLE = Sample("p1", "pellet")


def test_the_figure_has_densities_and_the_line_of_the_numbers() -> None:
    """The line has the slope of the Heckel pressure, and its caption says window and error."""
    found = evaluated(both(heckel_um()))
    (spec,) = figures(SAMPLE, found)
    assert [one.y.quantity for one in spec.panels[:2]] == ["relative density", "ln(1/(1−D))"]
    line = next(one for one in spec.panels[1].series if one.kind == "line" and one.label == "in die")
    slope = float(np.ptp(line.y) / np.ptp(line.x))
    assert slope == pytest.approx(1 / value(found, "heckel_pressure_in_die"))
    assert "Line in die: P_H = 180" in spec.caption
    assert "0.5 to 375 MPa, 14 points" in spec.caption
    assert rendered(spec, "svg").startswith(b"<?xml")


def test_a_third_panel_shows_kawakita_where_it_fits() -> None:
    """P/C against P is a straight line there; the Heckel panel says that it has none."""
    (spec,) = figures(SAMPLE, evaluated(in_die(kawakita_um(a=0.5, b=0.02))))
    assert spec.panels[2].y.quantity == "P/C"
    points = next(one for one in spec.panels[2].series if one.kind == "points")
    assert points.y == pytest.approx(points.x / 0.5 + 1 / (0.5 * 0.02), rel=1e-3)
    assert "No line in die" in spec.caption


def test_a_single_point_has_no_figure() -> None:
    """One thickness is no curve."""
    assert figures(SAMPLE, evaluated(in_die(heckel_um()[-1:], PRESSURES[-1:]))) == ()


def test_page_and_tables_show_the_numbers_of_the_result() -> None:
    """Porosity first; every point with its mode and whether the line uses it; every law that was tried."""
    found = evaluated(both(heckel_um()))
    shown = page(SAMPLE, found, ())
    assert f"porosity {100 * value(found, 'porosity_out_of_die'):.2f}" in str(shown.top[0])
    assert "Heckel after rearrangement" in str(shown.rest)
    points, laws = tables([(SAMPLE, found)])
    assert len(points.rows) == 2 * PRESSURES.size
    first = points.records[0]
    assert (first["measured"], first["pressure_MPa"], first["in_heckel_window"]) == ("in die", 0.5, True)
    assert first["relative_density"] == pytest.approx(840.0 / heckel_um()[0])
    assert {one["law"] for one in laws.records} == {"Heckel", "Heckel after rearrangement", "Kawakita"}
    assert [one["law"] for one in laws.records if one["best"] and one["measured"] == "in die"] == ["Heckel"]
    assert [one.estimate for one in METHOD.shown([found])][:3] == [
        "porosity_out_of_die",
        "porosity_in_die",
        "heckel_pressure_in_die",
    ]
