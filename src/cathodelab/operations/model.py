"""What goes into each operation: declared once, so that a door can make its options, its checks and its words from them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cathodelab.core.operation import Output
from cathodelab.core.settings import knob

if TYPE_CHECKING:
    from cathodelab.core.checks import Check


@dataclass(frozen=True)
class FolderInput:
    """A study folder."""

    folder: Path = knob(..., "the study folder", kind=Path)


@dataclass(frozen=True)
class InitInput(FolderInput):
    """A folder for a new study, or a study that gets further tables."""

    tables: bool = knob(
        False, "write the tables of materials, composites, pellets and files from what the table of cells says"
    )


@dataclass(frozen=True)
class PagesInput:
    """Where reference pages go."""

    folder: Path = knob(..., "folder of the pages", kind=Path)


_PDF = "write report.pdf too (needs the extra `pdf`)"
_PAPER = "figures for a paper too: each as pdf, and for one column of a page (8.4 cm)"
_MOST_PROCESSES = 1024


@dataclass(frozen=True)
class RunInput(FolderInput):
    """A study folder and how many processes work on it."""

    jobs: int = knob(
        0,
        "processes beside this one, started when there is work for them; 0: one a core, 1: none",
        low=0,
        high=_MOST_PROCESSES,
    )
    pdf: bool = knob(False, _PDF)
    paper: bool = knob(False, _PAPER)
    fresh: bool = knob(False, "take nothing from the cache: read, evaluate and draw everything anew")
    trust_cache: bool = knob(
        False, "believe the cache of a study that was evaluated by another user or on another machine"
    )


@dataclass(frozen=True)
class DemoInput:
    """Where the demonstration goes, and its seed."""

    folder: Path = knob(..., "folder to make", kind=Path)
    seed: int = knob(1, "seed of the generated data", low=0)
    pdf: bool = knob(False, _PDF)
    paper: bool = knob(False, _PAPER)


@dataclass(frozen=True)
class PlanInput(FolderInput):
    """A study with a reference, and what is wanted of the next titration."""

    uncertainty: float = knob(1.5, "wanted standard uncertainty of the utilization", unit="%", low=0.001, high=100)
    own: bool = knob(False, "count the cell's potentials, channel and rests only, without weighing and reference")
    utilization: float = knob(80.0, "utilization that is expected", unit="%", low=1, high=100)
    low: float = knob(3.7, "lowest relaxed potential vs. Li⁺/Li", unit="V", low=-5, high=10)
    high: float = knob(4.15, "highest relaxed potential vs. Li⁺/Li", unit="V", low=-5, high=10)
    relaxation: float = knob(0.4, "time constant of the relaxation", unit="h", low=0.001, high=1000)


@dataclass(frozen=True)
class CompareInput:
    """Two results of a study, and what counts as equal."""

    old: Path = knob(..., "the earlier results: a study folder, a results folder or a results.json", kind=Path)
    new: Path = knob(..., "the later results, likewise", kind=Path)
    tolerance: float = knob(0.01, "shifts up to so many half-widths of the old interval are no change", low=0, high=1e6)


@dataclass(frozen=True)
class FileInput:
    """A file that says what to do."""

    file: Path = knob(..., "the file", kind=Path)


@dataclass(frozen=True)
class SimulationInput(FileInput):
    """A run file and how far it is taken."""

    outputs: int = knob(0, "stop after so many more output intervals; 0: run to the end", low=0)


@dataclass(frozen=True)
class AnimationInput(FileInput):
    """A run file and the number of pictures."""

    pictures: int = knob(12, "output intervals to go on for, one picture each", low=1, high=100_000)


@dataclass(frozen=True)
class SweepInput(FileInput):
    """A file that asks for several runs, and who works on them."""

    jobs: int = knob(1, "processes", low=1, high=_MOST_PROCESSES)
    dask: str = knob("", "address of a Dask scheduler whose workers do the runs instead; they see the same folders")


@dataclass(frozen=True)
class GrainsInput(SweepInput):
    """A run file and grain diameters."""

    diameters: tuple[float, ...] = knob((300.0, 424.0, 600.0), "grain diameters", unit="µm", low=0.001)


@dataclass(frozen=True)
class SpeedsInput(SweepInput):
    """A run file and speeds of its machine."""

    speeds: tuple[float, ...] = knob((1000.0, 2500.0, 5000.0), "speeds of the machine", unit="1/min", low=0.001)


@dataclass(frozen=True)
class SpectraInput:
    """Files with impedance spectra, each of one cell, and what is known of them."""

    files: tuple[Path, ...] = knob(..., "files with impedance spectra, each of one cell", kind=Path, many=True)
    folder: Path = knob(Path("impedance"), "folder for the figures")
    columns: str = knob("", "text file with column maps ([columns.NAME], as in study.toml) for files of other formats")
    area: float = knob(
        0.0, "electrode area; 0: not stated, that of a 10 mm die is assumed", unit="cm²", low=0, high=1e6
    )
    circuit: str = knob("", "circuit in Boukamp's notation; empty: that of the source, then others")
    parameters: str = knob("", "parameters fixed, bounded or shared: n_2 = 0.85; R_1 = 30 to 50; n_2 = n_3")
    without: str = knob("", "points that are not evaluated, in Hz, one by one or in ranges: 50; 140-160")
    distribution: bool = knob(False, "also compute the distribution of relaxation times")
    charge: tuple[float, ...] = knob(
        (), "state of charge per g of active material: of each file in order, or one for all", unit="mAh/g", kind=float
    )
    counter: str = knob("counter electrode", "counter electrode that potentials are against")


@dataclass(frozen=True)
class CyclesInput:
    """Files of cycling tests, each of one cell, and what is known of them."""

    files: tuple[Path, ...] = knob(..., "files of cycling tests, each of one cell", kind=Path, many=True)
    folder: Path = knob(Path("cycles"), "folder for the tables")
    columns: str = knob("", "text file with column maps ([columns.NAME], as in study.toml) for files of other formats")
    mass: float = knob(
        0.0, "mass of active material; 0: not stated, nothing is given per gram", unit="mg", low=0, high=1e6
    )
    basis: float = knob(200.0, "capacity per g of active material that defines 1C", unit="mAh/g", low=1)
    begins: str = knob(
        "charge", "first half of a cycle; `first`: as the record begins", choices=("charge", "discharge", "first")
    )


@dataclass(frozen=True)
class WrittenFiles(Output):
    """Files that were written, what was checked on the way, and the result in words."""

    paths: tuple[Path, ...]
    checks: tuple[Check, ...] = ()
    said: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Every file, every check that did not pass, the words."""
        notes = [f"note ({check.name}): {check.sentence}" for check in self.checks if not check.passed]
        return [*(f"wrote {path}" for path in self.paths), *notes, *self.said]

    def record(self) -> dict[str, Any]:
        """Files, checks, words."""
        checks = [{"name": one.name, "passed": one.passed, "sentence": one.sentence} for one in self.checks]
        return {"schema_version": 1, "files": list(map(str, self.paths)), "checks": checks, "said": list(self.said)}
