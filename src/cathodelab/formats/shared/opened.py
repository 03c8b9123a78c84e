"""What lies beneath the wrapping of a file: a packed file of one entry is opened, UTF-16 and Chinese code pages become UTF-8.

Readers see UTF-8 or Latin-1 alone. Instruments write UTF-16 (PalmSens) and the code page of a Chinese Windows (BTSDA); labs pack
what is large.
"""

from __future__ import annotations

import codecs
import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath

from cathodelab.core.errors import FILES, CathodelabError
from cathodelab.formats.shared.foreign import (
    LARGEST_RATIO,
    LARGEST_UNPACKED_BYTES,
    one_clear_error,
    refuse_hostile_archive,
)

HEAD_BYTES = 65536
_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"
_OF_FORMATS = ("xl/", "word/", "[Content_Types].xml", "mimetype", "data.ndc", "VersionInfo.xml")
"""Entries of archives that are a file of their own: workbooks, OpenDocument, Neware's .ndax."""
_NO_ENTRIES = re.compile(r"(^|/)(__MACOSX/|\.DS_Store|Thumbs\.db|desktop\.ini)")
_CHINESE = re.compile("[电压流时间容量循环工步号序数据充放搁置恒能绝对状态记录]")
_GREEK_OF_GBK = re.compile(rb"[(/\[ ](\xa6\xcc[AVWsm]|\xa6\xb8|m\xa6\xb8|k\xa6\xb8|\xa1\xe6|\xa1\xe3[CF])")
"""A micro, an ohm or a degree behind a bracket, as the code page of a Chinese Windows writes them."""
_FEWEST_CHINESE = 3
_PAIR, _PAIRS_WITHIN = re.compile(rb"[\xb0-\xf7][\xa1-\xfe]"), 16384
"""Two bytes of a usual Chinese sign."""
_PIECE = 1 << 20


@dataclass(frozen=True)
class Opened:
    """A file without its wrapping.

    Args:
        name: its name, without the ending of what was unpacked.
        content: its bytes; a text in UTF-8 or Latin-1.
        notes: sentences on what was done.
    """

    name: str
    content: bytes
    notes: tuple[str, ...] = ()


def unpacked(name: str, content: bytes) -> Opened | None:
    """The one file in an archive; ``None`` where the content is no archive, or one that is a format of its own.

    Raises:
        CathodelabError: the archive holds several files or none, is damaged or hostile.
    """
    if content.startswith(_GZIP):
        inner = _of_gzip(content)
        plain = re.sub(r"\.t?gz$", "", name, flags=re.IGNORECASE)
        if inner[257:262] == b"ustar":
            raise _several("tar archive in gzip", "It may hold any number of files.")
        return Opened(plain, inner, (f"The file was unpacked from {PurePosixPath(name).name}.",))
    if content.startswith(_ZIP):
        return _of_zip(name, content)
    for magic, word in ((b"7z\xbc\xaf\x27\x1c", "7-Zip"), (b"Rar!", "RAR"), (b"BZh", "bzip2"), (b"\xfd7zXZ", "xz")):
        if content.startswith(magic):
            raise _several(f"{word} archive", "Of archives only .zip and .gz are opened.")
    return None


def _of_gzip(content: bytes) -> bytes:
    stream, pieces, size = zlib.decompressobj(31), [], 0
    limit = min(LARGEST_UNPACKED_BYTES, LARGEST_RATIO * len(content) + (1 << 24))
    with one_clear_error("gzip", zlib.error):
        rest = content
        while rest and not stream.eof:
            piece = stream.decompress(rest, _PIECE)
            rest = stream.unconsumed_tail
            size += len(piece)
            if size > limit:
                raise CathodelabError(
                    "archive-refused",
                    f"The gzip file would unpack {len(content) / 1e6:.3g} MB to more than {limit / 1e6:,.0f} MB",
                    where="gzip container",
                    why=f"Up to {LARGEST_UNPACKED_BYTES / 1e6:,.0f} MB and {LARGEST_RATIO} times the file are unpacked.",
                    what_to_do="Copy the file from the cycler again; do not open it with other programs.",
                )
            pieces.append(piece)
        if not stream.eof:
            raise zlib.error("it ends before its checksum")
    return b"".join(pieces)


