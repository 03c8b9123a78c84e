"""The raw files of a study to measurements, through the cache, with their provenance."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from cathodelab.analyses.intended import as_intended
from cathodelab.core.errors import CathodelabError, NotInRecord
from cathodelab.core.records import CyclingRecord, Provenance
from cathodelab.core.samples import Cell
from cathodelab.formats.cycling import cycling_record
from cathodelab.formats.readers import Reader, reader_for
from cathodelab.formats.scale import refuse_impossible
from cathodelab.formats.spectra import impedance_spectra
from cathodelab.formats.table import Table
from cathodelab.study.cache import FileCache, TableCache, content_hash
from cathodelab.study.manifest import Study
from cathodelab.study.measurements import as_text, from_text
from cathodelab.techniques.cycling.method import refuse_without_cycles
from cathodelab.techniques.impedance.model import Spectrum
from cathodelab.techniques.impedance.read import spectra_from_records
from cathodelab.techniques.utilization.model import Titration, UtilizationSettings
from cathodelab.techniques.utilization.read import reference_from_record, titration_from_table
from cathodelab.techniques.utilization.rests import titration_from_record

_FINISHED = ("titration curve", "relaxed potentials")


@dataclass(frozen=True, eq=False)
class _File:
    """A raw file, the reader that takes it, and where it came from."""

    content: bytes
    reader: Reader
    source: Provenance


class StudyFiles:
    """Reads the files of cells through the cache and remembers their provenance (``seen``) and whose were ``read`` anew."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._tables = TableCache(study.folder)
        self._measurements = FileCache(study.folder, "measurements")
        self._without_cycles = FileCache(study.folder, "without_cycles")
        self._settings: UtilizationSettings = study.settings["utilization"]
        self._found: dict[str, Titration] = {}
        self.seen: list[tuple[str, Provenance]] = []
        self.read: list[str] = []

    def titration(self, cell: Cell) -> Titration:
        """The titration of a cell from all its files, or as an earlier run extracted it from the same files."""
        if cell.id not in self._found:
            files = self._files(cell)
            if not self._take(cell, files):
                self.read.append(cell.id)
                self._found[cell.id] = self._extracted(cell, files)
                self._measurements.store(self._key(cell, files), as_text(self._found[cell.id]).encode())
        return self._found[cell.id]

    def spectra(self, cell: Cell) -> tuple[Spectrum, ...]:
        """The impedance spectra of a cell: those of its files, then those of the files in ``spectra_file``.

        Raises:
            NotInRecord: there is none.
        """
        extra = tuple(part.strip() for part in cell.details.get("spectra_file", "").split(";") if part.strip())
        seen = list(self.seen)
        files = self._files(replace(cell, files=tuple(dict.fromkeys((*cell.files, *extra)))))
        tables = [self._table(cell, file) for file in files]
        self.seen = list(dict.fromkeys((*seen, *self.seen)))
        return spectra_from_records(impedance_spectra(tables, [file.source for file in files]))

    def cycling_record(self, cell: Cell) -> CyclingRecord:
        """The joined record of a cell that holds cycles; that an earlier run found none in the same files is remembered.

        Raises:
            NotInRecord: a titration or a table of it alone.
        """
        files = self._files(cell)
        settings = self._study.settings["cycling"]
        parts = ["cycles", asdict(cell), [asdict(file.source) for file in files], asdict(settings)]
        key = f"{content_hash(json.dumps(parts).encode())[:40]}.json"
        said = self._without_cycles.get(key)
        if said is not None:
            raise _told(said)
        try:
            tables = [self._table(cell, file) for file in files]
            record = _cycles_of(tables, [file.source for file in files])
            refuse_without_cycles(record, settings)
        except NotInRecord as error:
            self._without_cycles.store(key, json.dumps(error.as_record()).encode())
            raise
        except CathodelabError as error:
            raise error.at(f"cell {cell.id}, {', '.join(cell.files)}") from error
        return record

    def are_new(self, cell: Cell) -> bool:
        """Whether the files of a cell are there and no earlier run extracted its titration from them."""
        try:
            return cell.id not in self._found and not self._take(cell, self._files(cell))
        except CathodelabError:
            return False  # there is nothing to read; said when the titration is asked for

    def _take(self, cell: Cell, files: list[_File]) -> bool:
        """Take what an earlier run extracted from the same files, if there is something."""
        content = self._measurements.get(self._key(cell, files))
        if content is None:
            return False
        try:
            self._found[cell.id] = from_text(Titration, content.decode())
        except (ValueError, KeyError, TypeError, AttributeError):
            return False  # broken: it is made anew
        self.seen += [(cell.id, file.source) for file in files]
        return True

    def _key(self, cell: Cell, files: list[_File]) -> str:
        """Everything that a titration may depend on besides the program: files, readers, the cell's row, settings.

        The whole row, though few of its entries count: a miss costs little, as the table of the file is cached too.
        """
        sources = [asdict(file.source) for file in files]
        parts = ["titration", asdict(cell), sources, asdict(self._settings)]
        return f"{content_hash(json.dumps(parts).encode())[:40]}.json"

    def _extracted(self, cell: Cell, files: list[_File]) -> Titration:
        tables = [self._table(cell, file) for file in files]
        if tables[0].kind in _FINISHED and len(tables) > 1:
            raise CathodelabError(
                "files-differ",
                "A finished titration table cannot be joined with other files",
                where=f"cell {cell.id}",
                why="It already holds the whole titration.",
                what_to_do="Name this one file alone in cells.csv.",
            )
        try:
            if tables[0].kind in _FINISHED:
                return titration_from_table(tables[0])
            record = cycling_record(tables, [file.source for file in files])
            if cell.role == "reference":
                return reference_from_record(record, self._settings)
            titration = titration_from_record(record, self._settings)
            checks = as_intended(record.protocol, record, cell) if record.protocol else ()
            return replace(titration, checks=checks)
        except CathodelabError as error:
            raise error.at(f"cell {cell.id}, {', '.join(cell.files)}") from error

    def _files(self, cell: Cell) -> list[_File]:
        """Content, reader and provenance of every file of a cell."""
        files = []
        for name in cell.files:
            content = self._content(cell, name)
            digest = content_hash(content)
            try:
                reader = reader_for(name, content, self._study.column_maps, cell.column_map)
            except CathodelabError as error:
                raise error.at(f"cell {cell.id}, {name}") from error
            files.append(_File(content, reader, Provenance(name, digest, reader.id, reader.version)))
        return files

    def _table(self, cell: Cell, file: _File) -> Table:
        table = self._tables.table(file.source.sha256, file.reader)
        if table is None:
            try:
                table = file.reader.read(file.content)
                refuse_impossible(table)
            except CathodelabError as error:
                raise error.at(f"cell {cell.id}, {file.source.file}") from error
            self._tables.store(file.source.sha256, file.reader, table)
        if (cell.id, file.source) not in self.seen:
            self.seen.append((cell.id, file.source))
        return table

    def _content(self, cell: Cell, name: str) -> bytes:
        path = self._study.folder / name
        try:
            return path.read_bytes()
        except FileNotFoundError:
            named = {file for one in self._study.cells for file in one.files}
            near = _similar(path, named)
            raise CathodelabError(
                "file-missing",
                f"There is no file {name!r}",
                where=f"cell {cell.id}",
                why=f"cells.csv names it, relative to the study folder.{near}",
                what_to_do="Correct the name in the column `file`, or put the file there.",
            ) from None
        except OSError as error:
            raise CathodelabError(
                "file-unreadable",
                f"The file {name!r} cannot be opened",
                where=f"cell {cell.id}",
                why=f"The system says: {error.strerror}.",
                what_to_do="Check that it is a file, that you may read it and that no other program holds it.",
            ) from None


def _cycles_of(tables: list[Table], sources: list[Provenance]) -> CyclingRecord:
    if tables[0].kind in _FINISHED:
        raise NotInRecord(
            "no-cycles",
            "The file is a finished titration table",
            where=tables[0].kind,
            why="It holds no rows of a cycling test.",
            what_to_do="Name the cycler's own file for capacities and efficiencies.",
        )
    return cycling_record(tables, sources)


def _told(said: bytes) -> NotInRecord:
    """What an earlier run said of the same files."""
    fields = json.loads(said)
    code, what = fields.pop("code"), fields.pop("what")
    return NotInRecord(code, what, **fields)


def _similar(path: Path, named: set[str]) -> str:
    """A sentence with the most similar name in the same folder that no cell names yet."""
    from difflib import get_close_matches

    if not path.parent.is_dir():
        return f" There is no folder {path.parent.name!r} either."
    names = [entry.name for entry in path.parent.iterdir() if entry.is_file() and entry.name not in named]
    close = get_close_matches(path.name, names, n=1, cutoff=0.8)
    return f" Did you mean {close[0]!r}?" if close else ""
