"""A technique: what it declares, and the measurements that it takes from files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:  # a door lists what techniques declare without loading any of their code
    from cathodelab.core.columns import Column
    from cathodelab.core.method import AnyMethod, AnyStudyMethod
    from cathodelab.core.samples import SampleKind
    from cathodelab.formats.readers import Reader
    from cathodelab.formats.recording import Recorded
    from cathodelab.formats.table import TableKind

M = TypeVar("M")


@dataclass(frozen=True)
class Measurement(Generic[M]):
    """What is taken from the files of a sample before any method runs: only what the files know.

    Args:
        id: name by which methods require it.
        of: ``of(recorded, sample, settings by method) -> measurement``, a frozen dataclass or a tuple of them; ``sample`` is the
            typed view where its kind has one. Raises :class:`~cathodelab.core.errors.NotInRecord` where the files do not hold it.
        columns: columns that name its files, in the order in which they are read.
        settings: ids of the methods whose settings it depends on.
        kept: whether the next run takes it from the cache; a whole record is not, its tables are there already.
    """

    id: str
    of: Callable[[Sequence[Recorded], Any, Mapping[str, Any]], M]
    columns: tuple[str, ...]
    settings: tuple[str, ...] = ()
    kept: bool = True


@dataclass(frozen=True)
class Look:
    """A quick look at files without a study, as a command.

    Args:
        sentence: what it does, for the help.
        inputs: place of the dataclass of its inputs.
        run: place of its function of (inputs, progress).
    """

    sentence: str
    inputs: str
    run: str


@dataclass(frozen=True)
class Technique:
    """The one export of a technique's folder: declarations only; code is named as ``module:attribute`` and loaded when used.

    Args:
        id: its name, the word of the column ``technique`` in ``files.csv``.
        kinds: kinds of samples that it adds.
        columns: kind -> columns that it adds to the table of that kind.
        files: columns that name its files (``compaction_file``), the first also for ``files.csv``;
            by default ``<id>_file`` where it has readers.
        conditions: columns that it adds to ``files.csv``.
        tables: kinds of tables that its readers return and that declared column maps may give, a tuple of
            :class:`~cathodelab.formats.table.TableKind`.
        readers: its readers, a tuple of :class:`Reader`; files of its columns are offered to no others.
        measurements: id -> :class:`Measurement`.
        methods: id -> :class:`~cathodelab.core.method.Method`.
        study_methods: id -> :class:`~cathodelab.core.method.StudyMethod`.
        looks: command -> quick look.
        libraries: libraries whose versions are part of the key of what it evaluates.
    """

    id: str
    kinds: tuple[SampleKind, ...] = ()
    columns: Mapping[str, tuple[Column, ...]] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    conditions: tuple[Column, ...] = ()
    tables: str = ""
    readers: str = ""
    measurements: Mapping[str, str] = field(default_factory=dict)
    methods: Mapping[str, str] = field(default_factory=dict)
    study_methods: Mapping[str, str] = field(default_factory=dict)
    looks: Mapping[str, Look] = field(default_factory=dict)
    libraries: tuple[str, ...] = ("numpy", "scipy")

    @property
    def file_columns(self) -> tuple[str, ...]:
        """Columns that name its files."""
        return self.files or ((f"{self.id}_file",) if self.readers else ())

    def all_tables(self) -> tuple[TableKind, ...]:
        """Its kinds of tables, loaded now."""
        return tuple(loaded(self.tables)) if self.tables else ()

    def all_readers(self) -> tuple[Reader, ...]:
        """Its readers, loaded now."""
        return tuple(loaded(self.readers)) if self.readers else ()

    def measurement(self, name: str) -> Measurement[Any]:
        """One of its measurements, loaded now."""
        found: Measurement[Any] = loaded(self.measurements[name])
        return found

    def method(self, name: str) -> AnyMethod:
        """One of its methods, loaded now."""
        found: AnyMethod = loaded(self.methods[name])
        return found

    def study_method(self, name: str) -> AnyStudyMethod:
        """One of its study methods, loaded now."""
        found: AnyStudyMethod = loaded(self.study_methods[name])
        return found


def loaded(place: str) -> Any:  # noqa: ANN401 - whatever stands there
    """What stands at ``module:attribute``."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
