"""One bit of an entry of the cache changed: it is found, and the entry is made anew with the same numbers."""

from __future__ import annotations

import os
import random
from pathlib import Path

import numpy as np
import pytest

from cathodelab.core.errors import CathodelabError, StudyInvalid
from cathodelab.formats.bdf import read_bdf_text
from cathodelab.formats.readers import READERS
from cathodelab.report.drawings import Drawings
from cathodelab.study import seal
from cathodelab.study.cache import KINDS, FileCache, TableCache, adopt_all, cache_folder, content_hash, forget_all
from cathodelab.study.manifest import load_study
from cathodelab.study.run import known_truth as truth_of
from cathodelab.study.run import run_study
from cathodelab.study.seal import sealed, unsealed

TEXT = b"Test Time / s,Voltage / V,Current / A\n" + b"".join(b"%d,3.5,0.001\n" % row for row in range(50))


def test_every_flipped_bit_of_a_cached_table_is_found(tmp_path: Path) -> None:
    """A thousand of them: none gives a table, the whole entry gives the same one."""
    reader, digest = READERS[0], content_hash(TEXT)
    kept = TableCache(tmp_path)
    table = read_bdf_text(TEXT)
    kept.store(digest, reader, table)
    path = next(cache_folder(tmp_path, "tables").iterdir())
    whole = path.read_bytes()
    chosen = random.Random(1)
    for _ in range(1000):
        bit = chosen.randrange(8 * len(whole))
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        assert kept.table(digest, reader) is None
    path.write_bytes(whole)
    again = kept.table(digest, reader)
    assert again is not None
    assert all(np.array_equal(again.columns[name], values) for name, values in table.columns.items())


def test_a_cached_figure_with_a_flipped_bit_is_not_taken(tmp_path: Path) -> None:
    """Its ends look right, and its text is no UTF-8 any more."""
    drawings = Drawings(tmp_path)
    folder = cache_folder(tmp_path, "figures")
    folder.mkdir(parents=True)
    content = sealed(b"<svg>text</svg>\n")
    (folder / "key.svg").write_bytes(content)
    assert drawings._stored("key", ["svg"]) == {"svg": b"<svg>text</svg>\n"}
    (folder / "key.svg").write_bytes(content.replace(b"text", b"te\xf8t"))
    assert drawings._stored("key", ["svg"]) is None
    assert unsealed(b"") is None


@pytest.mark.parametrize("kind", ["measurements", "evaluations"])
def test_every_flipped_bit_of_what_was_found_is_found(tmp_path: Path, kind: str) -> None:
    """A hundred of them, the seal's own bits included."""
    kept = FileCache(tmp_path, kind)
    kept.store("key", bytes(range(200)))
    path = cache_folder(tmp_path, kind) / "key"
    whole, chosen = path.read_bytes(), random.Random(2)
    for _ in range(100):
        damaged = bytearray(whole)
        damaged[chosen.randrange(len(whole))] ^= 1 << chosen.randrange(8)
        path.write_bytes(damaged)
        assert kept.get("key") is None
    path.write_bytes(whole)
    assert kept.get("key") == bytes(range(200))


def test_the_cache_of_another_user_is_believed_only_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its checksum is right, its seal is not this user's; adopting it takes whole entries only."""
    kept = FileCache(tmp_path, "evaluations")
    kept.store("a", b"79.5 %")
    kept.store("b", b"81.0 %")
    monkeypatch.setattr(seal, "_key", lambda: bytes(32))
    assert (kept.get("a"), kept.get("b")) == (None, None)
    damaged = cache_folder(tmp_path, "evaluations") / "b"
    damaged.write_bytes(damaged.read_bytes()[:-3] + b"9 %")
    adopt_all(tmp_path)
    assert (kept.get("a"), kept.get("b")) == (b"79.5 %", None)


def test_a_fresh_run_takes_nothing_from_the_cache(known_truth: Path) -> None:
    """All entries of this version go; what a run makes is the same."""
    first = run_study(known_truth)
    assert not run_study(known_truth).read_anew
    forget_all(known_truth)
    assert not any(path.is_file() for kind in KINDS for path in cache_folder(known_truth, kind).rglob("*"))
    again = run_study(known_truth)
    assert again.read_anew == first.read_anew
    assert [one.status for one in again.outcomes] == [one.status for one in first.outcomes]


def test_the_users_key_is_made_once_and_is_nobody_elses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty-two bytes that only their owner reads; without a place for them the checksum alone is left."""
    monkeypatch.setenv("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME", str(tmp_path))
    first, again = seal._key.__wrapped__(), seal._key.__wrapped__()
    assert (len(first), first == again) == (32, True)
    path = next((tmp_path / "cathodelab").iterdir())
    assert os.name == "nt" or path.stat().st_mode & 0o077 == 0
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME", str(tmp_path / "file"))
    assert seal._key.__wrapped__() == b""


@pytest.mark.parametrize("content", [b"cell,x\na,abc\n", b"x,y\n1,2,3\n", b"\xff\xfe\x00", b"", b'"' + b"x" * 140_000])
def test_a_damaged_table_of_truths_is_one_sentence_or_no_truth(known_truth: Path, content: bytes) -> None:
    """Never a fault of ours."""
    study = load_study(known_truth)
    (known_truth / "truth.csv").write_bytes(content)
    try:
        assert all(isinstance(values, dict) for values in truth_of(study).values())
    except CathodelabError as error:
        assert error.code == "truth-unreadable"


@pytest.mark.parametrize("content", ["a = " + "[" * 100_000, f"a = {'9' * 5000}", None])
def test_damaged_settings_are_a_problem_of_the_study(known_truth: Path, content: str | None) -> None:
    """Nested too deep, a number too long, a link to nowhere: never the defaults without a word."""
    (known_truth / "study.toml").unlink(missing_ok=True)
    if content is None:
        (known_truth / "study.toml").symlink_to(known_truth / "nowhere")
    else:
        (known_truth / "study.toml").write_text(content)
    with pytest.raises(StudyInvalid, match=r"study\.toml"):
        load_study(known_truth)


@pytest.mark.parametrize("name", ["cells_badsheet.xlsx", "cells_xxe.xlsx"])
def test_a_damaged_workbook_of_cells_is_a_problem_of_the_study(data: Path, known_truth: Path, name: str) -> None:
    """Its XML is cut, or names outside entities."""
    case = data.parent / "cases" / "attack" / name
    if not case.is_file():
        pytest.skip(f"no {case}")
    (known_truth / "cells.csv").unlink()
    (known_truth / "cells.xlsx").write_bytes(case.read_bytes())
    with pytest.raises(StudyInvalid, match=r"cells\.xlsx"):
        load_study(known_truth)
