"""Two results beside each other: finds and reads the files, and says what moved, appeared or went."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cathodelab.core.errors import CathodelabError
from cathodelab.core.operation import Output
from cathodelab.operations.model import CompareInput

if TYPE_CHECKING:
    from cathodelab.study.comparison import Change, ResultComparison
    from cathodelab.study.stored_results import StoredResults, StoredTable

_NAME, _TABLES = "results.json", "tables"
_MOST_LINES = 40  # of one kind of change
_LONG = 20  # hashes are cut
_TOPICS = {"outcome": "outcomes", "check": "checks", "estimate": "estimates", "table": "tables"}
_TITLES = {
    "status": "Outcomes that are others",
    "verdict": "Checks with another verdict",
    "meaning": "Numbers that mean something else (unit, what they refer to, level)",
    "went": "Gone",
    "value": "Values that moved, in half-widths of the old interval",
    "half-width": "Half-widths that changed",
    "error": "Outcomes with another error",
    "limit": "Checks with another limit",
    "rows": "Tables with other rows",
    "appeared": "New",
    "check value": "Checked figures that moved, in limits",
}


@dataclass(frozen=True, eq=False)
class Compared(Output):
    """The files that were compared, and what differs."""

    old: Path
    new: Path
    comparison: ResultComparison

    @property
    def complete(self) -> bool:
        """Whether nothing changed."""
        return not self.comparison.changes

    def lines(self) -> list[str]:
        """The most important first, then what is equal, then what went in."""
        found = self.comparison
        lines = [f"old: {self.old}", f"new: {self.new}"]
        for kind, title in _TITLES.items():
            changes = [one for one in found.changes if one.kind == kind]
            if changes:
                lines += ["", f"{title}: {len(changes)}", *(f"  {_line(one)}" for one in changes[:_MOST_LINES])]
            if len(changes) > _MOST_LINES:
                lines.append(f"  and {len(changes) - _MOST_LINES} more; --json has all.")
        counts = ", ".join(f"{count} {_TOPICS[topic]}" for topic, count in found.equal.items())
        lines += ["", f"{'Equal' if found.changes else 'Nothing changed. Equal'}: {counts}."]
        lines.append(
            f"Tolerance: {found.tolerance:g} half-widths, and {found.tolerance:g} % of a number that has no interval."
        )
        if found.skipped:
            lines.append(f"{found.skipped} outcomes are skipped on one side and not listed on the other.")
        if found.described_otherwise:
            lines.append(f"{found.described_otherwise} estimates are described in other words (column how).")
        return [*lines, *_inputs(found.inputs)]

    def record(self) -> dict[str, Any]:
        """Every change with its numbers."""
        found = self.comparison
        return {
            "schema_version": 1,
            "old": str(self.old),
            "new": str(self.new),
            "tolerance": found.tolerance,
            "equal": {_TOPICS[topic]: count for topic, count in found.equal.items()},
            "changes": [asdict(one) for one in found.changes],
            "skipped": found.skipped,
            "described_otherwise": found.described_otherwise,
            "inputs": [{"name": name, "old": old, "new": new} for name, old, new in found.inputs],
        }


def compared(inputs: CompareInput) -> Compared:
    """Read both results and compare them.

    Raises:
        CathodelabError: one of them is missing, damaged, no results file, or of another schema.
    """
    from cathodelab.study.comparison import compared_results

    paths = [_results_file(path) for path in (inputs.old, inputs.new)]
    old, new = (_read(path) for path in paths)
    written = [path.parent / _TABLES for path in paths]
    if all(folder.is_dir() for folder in written):  # the csv files hold more tables than the record
        old, new = (replace(one, tables=_csv_tables(folder)) for one, folder in zip((old, new), written, strict=True))
    return Compared(paths[0], paths[1], compared_results(old, new, inputs.tolerance))


def _results_file(path: Path) -> Path:
    """The ``results.json`` that a path means: the file, or the one in a results or study folder."""
    if path.is_file():
        return path
    found = next((one for one in (path / _NAME, path / "results" / _NAME) if one.is_file()), None)
    if found is None:
        raise CathodelabError(
            "results-missing",
            f"There are no results in {path.name or str(path)!r}" if path.is_dir() else f"There is no {path.name!r}",
            where=str(path),
            why=f"Neither {_NAME} nor results/{_NAME} is there." if path.is_dir() else "Neither a file nor a folder.",
            what_to_do="Run `cathodelab run` on the study first, or name its results.json.",
        )
    return found


def _read(path: Path) -> StoredResults:
    from cathodelab.study.stored_results import stored_results

    try:
        record = json.loads(path.read_bytes())
    except OSError as error:
        raise _unreadable("results-unreadable", path, f"The system says: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise _unreadable("results-damaged", path, "It is no text.") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise _unreadable("results-damaged", path, f"It is no whole JSON: {error}.") from error
    return stored_results(record, str(path))


def _unreadable(code: str, path: Path, why: str) -> CathodelabError:
    what = f"{path.name} cannot be read"
    return CathodelabError(code, what, where=str(path), why=why, what_to_do="Evaluate the study again, or take a copy.")


def _csv_tables(folder: Path) -> dict[str, StoredTable]:
    """The csv tables beside the results; estimates, checks and outcomes are compared by themselves."""
    from cathodelab.study.stored_results import stored_table

    found = {}
    for path in sorted(folder.glob("*.csv")):
        if path.stem not in ("estimates", "checks", "outcomes"):
            try:
                with path.open(encoding="utf-8", newline="") as lines:
                    heads, *rows = list(csv.reader(lines)) or [[]]
            except (OSError, UnicodeDecodeError, csv.Error) as error:
                raise _unreadable("results-damaged", path, f"It is no table: {error}.") from error
            found[path.stem] = stored_table(tuple(heads), [_filled(row, len(heads)) for row in rows])
    return found


def _filled(row: list[str], length: int) -> tuple[str | float, ...]:
    """Its entries; what is left out at the end is empty."""
    return tuple(map(_entry, row + [""] * (length - len(row))))


def _entry(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


def _line(one: Change) -> str:
    name = ", ".join(part for part in one.key if part)
    if one.kind == "appeared":
        return f"{name}: {one.new}"
    if one.kind == "went":
        return f"{name}: was {one.old}"
    far = "" if one.shift is None else f"{one.shift:+.3g} "
    if one.kind == "half-width" and one.shift is not None:
        far = f"{100 * one.shift:+.3g} % "
    words = f"{far}{one.words}".strip()
    return f"{name}: {one.old} -> {one.new}{f' ({words})' if words else ''}"


def _inputs(found: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    """What went in and differs: where to look for the reason."""
    if found:
        yield ""
        yield f"What went in differs: {len(found)}"
    for name, old, new in found[:_MOST_LINES]:
        shown = (one if len(one) < _LONG else f"{one[:12]}..." for one in (old or "none", new or "none"))
        yield f"  {name}: {' -> '.join(shown)}"
    if len(found) > _MOST_LINES:
        yield f"  and {len(found) - _MOST_LINES} more; --json has all."