def _of_zip(name: str, content: bytes) -> Opened | None:
    damage = (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except damage:
        return None  # the reader of the format says it
    entry = single_entry(name, names)
    if entry is None:
        return None
    refuse_hostile_archive(content, "zip")
    with one_clear_error("zip", *damage, zlib.error, RuntimeError), zipfile.ZipFile(io.BytesIO(content)) as archive:
        inner = archive.read(entry)
    said = f"The file {PurePosixPath(entry).name} was unpacked from {PurePosixPath(name).name}."
    return Opened(entry, inner, (said,))


def single_entry(name: str, names: list[str]) -> str | None:
    """The one file among the entries of a zip archive; ``None`` where the archive is a file of a format of its own.

    Raises:
        CathodelabError: it holds several files or none.
    """
    if any(one.startswith(_OF_FORMATS) for one in names):
        return None
    entries = [one for one in names if not one.endswith("/") and not _NO_ENTRIES.search(one)]
    if len(entries) != 1:
        listed = ", ".join(PurePosixPath(one).name for one in entries[:4]) + (", ..." if len(entries) > 4 else "")
        held = f"{PurePosixPath(name).name} holds {len(entries)} files: {listed}." if entries else "It holds no file."
        raise _several("zip archive", held)
    return entries[0]


def _several(what: str, why: str) -> CathodelabError:
    return CathodelabError(
        "archive-packed",
        f"The file is a {what}",
        where="whole file",
        why=f"{why} One file of one test is read.",
        what_to_do="Unpack it and name the file of the test; several parts of one test are joined by `;` in their order.",
        hints=(FILES,),
    )


def as_utf8(content: bytes) -> bytes:
    """A text in UTF-16 or a Chinese code page as UTF-8; anything else as it is, not copied."""
    encoding = encoding_of(content)
    if encoding in ("utf-8", "latin-1"):
        head = content[:HEAD_BYTES]
        # lines that end as those of an old Macintosh
        return content.replace(b"\r", b"\n") if b"\r" in head and b"\n" not in head and b"\x00" not in head else content
    decoder, found = codecs.getincrementaldecoder(encoding)(errors="replace"), bytearray()
    for at in range(0, len(content), _PIECE):  # piece by piece: as one text it would need four times the file
        found += decoder.decode(content[at : at + _PIECE]).encode()
    return bytes(found).removeprefix("\ufeff".encode())


def encoding_of(content: bytes) -> str:
    """The encoding of a text: ``utf-16``, ``utf-16-le``, ``utf-16-be``, ``gb18030``, ``utf-8`` or else ``latin-1``."""
    head = content[:HEAD_BYTES]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in head[:512]:
        return _utf_16_without_mark(head[:512])
    if head.isascii() or _is_utf8(head, cut_off=len(content) > len(head)):
        return "utf-8"
    return "gb18030" if _GREEK_OF_GBK.search(head) or _is_chinese(head) else "latin-1"


def _is_chinese(head: bytes) -> bool:
    """Whether a text in the code page of a Chinese Windows has signs that stand in labels of cyclers."""
    if len(_PAIR.findall(head[:_PAIRS_WITHIN])) < _FEWEST_CHINESE:  # quick: letters of Latin-1 stand alone
        return False
    return len(_CHINESE.findall(head.decode("gb18030", errors="replace"))) >= _FEWEST_CHINESE


def _utf_16_without_mark(head: bytes) -> str:
    """Letters of such a text have a zero on one side, always the same."""
    size = len(head) // 2
    zeros = [head[side::2].count(0) for side in (0, 1)]
    for side, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if zeros[side] > 0.9 * size and not zeros[1 - side]:
            return name
    return "latin-1"


def _is_utf8(head: bytes, *, cut_off: bool) -> bool:
    """Whether the bytes are UTF-8; where they were cut off, up to three at their end do not count."""
    for cut in range(4 if cut_off else 1):
        try:
            head[: len(head) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return True
    return False
