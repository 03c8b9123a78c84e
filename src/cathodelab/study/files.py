"""The raw files of a study to measurements, through the cache, with their provenance."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cathodelab.catalogue import techniques
from cathodelab.core.errors import CathodelabError, NotInRecord, error_of
from cathodelab.core.records import Provenance
from cathodelab.core.samples import NamedFile, Sample
from cathodelab.formats.readers import Reader, reader_for
from cathodelab.formats.recording import Content, Recorded, part_of
from cathodelab.formats.shared.impossible_scales import refuse_impossible
from cathodelab.formats.shared.mapped_text import tells_a_test
from cathodelab.formats.table import Table
from cathodelab.formats.technique import Measurement
from cathodelab.study.cache import FileCache, TableCache, content_hash, key_of
from cathodelab.study.fence import fenced
from cathodelab.study.links import SampleName
from cathodelab.study.manifest import Study
from cathodelab.study.packed import packed, unpacked
from cathodelab.study.plan import Plan
from cathodelab.study.regular_files import content_of, is_outside


def touched_samples(study: Study, since: Path) -> int:
    """How many samples have a raw file that is newer than a file of an earlier run.

    0 where there was no earlier run. Only a hint for starting workers: it never decides what is read.
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
    return sum(any(newer(one.file, before) for one in sample.files) for sample in study.samples)


@dataclass(frozen=True, eq=False)
class _File:
    """The reader that takes a raw file, and where it came from; its content is read again where it has to be parsed."""

    reader: Reader
    source: Provenance


