"""Figures as contents of files: what an earlier run drew comes from the cache, all else is drawn now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from cathodelab.core.figure import FigureSpec
from cathodelab.figures.matplotlib_figure import style_digest
from cathodelab.figures.pictures import Order, pictures, texts
from cathodelab.study.cache import FileCache, content_hash
from cathodelab.study.run import Progress, Workers

_ENDS = {"svg": b"</svg>\n", "pdf": b"%%EOF\n", "csv": b"\n", "json": b"}"}
Pictures = dict[str, bytes]
"""Contents of a figure's files by format."""


class Drawings:
    """The pictures of several figures. Drawing starts when this is made, if there are workers, and ends with ``collected``.

    Args:
        wanted: what to draw.
        study: its folder; the cache is there.
        workers: where figures are drawn; in this process without.
    """

    def __init__(self, wanted: Sequence[Order], study: Path, workers: Workers | None = None) -> None:
        self._cache = FileCache(study, "figures")
        self._keys = [_key(order.spec) for order in wanted]
        self._found = [self._stored(key, order.kinds) for key, order in zip(self._keys, wanted, strict=True)]
        self._missing = [number for number, found in enumerate(self._found) if found is None]
        self._orders = [wanted[number] for number in self._missing]
        self._drawn: Iterable[Pictures] = (workers.map if workers else map)(pictures, self._orders)

    def collected(self, progress: Progress | None = None) -> list[Pictures]:
        """The pictures in the order of the figures; ``progress`` wraps those that are drawn."""
        written = [texts(order) for order in self._orders]  # by this process, while others draw
        drawn = progress(self._drawn, len(self._missing), "figures") if progress else self._drawn
        for number, pictured, numbers in zip(self._missing, drawn, written, strict=True):
            contents = {**pictured, **numbers}
            for kind, content in contents.items():
                self._cache.store(f"{self._keys[number]}.{kind}", content)
            self._found[number] = contents
        return [contents or {} for contents in self._found]

    def _stored(self, key: str, kinds: Sequence[str]) -> Pictures | None:
        """What an earlier run drew, if all formats are there and whole."""
        found = {kind: self._cache.get(f"{key}.{kind}") or b"" for kind in kinds}
        return found if all(content.endswith(_ENDS[kind]) for kind, content in found.items()) else None


def _key(spec: FigureSpec) -> str:
    return content_hash(f"{spec.digest()}{style_digest()}".encode())[:40]
