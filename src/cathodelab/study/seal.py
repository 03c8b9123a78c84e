"""Seals of the cache's entries: whether a bit changed, and whether this user's program made them.

A study folder that is passed on can bring a cache with any number in it. So an entry is believed only under the key of this user,
thirty-two bytes of chance that lie outside of all studies; entries under another key are made anew (or adopted, where a
user asks for it).
"""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from functools import cache
from pathlib import Path

_LENGTH = 16  # bytes of a checksum
_KEY = 32  # bytes


def sealed(content: bytes) -> bytes:
    """Content behind its checksum and the seal of this user."""
    return _checksum(content) + _checksum(content, _key()) + content


def unsealed(content: bytes) -> bytes | None:
    """What was sealed; ``None`` where a bit of it changed, or where another user sealed it."""
    body = content[2 * _LENGTH :]
    return body if content[: 2 * _LENGTH] == _checksum(body) + _checksum(body, _key()) else None


def adopted(content: bytes) -> bytes | None:
    """What anybody sealed, under the seal of this user; ``None`` where a bit of it changed."""
    body = content[2 * _LENGTH :]
    return sealed(body) if content[:_LENGTH] == _checksum(body) else None


def _checksum(content: bytes, key: bytes = b"") -> bytes:
    return hashlib.blake2b(content, digest_size=_LENGTH, key=key).digest()


@cache
def _key() -> bytes:
    """The user's key, made when it is first wanted; without one where nothing can be written for this user."""
    with suppress(OSError, RuntimeError):
        path = _folder() / "key of the cache"
        if not path.is_file() or path.stat().st_size != _KEY:
            _write(path, secrets.token_bytes(_KEY))
        return path.read_bytes()[:_KEY]
    return b""


def _folder() -> Path:
    """Where programs keep what is this user's only."""
    own = os.environ.get("LOCALAPPDATA") if os.name == "nt" else os.environ.get("XDG_CACHE_HOME")
    return (Path(own) if own else Path.home() / ".cache") / "cathodelab"


def _write(path: Path, key: bytes) -> None:
    """Whole, readable by its owner only, and renamed: two programs that start at once end with one key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            stream.write(key)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
