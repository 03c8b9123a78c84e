"""The fenced process of :mod:`cathodelab.formats.arbin.hdf5`: HDF5 on standard input, arrays on standard output.

It imports numpy and h5py and nothing of cathodelab. An attribute holds the columns' names as a pickle; they are extracted
from it as text, and nothing is ever unpickled.
"""

from __future__ import annotations

import io
import json
import re
import sys
from typing import Any

MOST_VALUES = 1 << 26


def main() -> None:
    """Read, or end with a sentence on standard error and code 1."""
    try:
        import resource

        limit = int(sys.argv[1])
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except ImportError:
        pass  # no such limits on Windows: time and the number of values stay bounded
    import h5py
    import numpy as np

    try:
        with h5py.File(io.BytesIO(sys.stdin.buffer.read()), "r") as file:
            labels, table = _table(file)
    # Raised by h5py on damaged files: OSError, KeyError, RuntimeError; ValueError and TypeError by our own checks
    except (OSError, KeyError, RuntimeError, ValueError, TypeError, AttributeError, IndexError, MemoryError) as error:
        sys.exit(str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__)
    np.savez(sys.stdout.buffer, table=table, labels=np.array(json.dumps(labels)))


def _table(file: Any) -> tuple[list[str], Any]:  # noqa: ANN401 - h5py has no types
    """Labels and values of the data table."""
    import numpy as np

    _refuse_other_files(file)
    group = next((file[name] for name in ("data_df",) if name in file), None)
    if group is None or "table" not in group:
        raise ValueError("it has no table data_df")
    table = group["table"]
    names = table.dtype.names or ()
    labels: list[str] = []
    blocks: list[Any] = []
    width = 0
    for name in names:
        if not name.startswith("values_block_") or table.dtype[name].base.kind not in "fiu":
            continue
        width += int(np.prod(table.dtype[name].shape, dtype=np.int64))
        if table.size * width > MOST_VALUES:
            raise ValueError("it claims more than 67 million values")
        kind = bytes(table.attrs[f"{name}_kind"]).decode("latin-1")
        labels += re.findall(r"^a?(?:\(lp\d+)?V(.+)$", kind, flags=re.MULTILINE)
        blocks.append(table[name].astype(np.float64).reshape(table.size, -1))
    if not blocks or sum(block.shape[1] for block in blocks) != len(labels):
        raise ValueError("the names of its columns do not fit its columns")
    return labels, np.hstack(blocks)


def _refuse_other_files(file: Any) -> None:  # noqa: ANN401 - as above
    """Nothing is read through links or storage outside of the file: that would be bytes of any file of the machine."""
    import h5py

    for path in ("data_df", "data_df/table"):
        link = file.get(path, getlink=True) if path in file else None
        if link is not None and not isinstance(link, h5py.HardLink):
            raise ValueError(f"{path} is a link")
    table = file.get("data_df/table")
    if isinstance(table, h5py.Dataset) and (table.external or table.is_virtual):
        raise ValueError("its table lies in another file")


main()
