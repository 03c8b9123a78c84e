"""The content of a file that a table names: only of regular files, and only of a size that fits."""

from __future__ import annotations

import stat
from pathlib import Path

LARGEST_BYTES = 1 << 31


class NotRead(OSError):
    """A file is not read; ``strerror`` says why."""


def content_of(path: Path) -> bytes:
    """All bytes of a regular file; nothing is opened before it is known to be one, a pipe would never end.

    Raises:
        OSError: it is missing, cannot be read, is a folder, pipe or device, or is too large.
    """
    about = path.stat()
    if not stat.S_ISREG(about.st_mode):
        raise NotRead(0, "it is a folder" if path.is_dir() else "it is a pipe or a device, not a file")
    if about.st_size > LARGEST_BYTES:
        raise NotRead(0, f"it has {about.st_size / 1e9:.1f} GB, and up to {LARGEST_BYTES / 1e9:.1f} GB are read")
    return path.read_bytes()


def is_outside(study: Path, name: str) -> bool:
    """Whether a file lies outside the study's folder, links followed."""
    try:
        return not (study / name).resolve().is_relative_to(study.resolve())
    except (OSError, RuntimeError, ValueError):
        return True