class StudyFiles:
    """Reads the files of samples through the cache.

    It remembers their provenance (``seen``), whose were ``read`` anew, and whether one was ``unreadable``.
    """

    def __init__(self, study: Study, plan: Plan) -> None:
        self._study, self._plan = study, plan
        self._tables = TableCache(study.folder)
        self._measurements = FileCache(study.folder, "measurements")
        self._found: dict[tuple[SampleName, str], Any] = {}
        self._hashed: dict[tuple[SampleName, str, str], _File] = {}
        self._at_hand: tuple[SampleName, dict[Provenance, Content]] = (("", ""), {})
        self.seen: list[tuple[SampleName, Provenance]] = []
        self.read: list[SampleName] = []
        self.unreadable = False

    def measurement(self, sample: Sample, name: str) -> Any:  # noqa: ANN401 - each measurement has its own type
        """A measurement of a sample from all its files, or as an earlier run took it from the same files.

        Raises:
            NotInRecord: the files do not hold it; that is remembered too.
            CathodelabError: a fault in a file.
        """
        place = (sample.kind, sample.id), name
        if place not in self._found:
            about = self._plan.measurement(name)
            named = files_of(sample, about)
            files = self._files(sample, named)
            if not self._take(sample, about, files):
                if about.kept and place[0] not in self.read:
                    self.read.append(place[0])
                self._found[place] = self._extracted(sample, about, named, files)
                self._keep(sample, about, files)
        found = self._found[place]
        if isinstance(found, NotInRecord):
            raise found
        return found

    def are_new(self, sample: Sample, names: Iterable[str]) -> bool:
        """Whether the files of a sample are there and no earlier run took all of these measurements from them."""
        try:
            wanted = [self._plan.measurement(name) for name in names]
            return not all(self._take(sample, one, self._files(sample, files_of(sample, one))) for one in wanted)
        except CathodelabError:
            return False  # there is nothing to read; said when the measurement is asked for

    def sources(self, sample: Sample, names: Iterable[str]) -> tuple[Provenance, ...]:
        """Every file that these measurements of a sample may come from.

        Raises:
            CathodelabError: a file is missing or of no known format.
        """
        wanted = dict.fromkeys(file for one in names for file in _keys(files_of(sample, self._plan.measurement(one))))
        named = {(one.file, one.column): one for one in sample.files}
        return tuple(file.source for file in self._files(sample, [named[key] for key in wanted]))

    def _take(self, sample: Sample, about: Measurement[Any], files: list[_File]) -> bool:
        """Load the measurement from the cache; false if it is not there."""
        place = (sample.kind, sample.id), about.id
        if place in self._found:
            return True
        content = self._measurements.get(self._key(sample, about, files))
        if content is None:
            return False
        try:
            found = unpacked(content)
            self._found[place] = error_of(found) if isinstance(found, dict) else found
        except ValueError:
            return False  # broken: it is made anew
        self._saw(sample, files)
        return True

    def _keep(self, sample: Sample, about: Measurement[Any], files: list[_File]) -> None:
        """Keep a measurement, or that there is none, for the next run."""
        found = self._found[(sample.kind, sample.id), about.id]
        key = self._key(sample, about, files)
        if isinstance(found, NotInRecord):
            self._measurements.store(key, packed(found.kept()))
        elif about.kept:
            self._measurements.store(key, packed(found))

    def _key(self, sample: Sample, about: Measurement[Any], files: list[_File]) -> str:
        """Everything that a measurement may depend on besides the program: files, readers, the sample's rows, settings."""
        parts = [
            about.id,
            self._plan.code_of_measurement(about.id),
            asdict(sample),
            asdict(self._study.view(sample)),
            [asdict(file.source) for file in files],
            {name: asdict(self._plan.settings_of(name)) for name in about.settings},
        ]
        return key_of(parts)

    def _extracted(
        self, sample: Sample, about: Measurement[Any], named: Sequence[NamedFile], files: list[_File]
    ) -> Any:  # noqa: ANN401 - as above
        """The measurement, or why the files do not hold it."""
        where = f"{sample.kind} {sample.id}"
        try:
            contents = [self._content_of(sample, file) for file in files]
            recorded = [
                Recorded(part_of(content, one.part, f"{where}, {one.file}"), file.source, one)
                for content, file, one in zip(contents, files, named, strict=True)
            ]
        except CathodelabError:
            self.unreadable = True
            raise
        settings = {name: self._plan.settings_of(name) for name in about.settings}
        found = fenced(lambda: about.of(recorded, self._study.view(sample), settings), about.id, where)
        if not isinstance(found, CathodelabError):
            return found
        placed = found.at(f"{where}, {', '.join(dict.fromkeys(file.source.file for file in files))}")
        if isinstance(placed, NotInRecord):
            return placed
        raise placed

    def _files(self, sample: Sample, named: Sequence[NamedFile]) -> list[_File]:
        """Reader and provenance of files of a sample."""
        owner = sample.kind, sample.id
        for one in named:
            if (owner, one.file, one.column) not in self._hashed:
                content = self._bytes(sample, one)
                reader = self._reader(sample, one, content)
                source = Provenance(one.file, content_hash(content), reader.id, reader.version)
                self._hashed[owner, one.file, one.column] = _File(reader, source)
        return [self._hashed[owner, one.file, one.column] for one in named]

    def _reader(self, sample: Sample, one: NamedFile, content: bytes) -> Reader:
        """The reader of the technique that takes a file."""
        readers, maps = self._plan.readers_of(one.column), self._study.column_maps
        place = f"{sample.kind} {sample.id}, {one.file}"
        reader = fenced(
            lambda: reader_for(one.file, content, maps, sample.column_map, readers), "the choice of a reader", place
        )
        if isinstance(reader, CathodelabError):
            other = fenced(lambda: of_another_technique(one, content, readers), "the choice of a reader", place)
            raise self._unquoted(one, other or reader).at(place) from None
        return reader

    def _content_of(self, sample: Sample, file: _File) -> Content:
        """What a file holds; that of one sample stays at hand, as several measurements are taken from it."""
        owner = sample.kind, sample.id
        if self._at_hand[0] != owner:
            self._at_hand = owner, {}
        at_hand = self._at_hand[1]
        if file.source not in at_hand:
            at_hand[file.source] = self._tables.table(file.source.sha256, file.reader) or self._parsed(sample, file)
        self._saw(sample, [file])
        return at_hand[file.source]

    def _parsed(self, sample: Sample, file: _File) -> Content:
        named = next(one for one in sample.files if one.file == file.source.file)
        content = self._bytes(sample, named)
        place = f"{sample.kind} {sample.id}, {file.source.file}"

        def read() -> Content:
            _refuse_changed(content, file.source)
            found = file.reader.read(content)
            if isinstance(found, Table):
                refuse_impossible(found)
            return found

        found = fenced(read, f"the reader of {file.reader.id}", place)
        if isinstance(found, CathodelabError):
            raise self._unquoted(named, found).at(place) from None
        if isinstance(found, Table):  # of grids the measurement is kept
            self._tables.store(file.source.sha256, file.reader, found)
        return found

    def _unquoted(self, named: NamedFile, error: CathodelabError) -> CathodelabError:
        """The error, without content of a file outside the study: a study of a stranger could name any file here."""
        if not is_outside(self._study.folder, named.file):
            return error
        return CathodelabError(
            error.code,
            "The file cannot be read",
            where="whole file",
            why="It lies outside the study's folder, so nothing of what it holds is shown.",
            what_to_do="Copy it into the study's folder and name it there: the error then says more.",
        )

    def _saw(self, sample: Sample, files: Sequence[_File]) -> None:
        owner = sample.kind, sample.id
        self.seen = list(dict.fromkeys([*self.seen, *((owner, file.source) for file in files)]))

    def _bytes(self, sample: Sample, named: NamedFile) -> bytes:
        path, where = self._study.folder / named.file, f"{sample.kind} {sample.id}"
        try:
            return content_of(path)
        except FileNotFoundError:
            others = {file.file for one in self._study.samples for file in one.files}
            near = "" if is_outside(self._study.folder, named.file) else _similar(path, others)
            raise CathodelabError(
                "file-missing",
                f"There is no file {named.file!r}",
                where=where,
                why=f"The study names it, relative to its folder.{near}",
                what_to_do=f"Correct the name in the column `{named.column}`, or put the file there.",
            ) from None
        except OSError as error:
            raise CathodelabError(
                "file-unreadable",
                f"The file {named.file!r} cannot be opened",
                where=where,
                why=f"The system says: {error.strerror}.",
                what_to_do="Check that it is a file, that you may read it and that no other program holds it.",
            ) from None


