"""Parquet files of unknown origin: one flipped bit can abort the whole process, so another one reads them.

It is started for the first file, with bounded memory and time, and reads the next ones too; where it ended, a new one is started.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import IO, cast

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.errors import CathodelabError

MOST_VALUES = 1 << 26
LONGEST_SECONDS = 60
LARGEST_MEMORY_BYTES = 4 << 30
_CHILD = Path(__file__).with_name("_parquet_child.py")


@dataclass(frozen=True, eq=False)
class ParquetColumns(ReadOnlyArrays):
    """What a file holds: its labels, the wanted columns (rows,), and those of them that are no numbers, with their kind."""

    header: tuple[str, ...]
    rows: int
    columns: Mapping[str, FloatArray]
    nested: Mapping[str, str]


def parquet_columns(content: bytes, labels: Sequence[str]) -> ParquetColumns:
    """Those of these columns that a file has.

    Raises:
        CathodelabError: it is damaged, too large, or the process that read it ended.
    """
    try:
        about, columns = _process().read(content, labels)
    except (OSError, ValueError, EOFError):
        _end()
        raise _damaged("the process that read it ended") from None
    if "error" in about:
        raise _damaged(str(about["error"]))
    rows = int(cast("int", about["rows"]))
    if rows > MOST_VALUES // max(len(set(labels) & set(cast("list[str]", about["header"]))), 1):
        raise CathodelabError(
            "file-too-large",
            f"The parquet file claims {rows:,} rows",
            where="footer",
            why=f"Up to {MOST_VALUES:,} values are read.",
            what_to_do="Export fewer rows: a record every 10 s is enough.",
        )
    return ParquetColumns(
        tuple(cast("list[str]", about["header"])), rows, columns, cast("dict[str, str]", about["nested"])
    )


class _Process:
    """The process that reads, and its pipes."""

    def __init__(self) -> None:
        # isolated mode: neither the study folder nor the user's environment can inject code
        self._child = subprocess.Popen(  # noqa: S603 - our own file, by the running interpreter, no shell
            [sys.executable, "-I", str(_CHILD), str(LARGEST_MEMORY_BYTES)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, "POLARS_MAX_THREADS": "1", "RUST_BACKTRACE": "0"},
        )  # fmt: skip

    def read(self, content: bytes, labels: Sequence[str]) -> tuple[dict[str, object], dict[str, FloatArray]]:
        """The reply to one request; ``EOFError`` where it ended, or was ended after the longest time."""
        late = Timer(LONGEST_SECONDS, self._child.kill)
        late.start()
        try:
            given, gives = cast("IO[bytes]", self._child.stdin), cast("IO[bytes]", self._child.stdout)
            request = {"labels": list(labels), "bytes": len(content), "most": MOST_VALUES}
            given.write(json.dumps(request).encode() + b"\n" + content)
            given.flush()
            line = gives.readline()
            if not line.endswith(b"\n"):
                raise EOFError
            about: dict[str, object] = json.loads(line)
            columns = {}
            for label in cast("list[str]", about.get("columns", [])):
                size = 8 * int(cast("int", about["rows"]))
                body = gives.read(size)
                if len(body) < size:
                    raise EOFError
                columns[label] = np.frombuffer(body, dtype="<f8").astype(float)
            return about, columns
        finally:
            late.cancel()

    def end(self) -> None:
        """End it, whatever it does."""
        self._child.kill()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue  # what was written to it has nobody to read it
        self._child.wait()


_RUNNING: list[_Process] = []


def _process() -> _Process:
    """The one that runs, or a new one."""
    if not _RUNNING:
        _RUNNING.append(_Process())
    return _RUNNING[0]


@atexit.register
def _end() -> None:
    while _RUNNING:
        _RUNNING.pop().end()


def _damaged(reason: str) -> CathodelabError:
    return CathodelabError(
        "file-not-parquet",
        "The parquet file cannot be read",
        where="whole file",
        why=f"It is cut off or damaged: {reason}.",
        what_to_do="Copy or export the file again.",
    )
