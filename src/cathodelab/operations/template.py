"""The commented template that `init` writes."""

from __future__ import annotations

from pathlib import Path

from cathodelab.catalogue import techniques
from cathodelab.core.columns import Column
from cathodelab.core.errors import CathodelabError
from cathodelab.core.settings import knobs, toml
from cathodelab.study.cache import write_atomically
from cathodelab.study.manifest import kinds_of_samples
from cathodelab.study.settings import CONFIGURATION, CRate, ReferenceElectrode

_SHEETS = ("cells.csv", "cells.xlsx", "study.xlsx")
_CELLS = """\
# One row a cell; lines that start with # are ignored. Save as CSV (UTF-8), or use cells.xlsx instead.
# role: cell (solid state) or reference (liquid electrolyte, same active material).
# cam_mass_mg: active material in the cathode, mg; with coating_mass_fraction given, the coating is subtracted.
# cam_mass_standard_uncertainty_mg: standard uncertainty; a balance's "0.1 mg" without a word is a limit: divide by 1.73.
# counter_electrode: Li, In/InLi, LTO, graphite, Si.
# file: relative to this folder; several files of one test: a.csv;b.csv
# Example rows (remove the # and put your own):
#liquid-01,reference,5.25,0.05,Li,raw/liquid-01.csv{gaps}
#ssb-01,cell,10.40,0.06,In/InLi,raw/ssb-01.csv{gaps}
"""


def write_template(folder: Path) -> tuple[Path, ...]:
    """Write ``cells.csv`` and ``study.toml`` with comments; overwrites nothing.

    Raises:
        CathodelabError: one of the files exists.
    """
    existing = [name for name in (*_SHEETS, CONFIGURATION) if (folder / name).exists()]
    if existing:
        raise CathodelabError(
            "study-exists",
            f"{folder.name} already holds {', '.join(existing)}",
            where=str(folder),
            why="A template never overwrites a manifest.",
            what_to_do="Name another folder, or edit the files that are there.",
        )
    declared = kinds_of_samples()["cell"].columns
    needed = [one for one in declared if one.needed]
    listed = [one for one in declared if one.tier]
    others = [one for one in declared if not one.needed and not one.tier]
    columns = [*(one.name for one in (*needed, *listed)), "excluded", "exclusion_reason"]
    notes, examples = _CELLS.format(gaps="," * (len(columns) - len(needed))).split("# Example rows", 1)
    meanings = "".join(f"# {_said(one)} [{one.tier} for a complete report]\n" for one in listed)
    meanings += "# Further columns that are used where they are given:\n"
    meanings += "".join(f"# {_said(one)}\n" for one in others)
    sheet = f"{notes}{meanings}{','.join(columns)}\n# Example rows{examples}"
    (folder / "raw").mkdir(parents=True, exist_ok=True)
    paths = (folder / "cells.csv", folder / CONFIGURATION)
    write_atomically(paths[0], sheet.encode())
    write_atomically(paths[1], _configuration().encode())
    return paths


def _said(one: Column) -> str:
    """A column with its meaning, and what may stand in it where that is not any text."""
    unit = f" ({one.unit})" if one.unit not in {"", "1"} else ""
    return f"{one.name}: {one.meaning}{unit}"


def _configuration() -> str:
    """Every setting with its default, commented out, with meaning, unit and range."""
    lines = [
        "# Settings of this study. Everything is optional; what stands here commented out is the default.",
        "schema_version = 1",
        '# title = "my study"',
        "",
    ]
    groups = [("reference_electrode", ReferenceElectrode), ("c_rate", CRate)]
    for home in techniques():
        groups += [(f"methods.{name}", home.method(name).settings) for name in home.methods]
        groups += [(f"methods.{name}", home.study_method(name).settings) for name in home.study_methods]
    for section, kind in groups:
        if not knobs(kind):
            continue
        lines.append(f"[{section}]")
        for name, (default, about) in knobs(kind).items():
            lines.append(f"# {about.meaning} ({about.allowed})")
            lines.append(f"# {name} = {toml(default)}")
        lines.append("")
    lines += [
        "# A foreign table: name its columns and their units.",
        "# [columns.mylab]",
        '# time = { column = "t/h", unit = "h" }',
        '# voltage = { column = "Ewe/V", unit = "V" }',
        '# current = { column = "I/mA", unit = "mA" }',
        "",
    ]
    return "\n".join(lines)
