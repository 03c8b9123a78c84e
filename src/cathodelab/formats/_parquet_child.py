"""The fenced process of :mod:`cathodelab.formats.parquet`: parquet files on standard input, columns on standard output.

It imports polars and the standard library, and reads one file after the other until its input ends. A request is one line of
JSON (labels that are wanted, bytes that follow), then the file; the reply is one line of JSON, then the columns as doubles.
"""

from __future__ import annotations

import io
import json
import sys
from typing import Any


def main() -> None:
    """Read until the input ends."""
    memory = int(sys.argv[1])
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except ImportError:
        pass  # no such limits on Windows: time and the number of values stay bounded
    import polars as pl

    for line in iter(sys.stdin.buffer.readline, b""):
        request = json.loads(line)
        content = sys.stdin.buffer.read(request["bytes"])
        # a panic of the library is a BaseException: whatever it is, it is the reply
        try:
            about, columns = _columns(pl, content, request["labels"], request["most"])
        except BaseException as error:  # noqa: BLE001 - see above
            about, columns = {"error": f"{type(error).__name__}: {(str(error).splitlines() or [''])[0][:200]}"}, []
        sys.stdout.buffer.write(json.dumps(about).encode() + b"\n")
        for column in columns:
            sys.stdout.buffer.write(column)
        sys.stdout.buffer.flush()


def _columns(pl: Any, content: bytes, wanted: list[str], most: int) -> tuple[dict[str, Any], list[bytes]]:  # noqa: ANN401
    """Labels, number of rows, columns of lists, and the wanted columns; no more than their number where they are too long."""
    lazy = pl.scan_parquet(io.BytesIO(content))
    header = lazy.collect_schema().names()
    labels = [one for one in header if one in wanted]
    rows = int(lazy.select(pl.len()).collect().item())  # from the footer: nothing is unpacked yet
    about: dict[str, Any] = {"header": header, "rows": rows, "nested": {}, "columns": []}
    if rows * max(len(labels), 1) > most or not labels:
        return about, []
    frame = pl.read_parquet(io.BytesIO(content), columns=labels)
    columns = []
    for label in labels:
        series = frame[label]
        if series.dtype.is_nested():
            about["nested"][label] = str(series.dtype)[:60]
        else:
            about["columns"].append(label)
            columns.append(series.cast(pl.Float64, strict=False).to_numpy().astype("<f8").tobytes())
    return about, columns


main()