def of_another_technique(named: NamedFile, content: bytes, asked: Sequence[Reader]) -> CathodelabError | None:
    """The error for a file that readers of another technique take; ``None`` where none does.

    A table over time with a potential and a current may be anyone's: then what its columns mean is asked for instead.
    """
    if tells_a_test(content):
        return None
    for home in techniques():
        for reader in home.all_readers():
            if reader not in asked and reader.takes(named.file.lower(), content):
                columns = dict.fromkeys(home.columns, home.file_columns[0])
                listed = " or ".join(f"`{column}` of the table of {kind}s" for kind, column in columns.items())
                return CathodelabError(
                    "file-of-another-technique",
                    f"The file is one of {home.id} (format {reader.id})",
                    where="header",
                    why=f"The column `{named.column}` names files of other techniques, and its readers do not take it.",
                    what_to_do=f"Name it in the column {listed}, in the row of the sample that it was measured on.",
                )
    return None


def files_of(sample: Sample, about: Measurement[Any]) -> tuple[NamedFile, ...]:
    """The files of a sample that a measurement is taken from, in the order of its columns; each file once."""
    chosen = [one for column in about.columns for one in sample.files if one.column == column]
    return tuple({(one.file, one.part, one.repeat): one for one in reversed(chosen)}.values())[::-1]


def _keys(named: Iterable[NamedFile]) -> list[tuple[str, str]]:
    return [(one.file, one.column) for one in named]


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
    """A sentence with the most similar name in the same folder that nothing names yet."""
    from difflib import get_close_matches

    if not os.path.isdir(path.parent):  # noqa: PTH112 - false for a name that no system takes
        return f" There is no folder {path.parent.name!r} either."
    names = [entry.name for entry in path.parent.iterdir() if entry.is_file() and entry.name not in named]
    close = get_close_matches(path.name, names, n=1, cutoff=0.8)
    return f" Did you mean {close[0]!r}?" if close else ""
