"""Arbin .res files: Access databases, read by the system's `mdb-export` (package mdbtools).

The tool is a separate program, called with a list of arguments and bounded in time, memory and output, so that a damaged
file cannot harm this process.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.arbin.text import arbin_table, arbin_text_columns, in_order
from cathodelab.formats.table import Table

TABLE = "Channel_Normal_Table"
LONGEST_SECONDS = 120
LARGEST_OUTPUT_BYTES = 1 << 30
LARGEST_MEMORY_BYTES = 2 << 30
_PIECE = 1 << 20
MEMORY_FLOOR_BYTES = 256 << 20
MEMORY_PER_BYTE = 64
"""Memory allowed for each byte of the file, besides a floor; intact files need less than a tenth of it."""
_MARKS = (b"\x00\x01\x00\x00Standard Jet DB", b"\x00\x01\x00\x00Standard ACE DB")


def is_access(content: bytes) -> bool:
    """Whether the content starts as an Access database."""
    return content.startswith(_MARKS)


def read_arbin_access(content: bytes) -> Table:
    """Arbin .res -> table."""
    tool = shutil.which("mdb-export")
    if tool is None:
        raise CathodelabError(
            "tool-missing",
            "Reading an Arbin .res file needs mdb-export, which was not found",
            where="installation",
            why="A .res file is an Access database; the tools mdbtools read it.",
            what_to_do="Linux: apt install mdbtools (or dnf install mdbtools). macOS: brew install mdbtools. Windows: export "
            "the test from Arbin's software as csv or xlsx instead.",
        )
    with tempfile.TemporaryDirectory(prefix="cathodelab-") as folder:
        path = Path(folder) / "measurement.res"
        path.write_bytes(content)
        exported = _exported([tool, str(path), TABLE], Path(folder) / "remarks", len(content))
    if exported.count(b"\n") < 2:
        raise _damaged("its table of records is empty" if exported.strip() else f"it holds no table {TABLE}")
    raw, unknown = arbin_text_columns(exported)
    return arbin_table(in_order(raw), unknown)


def _exported(command: list[str], remarks: Path, size: int) -> bytes:
    """Output of the tool, bounded. It warns about pages that it cannot read and continues without them."""
    with (
        remarks.open("wb") as errors,
        subprocess.Popen(  # noqa: S603 - no shell; the only foreign part is a path we made
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
        ) as process,
    ):
        _limit(process.pid, min(MEMORY_FLOOR_BYTES + MEMORY_PER_BYTE * size, LARGEST_MEMORY_BYTES))
        timer = threading.Timer(LONGEST_SECONDS, process.kill)
        timer.start()
        try:
            output = bytearray()
            while process.stdout and (
                piece := process.stdout.read(_PIECE)
            ):  # reading it all at once would allocate the whole limit
                output += piece
                if len(output) > LARGEST_OUTPUT_BYTES:
                    process.kill()
                    raise _damaged("its table is larger than 1 GB")
            process.wait()
        finally:
            expired = not timer.is_alive()
            timer.cancel()
    if expired:
        raise _damaged(f"mdb-export did not end within {LONGEST_SECONDS} s")
    if process.returncode != 0:
        raise _damaged(f"mdb-export ended with code {process.returncode}")
    with remarks.open("rb") as written:
        remark = written.read(200).decode("utf-8", errors="replace").strip()
    if remark:
        raise _damaged(f"mdb-export remarks {remark.splitlines()[0]!r}, so records are missing")
    return bytes(output)


def _limit(pid: int, memory: int) -> None:
    """Limit the tool's memory, and its warnings to 16 MB, on systems that support it."""
    if sys.platform == "linux":
        import resource

        try:
            resource.prlimit(pid, resource.RLIMIT_AS, (memory, memory))
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (1 << 24, 1 << 24))
        except (ProcessLookupError, PermissionError):
            return  # it has ended already, or the system forbids it; time and output are bounded anyway


def _damaged(reason: str) -> CathodelabError:
    return CathodelabError(
        "file-damaged",
        "The Arbin .res file cannot be read",
        where="whole file",
        why=f"It is cut off, damaged or no file of an Arbin test: {reason}.",
        what_to_do="Copy it from the cycler again, or export the test from Arbin's software as csv or xlsx.",
    )
