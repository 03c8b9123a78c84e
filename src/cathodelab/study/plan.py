"""What a run of a study will do: which methods apply to which samples, in which order, and what each depends on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from cathodelab.catalogue import techniques
from cathodelab.core.method import AnyMethod, AnyStudyMethod, Companion
from cathodelab.core.samples import Sample
from cathodelab.formats.readers import Reader
from cathodelab.formats.technique import Measurement, Technique
from cathodelab.study.cache import code_hash, library_versions
from cathodelab.study.manifest import Study


class Plan:
    """Methods, measurements and readers of the techniques that a study uses; all others are never loaded.

    Args:
        study: the checked study.
    """

    def __init__(self, study: Study) -> None:
        self._study = study

    @cached_property
    def techniques(self) -> tuple[Technique, ...]:
        """Techniques with files in this study, and those that work on tables and results of its kinds of samples."""
        columns = {file.column for sample in self._study.samples for file in sample.files}
        kinds = {sample.kind for sample in self._study.samples}
        return tuple(
            one
            for one in techniques()
            if (columns & set(one.file_columns) if one.readers else not one.columns or kinds & set(one.columns))
        )

    @cached_property
    def methods(self) -> tuple[AnyMethod, ...]:
        """In the order of the catalogue, what a method requires before it."""
        found = [one.method(name) for one in self.techniques for name in one.methods]
        return tuple(in_order(found))

    @cached_property
    def study_methods(self) -> tuple[AnyStudyMethod, ...]:
        """In the order of the catalogue, what a study method requires before it."""
        found = [one.study_method(name) for one in self.techniques for name in one.study_methods]
        return tuple(in_order(found))

    def methods_of(self, sample: Sample) -> tuple[AnyMethod, ...]:
        """The methods that apply to a sample: to its kind, and to the measurements that it has files of."""
        name = sample.kind, sample.id
        if name not in self._applying:
            self._applying[name] = self._methods_of(sample)
        return self._applying[name]

    @cached_property
    def _applying(self) -> dict[tuple[str, str], tuple[AnyMethod, ...]]:
        return {}

    def _methods_of(self, sample: Sample) -> tuple[AnyMethod, ...]:
        columns = {one.column for one in sample.files}
        applying: list[AnyMethod] = []
        names = {one.id for one in self.methods}
        for method in self.methods:
            if sample.kind not in method.samples:
                continue
            ready = {one.id for one in applying}
            needed = [name for name in method.requires if name in self._homes_of_measurements or name in names]
            if all(
                bool(columns & set(self.measurement(name).columns))
                if name in self._homes_of_measurements
                else name in ready
                for name in needed
            ):
                applying.append(method)
        return tuple(applying)

    @cached_property
    def methods_used(self) -> tuple[AnyMethod, ...]:
        """Those that apply to some sample."""
        used = {method.id for sample in self._study.samples for method in self.methods_of(sample)}
        return tuple(one for one in self.methods if one.id in used)

    def is_method_of(self, sample: Sample, name: str) -> bool:
        """Whether a method applies to a sample."""
        return any(one.id == name for one in self.methods_of(sample))

    def companion(self, sample: Sample, companion: Companion) -> Sample | None:
        """The sample that is measured beside another; ``None`` where it names none."""
        wanted = sample.companions.get(companion.column)
        if not wanted:
            return None
        column = next(one for one in self._study.kinds[sample.kind].columns if one.name == companion.column)
        return self._study.sample(column.names, wanted)

    def measurement(self, name: str) -> Measurement[Any]:
        """A measurement by its id."""
        return self._measurements[name]

    def is_method(self, name: str) -> bool:
        """Whether a name is that of a method of the study's techniques."""
        return name in self._homes

    def is_measurement(self, name: str) -> bool:
        """Whether a name is that of a measurement."""
        return name in self._homes_of_measurements

    def readers_of(self, column: str) -> tuple[Reader, ...]:
        """The readers that files of a column are offered to."""
        return tuple(
            {
                id(reader): reader
                for one in self.techniques
                if column in one.file_columns
                for reader in one.all_readers()
            }.values()
        )

    def settings_of(self, method: str) -> Any:  # noqa: ANN401 - each method has its own settings
        """Settings of a method: as the study states them, else the defaults."""
        if method in self._study.settings:
            return self._study.settings[method]
        home = self._homes[method]
        found = home.method(method) if method in home.methods else home.study_method(method)
        return found.settings()

    def code_of(self, method: str) -> str:
        """Digest of what computes a method besides this program: a plug-in's package, and libraries that the technique names."""
        return self._code(self._homes[method])

    def code_of_measurement(self, name: str) -> str:
        """The same of a measurement."""
        return self._code(self._homes_of_measurements[name])

    @cached_property
    def _measurements(self) -> dict[str, Measurement[Any]]:
        return {name: home.measurement(name) for name, home in self._homes_of_measurements.items()}

    @cached_property
    def _homes(self) -> dict[str, Technique]:
        return {name: one for one in self.techniques for name in (*one.methods, *one.study_methods)}

    @cached_property
    def _homes_of_measurements(self) -> dict[str, Technique]:
        return {name: one for one in self.techniques for name in one.measurements}

    @cached_property
    def _digests(self) -> dict[str, str]:
        return {}

    def _code(self, home: Technique) -> str:
        if home.id not in self._digests:
            places = [*home.methods.values(), *home.study_methods.values(), *home.measurements.values(), home.readers]
            packages = sorted({place.partition(":")[0].partition(".")[0] for place in places if place})
            foreign = [f"{name} {_digest_of(name)}" for name in packages if name != "cathodelab"]
            self._digests[home.id] = "; ".join([*foreign, repr(library_versions(home.libraries))])
        return self._digests[home.id]


def _digest_of(package: str) -> str:
    """Of all Python files of a package, or of the one file of a module."""
    place = Path(str(import_module(package).__file__))
    return code_hash(place.parent) if place.name == "__init__.py" else code_hash(place)


def in_order(methods: Sequence[Any]) -> Iterable[Any]:
    """Methods as they stand, each behind what it requires; a circle is a fault of its author.

    Raises:
        ValueError: methods that require each other.
    """
    left = list(methods)
    done: set[str] = set()
    names = {one.id for one in methods}
    while left:
        for one in left:
            wanted = {*one.requires, *getattr(one, "optional", ())} & names
            if wanted <= done:
                yield one
                done.add(one.id)
                left.remove(one)
                break
        else:
            raise ValueError(f"methods require each other: {', '.join(one.id for one in left)}")
