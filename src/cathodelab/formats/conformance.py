"""Conformance kit: the promises of every reader, as checks that the author of a plug-in runs on one good file.

    from cathodelab.formats.conformance import conformance

    def test_my_reader_keeps_the_promises_of_a_reader():
        for check in conformance(MY_READER, "cell.mine", good_file_bytes):
            assert check.passed is not False, check.sentence

The built-in readers have to pass the same checks. ``passed`` is ``None`` where a check cannot be made on this file (a binary
file has no labels to change). A reader of grids (images, maps) or of several parts keeps the same promises; those on labels and
cells of a text are made for single tables.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from cathodelab.core.checks import Check
from cathodelab.core.errors import CathodelabError
from cathodelab.core.units import dimension_of, ratio
from cathodelab.formats.damage import STRANGE_LABEL, Grid, grid_of, mutations, other_unit
from cathodelab.formats.kinds import CYCLING, OURS
from cathodelab.formats.readers import Reader
from cathodelab.formats.recording import Content, Part, Recording
from cathodelab.formats.recording import Grid as Array
from cathodelab.formats.shared.impossible_scales import refuse_impossible
from cathodelab.formats.table import Table, TableKind

LONGEST_SECONDS = 10.0
MEMORY_FLOOR_BYTES = 64 << 20
CUTS = 12
MOST_MEMORY = 12
"""Largest peak memory while reading, as a multiple of file and numbers together; the floor is always allowed."""


def conformance(
    reader: Reader,
    name: str,
    content: bytes,
    *,
    mutated: int = 100,
    seed: int = 1,
    kinds: Sequence[TableKind] = OURS,
) -> tuple[Check, ...]:
    """The checks of a reader on one good file.

    Args:
        reader: what a plug-in registers by the entry point ``cathodelab.readers``.
        name: name of the file, with its extension.
        content: its bytes; a small real file is best (a hundred rows are enough).
        mutated: how many random mutations are read.
        seed: of the mutations.
        kinds: kinds of tables that are registered; a package with a kind of its own adds it to ours.
    """
    checks = [
        _check("takes its file", reader.takes(name.lower(), content), f"{reader.id} takes {name!r}"),
    ]
    try:
        found = _read(reader, content)
    except CathodelabError as error:
        return (
            *checks,
            _check("reads a good file", passed=False, sentence=f"{reader.id} refuses the good file: {error}"),
        )
    for part in _parts(found).values():
        checks += _of_the_table(part, kinds) if isinstance(part, Table) else _of_the_grid(part)
    checks.append(_check("same again", same(found, _read(reader, content)), "The same bytes give the same numbers"))
    checks.append(_memory(reader, content, found))
    checks += _of_bad_files(reader, content, found)
    grid = grid_of(content) if isinstance(found, Table) else None
    if grid is None or not isinstance(found, Table):
        why = "The file is no single table of delimited text, so that single cells and labels were not changed"
        checks.append(Check("one defect each, text", None, float("nan"), float("nan"), why + "."))
    else:
        checks += _of_text(reader, grid, found)
    checks.append(_of_mutations(reader, content, mutated, seed))
    return tuple(checks)


def same(one: Content, other: Content) -> bool:
    """Whether two contents hold the same parts, with the same columns or axes and the same numbers."""
    if isinstance(one, Table) and isinstance(other, Table):
        alike = set(one.columns) == set(other.columns) and one.kind == other.kind
        return alike and all(np.array_equal(values, other.columns[name]) for name, values in one.columns.items())
    if isinstance(one, Array) and isinstance(other, Array):
        return (one.kind, one.unit, one.axes) == (other.kind, other.unit, other.axes) and np.array_equal(
            one.values, other.values, equal_nan=True
        )
    mine, others = _parts(one), _parts(other)
    if type(one) is not type(other) or set(mine) != set(others):
        return False
    return all(same(part, others[name]) for name, part in mine.items())


def outcome(reader: Reader, content: bytes) -> Content | CathodelabError:
    """What a file holds or its CathodelabError; any other exception is raised."""
    try:
        return _read(reader, content)
    except CathodelabError as error:
        return error


def _read(reader: Reader, content: bytes) -> Content:
    found = reader.read(content)
    for part in _parts(found).values():
        if isinstance(part, Table):
            refuse_impossible(part)
    return found


def _parts(content: Content) -> Mapping[str, Part]:
    return content.parts if isinstance(content, Recording) else {"": content}


def _numbers(content: Content) -> int:
    """How many numbers a content holds."""
    return sum(
        sum(values.size for values in part.columns.values()) if isinstance(part, Table) else part.values.size
        for part in _parts(content).values()
    )


def _check(name: str, passed: bool, sentence: str) -> Check:  # noqa: FBT001 - the answer is what the function is about
    return Check(name, passed, float("nan"), float("nan"), sentence + (": true." if passed else ": not so."))


def _of_the_table(table: Table, kinds: Sequence[TableKind]) -> Iterator[Check]:
    kind = next((one for one in kinds if one.word == table.kind), None)
    known = ", ".join(one.word for one in kinds)
    yield _check("kind", kind is not None, f"The kind of the table, {table.kind!r}, is registered ({known})")
    lacking = [name for name in (kind.needed if kind else ()) if name not in table.columns]
    yield _check("needed columns", not lacking, f"A table of {table.kind} has its columns (lacking: {lacking})")
    nameless = [name for name in table.columns if dimension_of(name) is None]
    yield _check("units in the names", not nameless, f"Every column's name ends in its unit (without: {nameless})")
    sizes = {values.size for values in table.columns.values()}
    yield _check("rows", len(sizes) == 1 and table.rows > 0, f"All columns have the same number of rows, {sizes}")
    unfinished = [name for name, values in table.columns.items() if not np.isfinite(values).all()]
    yield _check("finite numbers", not unfinished, f"Every number is finite (others: {unfinished})")
    clocks = ("test_time_second", "step_count") if table.kind == CYCLING.word else ()
    back = [name for name in clocks if name in table.columns and (np.diff(table.columns[name]) < 0).any()]
    yield _check("clocks only grow", not back, f"Time and step count never fall (falling: {back})")
    rude = [note for note in table.notes if len(note) < 10 or not note.endswith(".")]
    yield _check("notes are sentences", not rude, f"Every note is a sentence (others: {rude})")


def _of_the_grid(grid: Array) -> Iterator[Check]:
    yield _check("grid of numbers", grid.values.size > 0, f"The {grid.kind} holds numbers ({grid.values.shape})")
    known = ratio(grid.unit, grid.unit) is not None
    yield _check("unit of the grid", known, f"The unit {grid.unit!r} of the {grid.kind} is in the table of units")
    endless = int(np.isinf(grid.values).sum())
    yield _check("finite numbers", not endless, f"No number of the {grid.kind} is infinite ({endless} are)")
    edge = grid.pixel_um
    sized = np.isnan(edge) or 0 < edge < np.inf
    yield _check(
        "size of a pixel", bool(sized), f"A pixel of the {grid.kind} has a size above zero, or none ({edge:g})"
    )


def _of_bad_files(reader: Reader, content: bytes, whole: Content) -> Iterator[Check]:
    """Defects that any file can have."""
    for defect, bad in {
        "empty file": b"",
        "binary garbage": bytes((index * 167 + 13) % 251 for index in range(4096)),
        "garbage after a true beginning": content[:16] + bytes((index * 89 + 7) % 256 for index in range(4096)),
    }.items():
        found = outcome(reader, bad)
        yield _check(defect, isinstance(found, CathodelabError), f"{defect.capitalize()}: the one clear error")
    parts = [outcome(reader, content[: len(content) * part // CUTS]) for part in range(1, CUTS)]
    # a file may end with something other than rows
    shorter = all(
        isinstance(part, CathodelabError) or _numbers(part) < _numbers(whole) or same(part, whole) for part in parts
    )
    sentence = f"Cut off at {CUTS - 1} places: the one clear error or fewer numbers, never some that were not there"
    yield _check("cut off", shorter, sentence)


def _of_text(reader: Reader, grid: Grid, table: Table) -> Iterator[Check]:
    """Defects that a delimited text can have, one at a time."""
    middle = len(grid.rows) // 2
    whole = grid.content().rstrip(b"\r\n")
    cut = whole[: whole.rindex(grid.delimiter)]
    swapped = grid.with_rows_swapped(_moving(table, middle)) if table.kind == CYCLING.word else None
    for defect, bad in {
        "no rows": Grid(grid.before, grid.labels, (), grid.delimiter, grid.end).content(),
        "cut off in the last line": cut[: cut.rindex(grid.delimiter)],
        "two rows swapped": swapped.content() if swapped else b"",
    }.items():
        found = outcome(reader, bad)
        yield _check(defect, isinstance(found, CathodelabError), f"{defect.capitalize()}: the one clear error")
    extra = outcome(reader, grid.with_strange_column().content())
    kept = isinstance(extra, Table) and STRANGE_LABEL in extra.unknown_columns and same(extra, table)
    yield _check("unknown columns kept", kept, "A column that is not known is listed, and changes nothing")
    wrong = [
        _label(grid, place)
        for place in range(len(grid.labels))
        for text in (b"n/a", b"nan", b"")
        if isinstance(found := outcome(reader, grid.with_cell(middle, place, text).content()), Table)
        and not set(found.columns) < set(table.columns)  # leaving a column out is not a wrong number
        and not same(found, table)
    ]
    yield _check(
        "no number invented", not wrong, f"A cell that is no number is refused or not used (invented in: {wrong})"
    )
    for where, rows in (("every row", slice(None)), ("one row", slice(middle, middle + 1))):
        found = outcome(reader, grid.with_decimal_commas(rows).content())
        sound = isinstance(found, CathodelabError) or same(found, table)
        yield _check(f"decimal commas in {where}", sound, f"Commas in {where} are understood or refused")
    strange = replace(grid, labels=tuple(b"%s%d" % (STRANGE_LABEL.encode(), at) for at in range(len(grid.labels))))
    without = [strange, *(grid.without_column(place) for place in range(len(grid.labels)))]
    answers = [outcome(reader, bad.content()) for bad in without]
    refused = isinstance(answers[0], CathodelabError)
    yield _check("missing columns", refused, "Without a column that it knows: the one clear error")
    yield unit_check(reader, grid, table)


def unit_check(reader: Reader, grid: Grid, table: Table) -> Check:
    """Whether the units in all labels are used: with another unit, numbers are converted or the file is refused."""
    ignored = [label for label, verdict in unit_verdicts(reader, grid, table) if verdict == "ignored"]
    return _check("units count", not ignored, f"A unit in a label is converted or refused (ignored: {ignored})")


def unit_verdicts(reader: Reader, grid: Grid, table: Table) -> Iterator[tuple[str, str]]:
    """(label, ``refused``, ``converted``, ``unused`` or ``ignored``) for another unit in each label over numbers."""
    for place in range(len(grid.labels)):
        label = _label(grid, place)
        other = other_unit(label)
        if other is None or not grid.says_something(place):
            continue
        encoding = "utf-8" if label.encode() in grid.labels[place] else "latin-1"
        found = outcome(reader, grid.relabelled(place, other[0].encode(encoding)).content())
        unknown = outcome(reader, grid.relabelled(place, STRANGE_LABEL.encode()).content())
        if isinstance(found, CathodelabError):
            yield label, "refused"
        elif isinstance(found, Table) and _scaled(table, found, other[1]):
            yield label, "converted"
        elif isinstance(unknown, Table) and same(found, unknown):
            yield label, "unused"
        elif not same(found, table):
            yield label, "converted"  # one of several columns that are added, such as charging and discharging capacity
        else:
            yield label, "ignored"


def _scaled(before: Table, after: Table, factor: float) -> bool:
    """Whether all numbers of some column are multiplied by the factor."""
    return any(
        name in after.columns
        and values.any()
        and after.columns[name].size == values.size
        and np.allclose(after.columns[name], values * factor, rtol=1e-6, atol=0.0)
        for name, values in before.columns.items()
    )


def _label(grid: Grid, place: int) -> str:
    try:
        return grid.labels[place].decode("utf-8")
    except UnicodeDecodeError:
        return grid.labels[place].decode("latin-1")


def _moving(table: Table, row: int) -> int:
    """The first row, from the given one on, after which the clock advances."""
    time_ = table.columns["test_time_second"]
    later = np.flatnonzero(np.diff(time_) > 0)
    return int(later[np.searchsorted(later, min(row, later[-1]))]) if later.size else row


def _of_mutations(reader: Reader, content: bytes, number: int, seed: int) -> Check:
    slowest = 0.0
    for index, bad in enumerate(mutations(content, f"{reader.id} {seed}", number)):
        begin = time.perf_counter()
        try:
            outcome(reader, bad)
        except Exception as error:  # noqa: BLE001 - whatever a reader lets through is what is looked for
            sentence = f"Mutation {index} of seed {seed} raises {type(error).__name__}: {str(error)[:200]}."
            return Check("mutations", passed=False, value=float(index), limit=float(number), sentence=sentence)
        slowest = max(slowest, time.perf_counter() - begin)
    sentence = f"{number} random mutations give a table or the one clear error, the slowest after {slowest:.2g} s"
    return Check("mutations", slowest < LONGEST_SECONDS, slowest, LONGEST_SECONDS, sentence + ".")


def _memory(reader: Reader, content: bytes, found: Content) -> Check:
    size = len(content) + 8 * _numbers(found)
    limit = max(MEMORY_FLOOR_BYTES, MOST_MEMORY * size)
    peak = peak_memory(lambda: _read(reader, content))
    if peak is None:
        return Check("bounded memory", None, float("nan"), limit, "This system does not say how much memory was used.")
    sentence = f"One reading needs {peak / 2**20:.0f} MB of memory at its peak, of {limit / 2**20:.0f} MB allowed."
    return Check("bounded memory", peak <= limit, float(peak), float(limit), sentence)


def peak_memory(action: Callable[[], object]) -> int | None:
    """Growth of the process's peak memory during the action, bytes; ``None`` where the system does not report it."""
    if sys.platform != "linux":
        return None
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # resets the peak to the present use
        before = _status("VmRSS")
        action()
        return max(_status("VmHWM") - before, 0)
    except OSError:
        return None


def _status(field: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1]) * 1024
