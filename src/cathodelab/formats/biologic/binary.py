"""BioLogic binary files (``.mpr``), through the optional extra ``biologic``.

The library that parses them (datalab-org-galvani, imported as ``galvani``) is licensed GPL-3.0-or-later. It is no part of
cathodelab: it is imported only when such a file is read, and only where the user installed it.
"""

from __future__ import annotations

import io
import threading
import warnings
from typing import TYPE_CHECKING

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError
from cathodelab.formats.biologic.columns import chosen_labels
from cathodelab.formats.biologic.table import biologic_table
from cathodelab.formats.biologic.text import is_biologic_text
from cathodelab.formats.shared.delimited import LARGEST_BYTES
from cathodelab.formats.table import Table

if TYPE_CHECKING:
    from galvani.BioLogic import MPRfile

MAGIC = b"BIO-LOGIC MODULAR FILE\x1a"
_ONE_AT_A_TIME = threading.Lock()
"""Catching warnings changes a setting of the whole process."""


def is_biologic_binary(name: str, content: bytes) -> bool:
    """Whether this is a binary file of EC-Lab or BT-Lab, by its first bytes or its extension ``.mpr``."""
    return content.startswith(MAGIC) or (name.endswith(".mpr") and not is_biologic_text("", content))


def read_biologic_binary(content: bytes) -> Table:
    """``.mpr`` -> table with the columns of the text reader. Galvani's warnings become notes.

    Raises:
        CathodelabError: the extra is missing, or the file is empty, cut off, damaged or of an unknown version.
    """
    _refuse_foreign(content)
    raw, labels, notes, started = _columns(content)
    return biologic_table(
        raw,
        labels,
        row_name=lambda row: f"data row {row + 1}",
        notes=notes,
        metadata={"software": "EC-Lab or BT-Lab", "acquisition_started": started},
    )


def _columns(content: bytes) -> tuple[dict[str, FloatArray], tuple[str, ...], list[str], str]:
    """Used columns, all labels, notes and date. A separate function, so that galvani's copies of the file are freed."""
    file, notes = _parsed(content)
    labels = tuple(name for name in file.data.dtype.names or () if name != "flags") + tuple(file.flags_dict)
    raw: dict[str, FloatArray] = {}
    with np.errstate(invalid="ignore"):  # a damaged number is reported later, with its row
        for label in chosen_labels(labels).values():
            values = file.get_flag(label) if label in file.flags_dict else file.data[label]
            raw[label] = np.asarray(values, dtype=np.float64)
    return raw, labels, notes, file.startdate.isoformat()


def _parsed(content: bytes) -> tuple[MPRfile, list[str]]:
    """The file as parsed by galvani, and its warnings as sentences."""
    try:
        from galvani.BioLogic import MPRfile
    except ImportError:
        raise CathodelabError(
            "extra-missing",
            "Reading .mpr files needs the optional extra 'biologic'",
            where="installation",
            why="Its library (galvani) has another licence (GPL-3.0-or-later) and is not part of cathodelab.",
            what_to_do='Run: pip install "cathodelab[biologic]". Or export the file as text (.mpt) with EC-Lab.',
        ) from None
    try:
        with _ONE_AT_A_TIME, warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            file = MPRfile(io.BytesIO(content))
        rows = int(file.npts[0])
    except OSError as error:
        raise _broken("file-truncated", "The .mpr file ends too early", error) from error
    except (ValueError, AssertionError, RuntimeError, LookupError, TypeError, ArithmeticError, MemoryError) as error:
        raise _broken("file-broken", "The .mpr file cannot be read", error) from error
    if rows != file.data.shape[0]:
        raise _broken(
            "file-broken", "The .mpr file cannot be read", ValueError("the number of rows is not as announced")
        )
    return file, [
        f"The library that reads .mpr files warns: {str(entry.message).strip().rstrip('.')}." for entry in caught
    ]


def _refuse_foreign(content: bytes) -> None:
    if len(content) > LARGEST_BYTES:
        raise CathodelabError(
            "file-too-large",
            f"The file has {len(content) / 1e9:.1f} GB",
            where="whole file",
            why=f"Files up to {LARGEST_BYTES / 1e9:.1f} GB are read.",
            what_to_do="Record fewer rows, or split the test into several files.",
        )
    if not content.startswith(MAGIC):
        raise CathodelabError(
            "file-not-mpr" if content else "file-empty",
            "The file is no BioLogic binary file" if content else "The file is empty",
            where=f"first bytes: {content[:16]!r}" if content else "0 bytes",
            why="A .mpr file begins with 'BIO-LOGIC MODULAR FILE'.",
            what_to_do="Copy it again from the instrument's computer; if it has another format, give it that extension.",
        )


def _broken(code: str, what: str, error: Exception) -> CathodelabError:
    reason = " ".join(str(error).split())[:200] or "its parts do not fit together"
    return CathodelabError(
        code,
        what,
        where="binary content",
        why=f"galvani says: {reason.rstrip('.')}.",
        what_to_do="Copy it again from the instrument's computer, or export it as text (.mpt) with EC-Lab.",
    )
