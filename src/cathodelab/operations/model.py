"""What goes into each operation and what comes out: typed, so that a door can make its options and its words from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cathodelab.core.checks import Check
    from cathodelab.core.errors import CathodelabError
    from cathodelab.study.manifest import Study
    from cathodelab.study.run import StudyResults
    from cathodelab.techniques.impedance.model import ImpedanceResult
    from cathodelab.techniques.utilization.plan import PlannedTitration

Progress = Callable[[Iterable[Any], int, str], Iterable[Any]]


def _said(meaning: str, default: Any = ...) -> Any:  # noqa: ANN401 - as dataclasses.field
    metadata = {"help": meaning}
    return field(metadata=metadata) if default is ... else field(default=default, metadata=metadata)


@dataclass(frozen=True)
class FolderInput:
    """A study folder."""

    folder: Path = _said("the study folder")


_PDF = "write report.pdf too (needs the extra `pdf`)"
_PAPER = "figures for a paper too: each as pdf, and for one column of a page (8.4 cm)"


@dataclass(frozen=True)
class RunInput(FolderInput):
    """A study folder and how many processes work on it."""

    jobs: int = _said("processes beside this one, started when there is work for them; 0: one a core, 1: none", 0)
    pdf: bool = _said(_PDF, False)  # noqa: FBT003 - a default
    paper: bool = _said(_PAPER, False)  # noqa: FBT003 - a default


@dataclass(frozen=True)
class DemoInput:
    """Where the demonstration goes, and its seed."""

    folder: Path = _said("folder to make")
    seed: int = _said("seed of the generated data", 1)
    pdf: bool = _said(_PDF, False)  # noqa: FBT003 - a default
    paper: bool = _said(_PAPER, False)  # noqa: FBT003 - a default


@dataclass(frozen=True)
class PlanInput(FolderInput):
    """A study with a reference, and what is wanted of the next titration."""

    uncertainty: float = _said("wanted standard uncertainty of the utilization, percent", 1.5)
    own: bool = _said("count the cell's potentials, channel and rests only, without weighing and reference", False)  # noqa: FBT003
    utilization: float = _said("utilization that is expected, percent", 80.0)
    low: float = _said("lowest relaxed potential, V vs. Li⁺/Li", 3.7)
    high: float = _said("highest relaxed potential, V vs. Li⁺/Li", 4.15)
    relaxation: float = _said("time constant of the relaxation, h", 0.4)


@dataclass(frozen=True)
class FileInput:
    """A file that says what to do."""

    file: Path = _said("the file")


@dataclass(frozen=True)
class SimulationInput(FileInput):
    """A run file and how far it is taken."""

    outputs: int = _said("stop after so many more output intervals; 0: run to the end", 0)


@dataclass(frozen=True)
class AnimationInput(FileInput):
    """A run file and the number of pictures."""

    pictures: int = _said("output intervals to go on for, one picture each", 12)


@dataclass(frozen=True)
class SweepInput(FileInput):
    """A file that asks for several runs, and who works on them."""

    jobs: int = _said("processes", 1)
    dask: str = _said("address of a Dask scheduler whose workers do the runs instead; they see the same folders", "")


@dataclass(frozen=True)
class GrainsInput(SweepInput):
    """A run file and grain diameters."""

    diameters: str = _said("grain diameters in µm, separated by commas", "300,424,600")


@dataclass(frozen=True)
class SpectraInput:
    """Files with impedance spectra, each of one cell, and what is known of them."""

    files: tuple[Path, ...] = _said("files with impedance spectra, each of one cell")
    folder: Path = _said("folder for the figures", Path("impedance"))
    area: float = _said("electrode area, cm²; 0: not stated, that of a 10 mm die is assumed", 0.0)
    circuit: str = _said("circuit in Boukamp's notation; empty: that of the source, then others", "")
    charge: str = _said("state of charge of each file, mAh per g of active material, separated by commas", "")
    counter: str = _said("counter electrode that potentials are against", "counter electrode")


@dataclass(frozen=True)
class CyclesInput:
    """Files of cycling tests, each of one cell, and what is known of them."""

    files: tuple[Path, ...] = _said("files of cycling tests, each of one cell")
    folder: Path = _said("folder for the tables", Path("cycles"))
    mass: float = _said("mass of active material, mg; 0: not stated, nothing is given per gram", 0.0)
    basis: float = _said("capacity that defines 1C, mAh per g of active material", 200.0)
    begins: str = _said("first half of a cycle: charge, discharge, or first (as the record begins)", "charge")


@dataclass(frozen=True)
class Written:
    """Files that were written, what was checked on the way, and the result in words."""

    paths: tuple[Path, ...]
    checks: tuple[Check, ...] = ()
    said: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Checked:
    """A valid manifest and the raw files that are missing."""

    study: Study
    missing_files: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class Evaluated:
    """Results and the report's path."""

    results: StudyResults
    report: Path


@dataclass(frozen=True, eq=False)
class LookedAtFile:
    """What one file gave: a result with its figures, or an error.

    Args:
        path: the file as it was named.
        name: what stands in its figures, unique among the files.
        reader: id of the reader that took it.
        charge_mAh_g: stated state of charge, ``nan`` where none was.
        error: why there is no result.
        figures: files that were written.
    """

    path: Path
    name: str
    reader: str = ""
    charge_mAh_g: float = float("nan")
    result: ImpedanceResult | None = None
    error: CathodelabError | None = None
    figures: tuple[Path, ...] = ()


@dataclass(frozen=True, eq=False)
class LookedAt:
    """What each file of spectra gave, and whether their resistances may be compared."""

    files: tuple[LookedAtFile, ...]
    comparison: tuple[str, ...]

    @property
    def failed(self) -> bool:
        """Whether a file has a fault."""
        return any(one.error is not None for one in self.files)


@dataclass(frozen=True, eq=False)
class SummarizedFile:
    """What one file gave: its table and a few words of it, or an error; what is doubtful, and what its reader said."""

    path: Path
    table: Path | None = None
    words: str = ""
    error: CathodelabError | None = None
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Summarized:
    """The cycles of each file."""

    files: tuple[SummarizedFile, ...]


@dataclass(frozen=True, eq=False)
class Planned:
    """Titrations that could be done, the shortest first; the one to do, if any meets the wish; for which cell."""

    cell: str
    reference: str
    uncertainty: float
    plans: tuple[PlannedTitration, ...]
    chosen: PlannedTitration | None
