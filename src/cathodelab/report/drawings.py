"""Figures as contents of files: what an earlier run drew comes from the cache, all else is drawn now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from cathodelab.core.errors import CathodelabError
from cathodelab.figures.matplotlib_figure import style_digest
from cathodelab.figures.pictures import Order, pictures, texts
from cathodelab.study.cache import FileCache, content_hash
from cathodelab.study.fence import fenced
from cathodelab.study.run import Progress, Workers

Pictures = dict[str, bytes]
"""Contents of a figure's files by format."""


class NotDrawn(Exception):
    """A figure cannot be drawn."""

    def __init__(self, name: str, error: CathodelabError) -> None:
        super().__init__(name, error)
        self.name, self.error = name, error


class Drawings:
    """The pictures of figures: what an earlier run drew, all else from workers that begin when it is ordered.

    Args:
        study: its folder; the cache is there.
        workers: where figures are drawn; in this process without, when they are asked for.
    """

    def __init__(self, study: Path, workers: Workers | None = None) -> None:
        self._cache = FileCache(study, "figures")
        self._workers = workers
        self._found: dict[str, Pictures] = {}
        self._drawn: dict[str, Iterable[Pictures | CathodelabError]] = {}
        """Both by the key of the figure."""

    def order(self, order: Order) -> str:
        """Have a figure drawn unless it is there or under way; returns its key."""
        key = content_hash(f"{order.spec.digest()}{style_digest()}".encode())[:40]
        if key not in self._found and key not in self._drawn:
            stored = self._stored(key, order.kinds)
            if stored is not None:
                self._found[key] = stored
            else:
                self._drawn[key] = (self._workers.map if self._workers else map)(pictures, [order])
        return key

    def as_they_come(
        self, ordered: Sequence[tuple[str, Order, str]], progress: Progress | None = None
    ) -> Iterator[tuple[str, Pictures]]:
        """Pictures of every figure that was ordered as (name, order, key): (name, pictures), those of an earlier run first.

        ``progress`` wraps those that are drawn.

        Raises:
            NotDrawn: one cannot be drawn; it names it.
        """
        missing = [one for one in ordered if one[2] not in self._found]
        for name, _, key in ordered:
            if key in self._found:
                yield name, self._found[key]
        drawn = map(self._taken, missing)
        for (name, _, _), contents in zip(
            missing, progress(drawn, len(missing), "figures") if progress else drawn, strict=True
        ):
            yield name, contents

    def _taken(self, ordered: tuple[str, Order, str]) -> Pictures:
        """What was drawn, kept for the next run."""
        name, order, key = ordered
        if key not in self._found:
            where = f"figure {name}"
            written = fenced(lambda: texts(order), "the numbers of a figure", where)
            pictured = fenced(lambda: next(iter(self._drawn.pop(key))), "the drawing of a figure", where)
            if isinstance(written, CathodelabError):
                raise NotDrawn(name, written)
            if isinstance(pictured, CathodelabError):
                raise NotDrawn(name, pictured.at(where))
            self._found[key] = {**pictured, **written}
            for kind, content in self._found[key].items():
                self._cache.store(f"{key}.{kind}", content)
        return self._found[key]

    def _stored(self, key: str, kinds: Sequence[str]) -> Pictures | None:
        """What an earlier run drew, if all formats are there and whole."""
        found = {kind: self._cache.get(f"{key}.{kind}") for kind in kinds}
        return (
            {kind: content for kind, content in found.items() if content is not None} if all(found.values()) else None
        )
