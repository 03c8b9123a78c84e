"""The raw files of a study to measurements, through the cache, with their provenance."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cathodelab.core.errors import CathodelabError, NotInRecord
from cathodelab.core.records import Provenance
from cathodelab.core.samples import Cell
from cathodelab.formats.readers import Reader, reader_for
from cathodelab.formats.shared.scale import refuse_impossible
from cathodelab.formats.table import Table
from cathodelab.study.cache import FileCache, TableCache, content_hash
from cathodelab.study.extraction import EXTRACTIONS, Extraction
from cathodelab.study.manifest import Study
from cathodelab.study.packed import packed, unpacked


def touched_cells(study: Study, since: Path) -> int:
    """How many cells have a raw file that is newer than a file of an earlier run: a guess at once, before any is read.

    0 where there was no earlier run. Clocks and copies mislead it: it may only decide what gets ready, never what is read.
    """

    def newer(name: str, than: float) -> bool:
        try:
            return (study.folder / name).stat().st_mtime > than
        except OSError:
            return False

    try:
        before = since.stat().st_mtime
    except OSError:
        return 0
    return sum(any(newer(name, before) for name in cell.files) for cell in study.cells)


@dataclass(frozen=True, eq=False)
class _File:
    """The reader that takes a raw file, and where it came from; its content is read again where it has to be parsed."""

    reader: Reader
    source: Provenance


class StudyFiles:
    """Reads the files of cells through the cache.

    It remembers their provenance (``seen``), whose were ``read`` anew, and whether one was ``unreadable``.
    """

    def __init__(self, study: Study) -> None:
        self._study = study
        self._tables = TableCache(study.folder)
        self._measurements = FileCache(study.folder, "measurements")
        self._found: dict[tuple[str, str], Any] = {}
        self._hashed: dict[tuple[str, str], _File] = {}
        self._at_hand: tuple[str, dict[Provenance, Table]] = ("", {})
        self.seen: list[tuple[str, Provenance]] = []
        self.read: list[str] = []
        self.unreadable = False

    def measurement(self, cell: Cell, name: str) -> Any:  # noqa: ANN401 - the type stands in EXTRACTIONS
        """A measurement of a cell from all its files, or as an earlier run extracted it from the same files.

        Raises:
            NotInRecord: the files do not hold it; that is remembered too.
            CathodelabError: a fault in a file.
        """
        if (cell.id, name) not in self._found:
            extraction = EXTRACTIONS[name]
            files = self._files(cell, extraction.files(cell))
            if not self._take(cell, name, files):
                if extraction.kept and cell.id not in self.read:
                    self.read.append(cell.id)
                self._found[cell.id, name] = self._extracted(cell, extraction, files)
                self._keep(cell, name, files)
        found = self._found[cell.id, name]
        if isinstance(found, NotInRecord):
            raise found
        return found

    def are_new(self, cell: Cell, names: Sequence[str]) -> bool:
        """Whether the files of a cell are there and no earlier run extracted all of these measurements from them."""
        try:
            return not all(self._take(cell, one, self._files(cell, EXTRACTIONS[one].files(cell))) for one in names)
        except CathodelabError:
            return False  # there is nothing to read; said when the measurement is asked for

    def sources(self, cell: Cell, names: Sequence[str]) -> tuple[Provenance, ...]:
        """Every file that these measurements of a cell may come from.

        Raises:
            CathodelabError: a file is missing or of no known format.
        """
        wanted = dict.fromkeys(file for one in names for file in EXTRACTIONS[one].files(cell))
        return tuple(file.source for file in self._files(cell, list(wanted)))

    def _take(self, cell: Cell, name: str, files: list[_File]) -> bool:
        """Take what an earlier run extracted from the same files, if there is something."""
        if (cell.id, name) in self._found:
            return True
        content = self._measurements.get(self._key(cell, name, files))
        if content is None:
            return False
        try:
            found = unpacked(content)
        except ValueError:
            return False  # broken: it is made anew
        self._found[cell.id, name] = NotInRecord.of(found) if isinstance(found, dict) else found
        self._saw(cell, files)
        return True

    def _keep(self, cell: Cell, name: str, files: list[_File]) -> None:
        """Keep a measurement, or that there is none, for the next run."""
        found = self._found[cell.id, name]
        key = self._key(cell, name, files)
        if isinstance(found, NotInRecord):
            self._measurements.store(key, packed(found.as_record()))
        elif EXTRACTIONS[name].kept:
            self._measurements.store(key, packed(found))

    def _key(self, cell: Cell, name: str, files: list[_File]) -> str:
        """Everything that a measurement may depend on besides the program: files, readers, the cell's row, settings.

        The whole row, though few of its entries count: a miss costs little, as the table of the file is cached too.
        """
        settings = [self._study.plain_settings[method] for method in EXTRACTIONS[name].settings]
        parts = [name, asdict(cell), [asdict(file.source) for file in files], settings]
        return content_hash(json.dumps(parts).encode())[:40]

    def _extracted(self, cell: Cell, extraction: Extraction, files: list[_File]) -> Any:  # noqa: ANN401 - as above
        """The measurement, or why the record does not hold it."""
        try:
            tables = [self._table(cell, file) for file in files]
        except CathodelabError:
            self.unreadable = True
            raise
        try:
            return extraction.of(tables, [file.source for file in files], cell, self._study.settings)
        except CathodelabError as error:
            placed = error.at(f"cell {cell.id}, {', '.join(file.source.file for file in files)}")
            if isinstance(placed, NotInRecord):
                return placed
            raise placed from error

    def _files(self, cell: Cell, names: Sequence[str]) -> list[_File]:
        """Reader and provenance of files of a cell."""
        for name in names:
            if (cell.id, name) not in self._hashed:
                content = self._content(cell, name)
                try:
                    reader = reader_for(name, content, self._study.column_maps, cell.column_map)
                except CathodelabError as error:
                    raise error.at(f"cell {cell.id}, {name}") from error
                source = Provenance(name, content_hash(content), reader.id, reader.version)
                self._hashed[cell.id, name] = _File(reader, source)
        return [self._hashed[cell.id, name] for name in names]

    def _table(self, cell: Cell, file: _File) -> Table:
        """The table of a file; those of one cell stay at hand, as several measurements are extracted from them."""
        if self._at_hand[0] != cell.id:
            self._at_hand = cell.id, {}
        at_hand = self._at_hand[1]
        if file.source not in at_hand:
            at_hand[file.source] = self._tables.table(file.source.sha256, file.reader) or self._parsed(cell, file)
        self._saw(cell, [file])
        return at_hand[file.source]

    def _parsed(self, cell: Cell, file: _File) -> Table:
        content = self._content(cell, file.source.file)
        try:
            _refuse_changed(content, file.source)
            table = file.reader.read(content)
            refuse_impossible(table)
        except CathodelabError as error:
            raise error.at(f"cell {cell.id}, {file.source.file}") from error
        self._tables.store(file.source.sha256, file.reader, table)
        return table

    def _saw(self, cell: Cell, files: Sequence[_File]) -> None:
        self.seen = list(dict.fromkeys([*self.seen, *((cell.id, file.source) for file in files)]))

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


def _refuse_changed(content: bytes, source: Provenance) -> None:
    """Results name the hash of what was evaluated."""
    if content_hash(content) != source.sha256:
        raise CathodelabError(
            "file-changed",
            "The file was written while it was read",
            where="whole file",
            why="Its content changed within this run.",
            what_to_do="Run again when the cycler has finished writing, or work on a copy.",
        )


def _similar(path: Path, named: set[str]) -> str:
    """A sentence with the most similar name in the same folder that no cell names yet."""
    from difflib import get_close_matches

    if not path.parent.is_dir():
        return f" There is no folder {path.parent.name!r} either."
    names = [entry.name for entry in path.parent.iterdir() if entry.is_file() and entry.name not in named]
    close = get_close_matches(path.name, names, n=1, cutoff=0.8)
    return f" Did you mean {close[0]!r}?" if close else ""
