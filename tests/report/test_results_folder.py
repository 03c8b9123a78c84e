"""The results are one set: the old one or the new one, and nothing else in the folder or outside is touched."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.report import results_folder
from cathodelab.report.results_folder import MIXED, write_all
from cathodelab.study.cache import forget_other_versions, remove_half_written
from cathodelab.study.lock import study_lock

NAMES = ("figures/a.svg", "report.html", "report.xlsx", "tables/estimates.csv")


def _set(text: str, names: tuple[str, ...] = NAMES) -> dict[str, bytes]:
    record = json.dumps({"written": [*names, "results.json"], "of": text}).encode()
    return {name: text.encode() for name in names} | {"results.json": record}


def _there(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("full_at", range(5))
def test_a_full_disk_leaves_the_old_set_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full_at: int) -> None:
    """At whichever file it is met; the next run with room writes the new set."""
    folder = tmp_path / "results"
    write_all(folder, _set("old"))
    write, count = results_folder._write, [0]

    def full(path: Path, content: bytes) -> None:
        if count[0] == full_at:
            raise OSError(errno.ENOSPC, "No space left on device")
        count[0] += 1
        write(path, content)

    with monkeypatch.context() as patched:
        patched.setattr(results_folder, "_write", full)
        with pytest.raises(CathodelabError, match="No space left"):
            write_all(folder, _set("new"))
    assert _there(folder) == _set("old")
    write_all(folder, _set("new"))
    assert _there(folder) == _set("new")


@pytest.mark.parametrize("name", [*NAMES, "results.json", "figures/left.svg"])
def test_a_file_held_open_leaves_the_old_set_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """As Excel does on Windows: it cannot be replaced or removed, and the message names it."""
    folder = tmp_path / "results"
    old = _set("old", (*NAMES, "figures/left.svg"))
    write_all(folder, old)
    replace = Path.replace

    def held(self: Path, target: Path) -> Path:
        if self == folder / name:
            raise PermissionError(errno.EACCES, "Permission denied")
        return replace(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", held)
        with pytest.raises(CathodelabError, match=f"{name} cannot be written"):
            write_all(folder, _set("new"))
    assert _there(folder) == old
    write_all(folder, _set("new"))
    assert _there(folder) == _set("new")


def test_a_kill_while_files_are_moved_in_is_said_in_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the next run has written the whole set."""
    folder = tmp_path / "results"
    write_all(folder, _set("old"))
    replace, count = Path.replace, [0]

    def killed(self: Path, target: Path) -> Path:
        count[0] += 1
        if count[0] == 4:
            raise KeyboardInterrupt
        return replace(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            write_all(folder, _set("new"))
    assert (folder / MIXED).is_file()
    write_all(folder, _set("new"))
    assert _there(folder) == _set("new")


def test_files_of_a_user_stay(tmp_path: Path) -> None:
    """Parts of archives below results, folders with names like ours, whatever an edited list names."""
    folder = tmp_path / "results"
    write_all(folder, _set("old"))
    mine = [
        folder / "mine" / "backup.7z.1.part",
        folder / "figures" / "precious.txt",
        tmp_path / ".cathodelab" / "0123456789abcdef" / "x" / "y",
    ]
    for path in mine:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
    names = ["figures/precious.txt", "figures/", "../cells.csv", "figures/../../cells.csv", 5, None]
    (tmp_path / "cells.csv").write_text("mine")
    (folder / "results.json").write_text(json.dumps({"written": names}))
    forget_other_versions(tmp_path)
    remove_half_written(tmp_path)
    write_all(folder, _set("new"))
    assert all(path.read_text() == "mine" for path in [*mine, tmp_path / "cells.csv"])


@pytest.mark.parametrize(
    "content", ["[1]", '{"written": 5}', '{"written": ["figures/"]}', "[" * 200_000, "\x00", '{"written": [{}]}']
)
def test_an_edited_record_is_replaced(tmp_path: Path, content: str) -> None:
    """It names nothing that could be removed."""
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "results.json").write_text(content)
    write_all(folder, _set("new"))
    assert _there(folder) == _set("new")


@pytest.mark.parametrize("name", ["results", ".cathodelab", "results/figures"])
def test_links_out_of_the_study_are_refused(tmp_path: Path, name: str) -> None:
    """Before anything is written or removed there."""
    study, outside = tmp_path / "study", tmp_path / "outside"
    (study / name).parent.mkdir(parents=True)
    outside.mkdir()
    (outside / "report.html").write_text("mine")
    (study / name).symlink_to(outside)
    with pytest.raises(CathodelabError, match="leads to another place"), study_lock(study):
        pass
    with pytest.raises(CathodelabError, match="leads to another place"):
        write_all(study / "results", _set("new"))
    assert _there(outside) == {"report.html": b"mine"}
