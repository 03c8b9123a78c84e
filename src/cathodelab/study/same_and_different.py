"""What is the same where it should differ, and differs where it should be the same: doubts about the tables of a study.

One raw file under two samples makes two independent measurements of one; a companion of another material measures another one.
Both happen by copying a row. They are said, and nothing is left out.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from cathodelab.core.columns import is_missing
from cathodelab.core.errors import Problem
from cathodelab.core.kinds import ACTIVE_MATERIAL
from cathodelab.core.samples import NamedFile, Sample, SampleKind
from cathodelab.study.regular_files import is_outside

_COMPARED_BYTES = 32_768
Owner = tuple[Sample, NamedFile]


def same_files(samples: Iterable[Sample], tables: Mapping[str, str], folder: Path) -> list[Problem]:
    """Files of one content under several samples, for one purpose: the same name, or copies of one file.

    Files are the same where size, beginning and end are. Parts of one file are no copies of each other.

    Args:
        samples: all samples.
        tables: kind -> file of its table.
        folder: of the study.
    """
    found: dict[tuple[int, bytes, str, str], list[Owner]] = {}
    for owners in _of_one_size(samples, folder).values():
        if len({(one.kind, one.id) for one, _ in owners}) > 1:
            for one, named in owners:
                path = folder / named.file
                found.setdefault((*_ends(path), named.column, named.part), []).append((one, named))
    problems = []
    for owners in found.values():
        first, file = owners[0]
        for other, named in owners[1:]:
            if (other.kind, other.id) == (first.kind, first.id):
                continue
            copy = "" if named.file == file.file else f", a copy of {file.file},"
            hint = f"The same file{copy} is named for {first.kind} {first.id}: they are one measurement and not two."
            place = tables.get(other.kind, "files.csv"), f"{other.kind} {other.id}"
            problems.append(
                Problem(*place, named.column, named.file, "a file of its own for each sample", hint, "doubtful")
            )
    return problems


def other_materials(
    samples: Sequence[Sample], tables: Mapping[str, str], kinds: Mapping[str, SampleKind]
) -> list[Problem]:
    """Companions (the reference of a cell, say) of another active material than the sample that is compared with them.

    Args:
        samples: all samples, linked.
        tables: kind -> file of its table.
        kinds: their kinds, whose columns say what a companion is.
    """
    by_name = {(one.kind, one.id): one for one in samples}
    problems = []
    for one in samples:
        own = _material(one)
        for column, name in one.companions.items():
            other = by_name.get((next(of.names for of in kinds[one.kind].columns if of.name == column), name))
            theirs = _material(other) if other is not None else ""
            if own and theirs and _plain(own) != _plain(theirs):
                hint = (
                    f"The {column} {name} is of {theirs}: a comparison with it is one of two materials. Is it another "
                    f"{column}, or the same material under another name?"
                )
                place = tables.get(one.kind, ""), f"{one.kind} {one.id}"
                allowed = f"the {ACTIVE_MATERIAL} of its {column}"
                problems.append(Problem(*place, ACTIVE_MATERIAL, own, allowed, hint, "doubtful"))
    return problems


def _of_one_size(samples: Iterable[Sample], folder: Path) -> dict[int, list[Owner]]:
    found: dict[int, list[Owner]] = {}
    for one in samples:
        for named in one.files:
            size = -1 if one.excluded or is_outside(folder, named.file) else _size(folder / named.file)
            if size > 0:
                found.setdefault(size, []).append((one, named))
    return found


def _size(path: Path) -> int:
    """Of a regular file; -1 where there is none."""
    try:
        return path.stat().st_size if os.path.isfile(path) else -1  # noqa: PTH113 - false for a name that no system takes
    except OSError:
        return -1


def _ends(path: Path) -> tuple[int, bytes]:
    """Size, beginning and end of a file; of one that cannot be opened its size and name."""
    size = path.stat().st_size
    try:
        with path.open("rb") as opened:
            begin = opened.read(_COMPARED_BYTES)
            opened.seek(max(size - _COMPARED_BYTES, 0))
            return size, begin + opened.read(_COMPARED_BYTES)
    except OSError:
        return size, str(path).encode()


def _material(sample: Sample) -> str:
    """Its active material as stated for itself or what it was made from; empty where that is not stated or ambiguous."""
    for generation in sample.generations:
        stated = {
            _plain(one.entries[ACTIVE_MATERIAL]): one.entries[ACTIVE_MATERIAL].strip()
            for one in generation
            if not is_missing(one.entries.get(ACTIVE_MATERIAL, ""))
        }
        if stated:
            return next(iter(stated.values())) if len(stated) == 1 else ""
    return ""


def _plain(name: str) -> str:
    return "".join(sign for sign in name.lower() if sign.isalnum() or sign == ".")
