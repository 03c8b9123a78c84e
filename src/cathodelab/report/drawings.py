"""Figures as contents of files: what an earlier run drew comes from the cache, all else is drawn now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
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
    """The pictures of several figures. Drawing starts when this is made, if there are workers.

    Args:
        wanted: what to draw, by name.
        study: its folder; the cache is there.
        workers: where figures are drawn; in this process without.
    """

    def __init__(self, wanted: Mapping[str, Order], study: Path, workers: Workers | None = None) -> None:
        self._cache = FileCache(study, "figures")
        self._keys: dict[str, str] = {}
        self._found: dict[str, Pictures] = {}
        self._missing: dict[str, Order] = {}
        self._drawn: list[Iterable[Pictures]] = []
        for name, order in wanted.items():
            self._keys[name] = _key(order.spec)
            stored = self._stored(self._keys[name], order.kinds)
            if stored is not None:
                self._found[name] = stored
            else:  # one by one: workers draw the first while the others are looked for
                self._missing[name] = order
                self._drawn.append((workers.map if workers else map)(pictures, [order]))

    def as_they_come(self, progress: Progress | None = None) -> Iterator[tuple[str, Pictures]]:
        """Every figure's name and pictures, once: those of an earlier run first. ``progress`` wraps those that are drawn."""
        written = {name: texts(order) for name, order in self._missing.items()}  # by this process, while others draw
        yield from self._found.items()
        one_by_one = chain.from_iterable(self._drawn)
        drawn = progress(one_by_one, len(self._missing), "figures") if progress else one_by_one
        for (name, numbers), pictured in zip(written.items(), drawn, strict=True):
            contents = {**pictured, **numbers}
            for kind, content in contents.items():
                self._cache.store(f"{self._keys[name]}.{kind}", content)
            yield name, contents

    def _stored(self, key: str, kinds: Sequence[str]) -> Pictures | None:
        """What an earlier run drew, if all formats are there and whole."""
        found = {kind: self._cache.get(f"{key}.{kind}") or b"" for kind in kinds}
        return found if all(content.endswith(_ENDS[kind]) for kind, content in found.items()) else None


def _key(spec: FigureSpec) -> str:
    return content_hash(f"{spec.digest()}{style_digest()}".encode())[:40]
