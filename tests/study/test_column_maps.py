"""Column maps of study.toml: any kind of table that is known, also those that a technique brings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cathodelab.core.errors import StudyInvalid
from cathodelab.formats.readers import read_table
from cathodelab.formats.table import TableKind
from cathodelab.formats.technique import Technique
from cathodelab.study import settings
from cathodelab.study.manifest import load_study
from cathodelab.study.run import run_study

HEAD = "cell,role,cam_mass_mg,cam_mass_standard_uncertainty_mg,counter_electrode,file,columns,area_cm2\n"
KINDS = (TableKind("pressed pellets", ("pressure_megapascal",), words={"pressure": "pressure_megapascal"}),)


def study(folder: Path, configuration: str) -> Path:
    """One cell whose file needs a column map."""
    turn = 2j * np.pi * np.logspace(6, -1, 50)
    z = 0.04 + 0.1 / (1 + (turn * 1.6e-4) ** 0.85) + 1e-3 / (0.3 * turn**0.55)
    rows = "\n".join(f"{w.imag / 2e3 / np.pi};{one.real};{-one.imag}" for w, one in zip(turn, z, strict=True))
    (folder / "z.txt").write_text(f"our analyser\nw;a;b\n{rows}\n")
    (folder / "cells.csv").write_text(HEAD + "a,cell,8,0.1,In/InLi,z.txt,mine,1.0\n")
    (folder / "study.toml").write_text("schema_version = 1\n[columns.mine]\n" + configuration)
    return folder


SPECTRA = """
kind = "impedance spectra"
skip_rows = 1
frequency = { column = "w", unit = "kHz" }
real = { column = "a", unit = "kOhm" }
imaginary = { column = "b", unit = "kΩ", factor = -1 }
"""


def test_foreign_spectra_are_evaluated_once_they_are_declared(tmp_path: Path) -> None:
    """In kilohertz and kiloohm, with the imaginary part turned: 140 ohm at low frequencies' shoulder, 40 ohm at the high end."""
    outcome = run_study(study(tmp_path, SPECTRA)).cell("a").outcomes["impedance"]
    assert outcome.error is None
    spectrum = outcome.result.spectra[0].spectrum
    assert spectrum.frequency_hertz.max() == pytest.approx(1e6)
    assert spectrum.frequency_hertz.min() == pytest.approx(0.1)
    assert spectrum.real_ohm[np.argmax(spectrum.frequency_hertz)] == pytest.approx(40, rel=0.05)
    assert (spectrum.imaginary_ohm < 0).all()


def test_without_the_declared_sign_the_spectrum_is_refused(tmp_path: Path) -> None:
    """No guess: the technique sees that the sign cannot be true."""
    outcome = run_study(study(tmp_path, SPECTRA.replace(", factor = -1", ""))).cell("a").outcomes["impedance"]
    assert outcome.error is not None
    assert "wrong sign" in outcome.error.what


def test_a_map_may_be_of_a_kind_that_a_technique_brings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configuration = 'kind = "pressed pellets"\npressure = { column = "p", unit = "bar" }\n'
    with pytest.raises(StudyInvalid, match="Allowed: one of cycling, "):
        load_study(study(tmp_path, configuration))
    brought = Technique(id="pressing", tables=f"{__name__}:KINDS")
    monkeypatch.setattr(settings, "techniques", lambda: (brought,))
    declared = settings.configuration(tmp_path)[0].column_maps
    table, _ = read_table("a.csv", b"p,q\n500,1\n1000,2\n", declared, "mine")
    assert table.kind == "pressed pellets"
    assert table.column("pressure_megapascal").tolist() == pytest.approx([50.0, 100.0])


def test_kinds_of_techniques_are_loaded_only_where_a_map_is_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A study without such a map imports no code of a technique for it."""

    def never() -> tuple[Technique, ...]:
        raise AssertionError("techniques were asked")

    monkeypatch.setattr(settings, "techniques", never)
    assert not settings.column_maps({"mine": {"kind": "cycling"}}, [])
