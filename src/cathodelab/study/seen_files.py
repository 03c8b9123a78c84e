"""What the files of a study are, by their beginnings: for ``check``, which evaluates nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cathodelab.core.errors import CathodelabError
from cathodelab.core.samples import NamedFile, Sample
from cathodelab.formats.identify import HEAD_BYTES, Identified, identified
from cathodelab.study.files import of_another_technique
from cathodelab.study.manifest import Study
from cathodelab.study.places import in_study
from cathodelab.study.plan import Plan
from cathodelab.study.regular_files import is_outside


@dataclass(frozen=True, eq=False)
class SeenFile:
    """A file of a sample.

    Args:
        sample: its sample, as kind and id.
        file: its name.
        found: what it is.
        error: why no reader takes it, with where in this study something is to be stated; ``None`` where one does.
    """

    sample: str
    file: str
    found: Identified
    error: CathodelabError | None

    def record(self) -> dict[str, Any]:
        """It as plain data."""
        found = self.found
        return {
            "sample": self.sample,
            "file": self.file,
            "kind": found.kind,
            "instrument": found.instrument,
            "reader": found.reader,
            "rows": found.rows,
            "other_readers": list(found.also),
            "error": None if self.error is None else self.error.as_record(),
        }


def seen_files(study: Study, named: Sequence[tuple[Sample, NamedFile]]) -> tuple[SeenFile, ...]:
    """What each of these files is; each is opened once, and of none more than its first megabyte is read."""
    plan, found, seen = Plan(study), [], {}
    for sample, one in named:
        key = one.file, one.column, sample.column_map
        if key not in seen:
            seen[key] = _seen(study, plan, sample, one)
        what = seen[key]
        error = None if what.error is None else what.error.shown_at(in_study(study, sample.kind))
        found.append(SeenFile(f"{sample.kind} {sample.id}", one.file, what, error))
    return tuple(found)


def _seen(study: Study, plan: Plan, sample: Sample, one: NamedFile) -> Identified:
    readers, path = plan.readers_of(one.column), study.folder / one.file
    try:
        what = identified(path, study.column_maps, readers, sample.column_map)
        if what.error is not None and what.error.code == "format-unknown":
            with path.open("rb") as file:
                other = of_another_technique(one, file.read(HEAD_BYTES), readers)
            what = what if other is None else Identified("not read", error=other)
    except OSError as error:
        return _not_read("file-unreadable", f"The system says: {error.strerror}.", "Check that you may read it.")
    if what.error is not None and is_outside(study.folder, one.file):
        why = "It lies outside the study's folder, so nothing of what it holds is shown."
        return _not_read(
            what.error.code, why, "Copy it into the study's folder and name it there: the error then says more."
        )
    return what


def _not_read(code: str, why: str, what_to_do: str) -> Identified:
    error = CathodelabError(code, "The file cannot be read", where="whole file", why=why, what_to_do=what_to_do)
    return Identified("not read", error=error)
