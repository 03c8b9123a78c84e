"""Files that were given, and what is written beside them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from cathodelab.core.errors import CathodelabError, Door, Hint, Problem
from cathodelab.formats.shared.column_map import ColumnMap


def file_names(files: tuple[Path, ...], otherwise: str) -> list[str]:
    """The files' names without what a file name cannot hold, made unique; ``otherwise`` where nothing is left of one."""
    names: list[str] = []
    for path in files:
        base = re.sub(r"[^\w.+-]+", "_", path.stem) or otherwise
        same = sum(re.fullmatch(re.escape(base) + r"(-\d+)?", other) is not None for other in names)
        names.append(f"{base}-{same + 1}" if same else base)
    return names


def refuse_overwriting(path: Path, given: tuple[Path, ...], begins: bytes = b"") -> None:
    """Refuse to write over a measurement: a file that was given, or one that an earlier call did not write.

    Args:
        path: where something is to be written.
        given: the files that are read.
        begins: what everything that is written there begins with.
    """
    if not path.exists():
        return
    with path.open("rb") as file:
        ours = file.read(len(begins)) == begins
    if not ours or any(path.samefile(one) for one in given if one.exists()):
        raise CathodelabError(
            "would-overwrite",
            f"{path.name} would be written over",
            where=str(path),
            why="It was given as a measurement, or is no result of this command; it is left as it is.",
            what_to_do="Name another folder by --folder.",
        )


def without_study(options: Mapping[str, str], columns: str, files: str = "") -> Door:
    """The door of a quick look: what an error asks for is an option of the call, or the first line of a csv.

    Args:
        options: column or setting -> the option that states it.
        columns: sentence on how the columns of a csv are to be named.
        files: sentence on which files are meant; empty where another file would not help.
    """

    def said(hint: Hint) -> str:
        if hint.about == "files":
            return files
        if hint.about in ("map", "meaning"):
            of_file = (
                f" Or name by --columns a text file with\n[columns.mine]\n{hint.name}" if hint.about == "map" else ""
            )
            return columns + of_file
        return f"See {options[hint.name]}." if hint.name in options else ""

    return said


def content_of(path: Path) -> bytes:
    """A file's bytes.

    Raises:
        CathodelabError: ``file-unreadable``.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise CathodelabError(
            "file-unreadable",
            "The file cannot be read",
            where=str(path),
            why=f"{error.strerror}.",
            what_to_do="Check its name and place.",
        ) from error


def declared_maps(name: str) -> tuple[ColumnMap, ...]:
    """The column maps that a text file declares; none of an empty name.

    Raises:
        CathodelabError: it is no such file, or an entry is wrong; all that is wrong is said.
    """
    if not name:
        return ()
    from cathodelab.study.settings import column_maps

    problems: list[Problem] = []
    try:
        section = tomllib.loads(content_of(Path(name)).decode("utf-8-sig")).get("columns", {})
        maps = column_maps(section if isinstance(section, dict) else {}, problems)
        wrong = "; ".join(map(str, problems)) or ("" if maps else "It has no table [columns.NAME].")
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        maps, wrong = [], f"It is no TOML in UTF-8: {error}."
    if wrong:
        raise CathodelabError(
            "columns-invalid",
            "The column maps cannot be used",
            where=name,
            why=wrong,
            what_to_do='Correct it; an entry is  time = { column = "label in the file", unit = "s" } .',
        )
    return tuple(maps)


def made(folder: Path) -> Path:
    """The folder, made if it is not there.

    Raises:
        CathodelabError: ``folder-not-made``.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CathodelabError(
            "folder-not-made",
            f"{folder} cannot be made",
            where="--folder",
            why=f"{error.strerror}.",
            what_to_do="Name another folder.",
        ) from error
    return folder
