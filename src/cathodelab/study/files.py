"""The raw files of a study to measurements, through the cache, with their provenance."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cathodelab.analyses.intended import as_intended
from cathodelab.core.errors import CathodelabError
from cathodelab.core.records import Provenance
from cathodelab.core.samples import Cell
from cathodelab.formats.cycling import cycling_record
from cathodelab.formats.readers import reader_for
from cathodelab.formats.scale import refuse_impossible
from cathodelab.formats.table import Table
from cathodelab.study.cache import TableCache, content_hash
from cathodelab.study.manifest import Study
from cathodelab.techniques.utilization.model import Titration, UtilizationSettings
from cathodelab.techniques.utilization.read import reference_from_record, titration_from_table
from cathodelab.techniques.utilization.rests import titration_from_record

_FINISHED = ("titration curve", "relaxed potentials")


class StudyFiles:
    """Reads the files of cells through the cache and remembers their provenance."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._cache = TableCache(study.folder)
        self._settings: UtilizationSettings = study.settings["utilization"]
        self.seen: list[tuple[str, Provenance]] = []

    def titration(self, cell: Cell) -> Titration:
        """The titration of a cell from all its files."""
        tables, sources = self._tables(cell)
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
            record = cycling_record(tables, sources)
            if cell.role == "reference":
                return reference_from_record(record, self._settings)
            titration = titration_from_record(record, self._settings)
            checks = as_intended(record.protocol, record, cell) if record.protocol else ()
            return replace(titration, checks=checks)
        except CathodelabError as error:
            raise error.at(f"cell {cell.id}, {', '.join(cell.files)}") from error

    def _tables(self, cell: Cell) -> tuple[list[Table], list[Provenance]]:
        tables, sources = [], []
        for name in cell.files:
            content = self._content(cell, name)
            digest = content_hash(content)
            try:
                reader = reader_for(name, content, self._study.column_maps, cell.column_map)
                table = self._cache.table(digest, reader)
                if table is None:
                    table = reader.read(content)
                    refuse_impossible(table)
                    self._cache.store(digest, reader, table)
            except CathodelabError as error:
                raise error.at(f"cell {cell.id}, {name}") from error
            source = Provenance(name, digest, reader.id, reader.version)
            tables.append(table)
            sources.append(source)
            self.seen.append((cell.id, source))
        return tables, sources

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


def _similar(path: Path, named: set[str]) -> str:
    """A sentence with the most similar name in the same folder that no cell names yet."""
    from difflib import get_close_matches

    if not path.parent.is_dir():
        return f" There is no folder {path.parent.name!r} either."
    names = [entry.name for entry in path.parent.iterdir() if entry.is_file() and entry.name not in named]
    close = get_close_matches(path.name, names, n=1, cutoff=0.8)
    return f" Did you mean {close[0]!r}?" if close else ""
