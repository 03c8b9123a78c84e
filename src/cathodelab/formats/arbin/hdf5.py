"""Arbin .h5 files as Arbin's SQL export writes them (optional extra ``arbin``: h5py).

Damaged files can crash the HDF5 library, which is C code, or make it allocate any amount of memory. It therefore reads in a
separate process with bounded memory and time; only plain arrays come back.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from cathodelab.core.arrays import FloatArray, frozen
from cathodelab.core.errors import CathodelabError
from cathodelab.formats.arbin.text import KNOWN, NEEDED, arbin_table, in_order
from cathodelab.formats.shared.foreign import missing_extra
from cathodelab.formats.shared.labels import placed
from cathodelab.formats.table import Table, no_rows

MARK = b"\x89HDF\r\n\x1a\n"
LONGEST_SECONDS = 60
LARGEST_MEMORY_BYTES = 2 << 30
_CHILD = Path(__file__).with_name("_hdf5_child.py")


def is_hdf5(content: bytes) -> bool:
    """Whether the content starts as HDF5."""
    return content.startswith(MARK)


def read_arbin_hdf5(content: bytes) -> Table:
    """Arbin .h5 -> table."""
    if find_spec("h5py") is None:
        raise missing_extra("h5py", "arbin", "Arbin .h5")
    raw, labels = _columns(content)
    places, unknown = placed(labels, KNOWN, NEEDED, 1)
    columns = {name: frozen(raw[labels[place.position]] * place.factor) for name, place in places.items()}
    for name, values in columns.items():
        if not np.isfinite(values).all():
            raise CathodelabError(
                "value-not-a-number",
                f"{int((~np.isfinite(values)).sum())} values are no finite numbers",
                where=f"column {labels[places[name].position]}, first in row {int(np.argmin(np.isfinite(values))) + 1}",
                why=f"Every row needs a finite {name.replace('_', ' ')}.",
                what_to_do="Export the test from Arbin's software again.",
            )
    return arbin_table(in_order(columns), unknown)


def _columns(content: bytes) -> tuple[dict[str, FloatArray], list[str]]:
    """The columns of the data table by label, from the fenced process."""
    try:
        # isolated mode: neither the study folder nor the user's environment can inject code
        done = subprocess.run(  # noqa: S603 - our own file, by the running interpreter, no shell
            [sys.executable, "-I", str(_CHILD), str(LARGEST_MEMORY_BYTES)],
            input=content, capture_output=True, timeout=LONGEST_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise _damaged(f"it could not be read within {LONGEST_SECONDS} s") from None
    if done.returncode != 0:
        last = done.stderr.decode("utf-8", errors="replace").strip().splitlines()[-1:]
        raise _damaged(last[0][:200] if last else f"the HDF5 library ended with code {done.returncode}")
    try:
        with np.load(io.BytesIO(done.stdout), allow_pickle=False) as arrays:
            labels = json.loads(str(arrays["labels"]))
            table = np.asarray(arrays["table"], dtype=np.float64)
    except (ValueError, KeyError, OSError, zipfile.BadZipFile, EOFError):
        raise _damaged("its table could not be handed over") from None
    if table.size == 0:
        raise no_rows()
    return {label: table[:, place] for place, label in enumerate(labels)}, labels


def _damaged(reason: str) -> CathodelabError:
    return CathodelabError(
        "file-damaged",
        "The Arbin .h5 file cannot be read",
        where="whole file",
        why=f"It is cut off, damaged or not laid out as Arbin does: {reason}.",
        what_to_do="Export the test from Arbin's software again, or as csv.",
    )
