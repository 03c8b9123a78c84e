"""Fences around third-party readers and archives: bounded sizes, and one clear error for their exceptions."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PureWindowsPath

from cathodelab.core.errors import CathodelabError

MOST_ENTRIES = 2000
LARGEST_UNPACKED_BYTES = 1 << 30
LARGEST_RATIO = 200
"""Instrument files compress 4 to 40 times; a zip bomb of zeros 1000 times."""
_PIECE = 1 << 20  # bytes that are unpacked at once to count them
_LOCAL_HEADER = 30  # bytes before an entry's name


@contextmanager
def one_clear_error(format_name: str, *exceptions: type[BaseException]) -> Iterator[None]:
    """Turn the given exceptions of a third-party reader into the error of a damaged file."""
    try:
        yield
    except exceptions as error:
        detail = (str(error).strip().splitlines() or [""])[0][:160]
        raise CathodelabError(
            "file-damaged",
            f"The {format_name} file cannot be read",
            where="whole file",
            why=f"It is cut off, damaged or of a version that is not known ({type(error).__name__}: {detail}).",
            what_to_do="Copy it from the cycler again, or export it from the cycler's software as csv.",
        ) from error


def missing_extra(package: str, extra: str, format_name: str) -> CathodelabError:
    """The error where an optional library is not installed."""
    return CathodelabError(
        "extra-missing",
        f"Reading a {format_name} file needs {package}, which is not installed",
        where="installation",
        why=f"It belongs to the optional extra `{extra}`.",
        what_to_do=f'Install it with  pip install "cathodelab[{extra}]"  or export the file as csv.',
    )


def refuse_hostile_archive(
    content: bytes, format_name: str, largest_unpacked_bytes: int = LARGEST_UNPACKED_BYTES
) -> tuple[str, ...]:
    """Check a zip archive before a library unpacks it; returns the names of its entries.

    Declared sizes are bounded first. Then every deflated entry is unpacked in small pieces, of which only the length is kept: a
    directory can declare less than an entry holds, and libraries unpack an entry as a whole. Other ways of packing are refused.
    """
    damage = (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError)
    with one_clear_error(format_name, *damage), zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise _hostile(format_name, f"holds {len(entries)} entries", f"Up to {MOST_ENTRIES} are read.")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > largest_unpacked_bytes or unpacked > LARGEST_RATIO * len(content) + (1 << 24):
        raise _hostile(
            format_name,
            f"would unpack {len(content) / 1e6:.3g} MB to {unpacked / 1e6:,.0f} MB",
            f"Up to {largest_unpacked_bytes / 1e6:,.0f} MB and {LARGEST_RATIO} times the file are unpacked.",
        )
    for entry in entries:
        if entry.flag_bits & 0x1:
            raise _hostile(format_name, f"holds the encrypted entry {entry.filename[:80]!r}", "It cannot be opened.")
        if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise _hostile(
                format_name, f"packs {entry.filename[:80]!r} by method {entry.compress_type}", "Only deflate is read."
            )
        path = PureWindowsPath(entry.filename)  # handles both kinds of slashes, and drives
        if path.is_absolute() or path.drive or path.root or ".." in path.parts:
            raise _hostile(
                format_name,
                f"holds an entry that points outside of it, {entry.filename[:80]!r}",
                "Nothing is unpacked.",
            )
        if entry.compress_type == zipfile.ZIP_DEFLATED and _unpacks_more(content, entry):
            raise _hostile(
                format_name,
                f"holds the entry {entry.filename[:80]!r}, which unpacks to more than the {entry.file_size:,} bytes declared",
                "Nothing more is unpacked.",
            )
    return tuple(entry.filename for entry in entries)


def _unpacks_more(content: bytes, entry: zipfile.ZipInfo) -> bool:
    """Whether a deflated entry holds more than its declared size; damage is left to the reader to say."""
    header = content[entry.header_offset : entry.header_offset + _LOCAL_HEADER]
    if len(header) < _LOCAL_HEADER:
        return False
    start = entry.header_offset + _LOCAL_HEADER + sum(struct.unpack("<HH", header[26:30]))
    packed = memoryview(content)[start : start + entry.compress_size]
    stream, found = zlib.decompressobj(-zlib.MAX_WBITS), 0
    try:
        for at in range(0, len(packed), _PIECE):
            rest: memoryview | bytes = packed[at : at + _PIECE]
            while rest and not stream.eof:
                found += len(stream.decompress(rest, _PIECE))
                rest = stream.unconsumed_tail
                if found > entry.file_size:
                    return True
    except zlib.error:
        return False
    return found > entry.file_size


def _hostile(format_name: str, what: str, why: str) -> CathodelabError:
    return CathodelabError(
        "archive-refused",
        f"The {format_name} file {what}",
        where="zip container",
        why=f"{why} No cycler writes such a file.",
        what_to_do="Copy the file from the cycler again; do not open it with other programs if its origin is not known.",
    )
