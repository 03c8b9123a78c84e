"""Random mutations of real files: a table or the one clear error, within bounded time; never anything else."""

import io
import random
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.readers import read_table

FILES = {
    "cellpy/maccor_001.txt": 60_000,
    "beep/xTESLADIAG_000019_CH70.070": 60_000,
    "PyProBE/sample_data_maccor.csv": 0,
    "PyProBE/sample_data_arbin.csv": 0,
    "cellpy/neware_uio.csv": 60_000,
    "datalab/arbin_example.bdf.csv": 60_000,
    "fastnda/nda8.nda.zip": 0,
    "fastnda/SINTEF__G20M7_BTS91.nda.zip": 0,
    "fastnda/test_2.ndax": 0,
    "navani/arbin_example.res": 0,
    "cellpy/20200624_test001_cc_01.h5": 0,
}
"""File -> how many bytes of it are kept (0: all; a text gains nothing by its length)."""

EACH = 20
LONGEST_SECONDS = 10.0


def mutated(content: bytes, chance: random.Random) -> bytes:
    """One to eight changes, in the head as often as anywhere: bytes set, cut out, repeated, swapped or the end lost."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        reach = len(changed) if chance.random() < 0.5 else min(len(changed), 4096)
        at, length = chance.randrange(max(reach, 1)), chance.choice((1, 1, 2, 4, 16, 300))
        kind = chance.randrange(5)
        if kind == 0:
            changed[at : at + length] = chance.randbytes(length)
        elif kind == 1:
            del changed[at : at + length]
        elif kind == 2:
            changed[at:at] = changed[at : at + length]
        elif kind == 3:
            changed[at : at + length] = chance.choice((b"\0", b"\xff", b",", b"9", b"-", b"\n")) * length
        elif chance.random() < 0.3:
            del changed[at:]
    return bytes(changed)


@pytest.mark.parametrize("path", FILES)
def test_mutations_give_a_table_or_the_one_clear_error(data: Path, unzipped: Callable[[str], bytes], path: str) -> None:
    if ".nda" in path:
        pytest.importorskip("fastnda")
    content = unzipped("cycling/" + path) if path.endswith(".zip") else (data / "cycling" / path).read_bytes()
    content = content[: content.rindex(b"\n", 0, FILES[path]) + 1] if FILES[path] else content
    name = path.removesuffix(".zip")
    for seed in range(EACH):
        spoilt = mutated(content, random.Random(f"{path} {seed}"))
        begin = time.perf_counter()
        try:
            read_table(name, spoilt)
        except CathodelabError as error:
            assert error.what_to_do
        assert time.perf_counter() - begin < LONGEST_SECONDS, seed


def mutated_inside(content: bytes, chance: random.Random) -> bytes:
    """A sound zip with one damaged entry: damage that the container's own check sums do not catch."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        chosen = chance.choice(old.namelist())
        for name in old.namelist():
            new.writestr(name, mutated(old.read(name), chance) if name == chosen else old.read(name))
    return stream.getvalue()


def test_mutations_inside_an_archive_give_a_table_or_the_one_clear_error(data: Path, workbook_bytes: bytes) -> None:
    pytest.importorskip("fastnda")
    ndax = (data / "cycling/fastnda/test_2.ndax").read_bytes()
    for seed in range(EACH):
        for name, content in (("a.ndax", ndax), ("a.xlsx", workbook_bytes)):
            try:
                read_table(name, mutated_inside(content, random.Random(seed)))
            except CathodelabError as error:
                assert error.what_to_do


def test_mutations_of_a_workbook_give_a_table_or_the_one_clear_error(workbook_bytes: bytes) -> None:
    for seed in range(EACH):
        try:
            read_table("a.xlsx", mutated(workbook_bytes, random.Random(seed)))
        except CathodelabError as error:
            assert error.what_to_do
