"""What a user can do: an operation with declared inputs, and what every output can say of itself.

A door (command line, web page) makes its options, help and messages from the declaration of the inputs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cathodelab.core.errors import CathodelabError
from cathodelab.core.settings import Fault, inputs_from

Progress = Callable[[Iterable[Any], int, str], Iterable[Any]]
"""``progress(items, count, what)`` gives the items, and shows how far they have come."""


class Output:
    """What came out of an operation, ready to be shown by any door."""

    @property
    def page(self) -> Path | None:
        """A page for the browser, if there is one."""
        return None

    @property
    def complete(self) -> bool:
        """Whether all that was asked for is there."""
        return True

    def lines(self) -> list[str]:
        """What a person reads in a terminal."""
        raise NotImplementedError

    def record(self) -> dict[str, Any]:
        """The same and more for programs: plain data without ``nan``."""
        raise NotImplementedError


@dataclass(frozen=True)
class Operation:
    """One thing that a user can do.

    Args:
        name: one or two words.
        sentence: what it does.
        inputs: frozen dataclass of knobs.
        function: ``function(inputs, progress)``; loads its heavy parts when it is called.
    """

    name: str
    sentence: str
    inputs: type[Any]
    function: Callable[[Any, Progress], Output]

    def run(self, inputs: Any, progress: Progress) -> Output:  # noqa: ANN401 - each operation has its own inputs
        """Check the inputs and do it.

        Raises:
            CathodelabError: ``input-invalid`` with every input that is not allowed; what the operation itself refuses.
        """
        given = {one.name: getattr(inputs, one.name) for one in dataclasses.fields(inputs)}
        faults = inputs_from(self.inputs, given)[1]
        if faults:
            raise self._refusal(faults, str)
        return self.function(inputs, progress)

    def inputs_of(self, given: Mapping[str, object], spelled: Callable[[str], str] = str) -> Any:  # noqa: ANN401 - as above
        """Its inputs from texts or values by name.

        Args:
            given: what was typed; a name that is not here keeps its default.
            spelled: how the door writes the name of an input: ``--area``.

        Raises:
            CathodelabError: ``input-invalid`` with every input that is not allowed.
        """
        inputs, faults = inputs_from(self.inputs, given)
        if faults:
            raise self._refusal(faults, spelled)
        return inputs

    def _refusal(self, faults: list[Fault], spelled: Callable[[str], str]) -> CathodelabError:
        names = [spelled(one.name) for one in faults]
        allowed = [f"{name}: {one.allowed}" for name, one in zip(names, faults, strict=True)]
        return CathodelabError(
            "input-invalid",
            "; ".join(f"{name} is {one.value}" for name, one in zip(names, faults, strict=True)),
            where=f"cathodelab {self.name}",
            why=f"Allowed is {faults[0].allowed}." if len(faults) == 1 else f"Allowed are {'; '.join(allowed)}.",
            what_to_do=f"Correct {' and '.join(names)}; cathodelab {self.name} --help lists all inputs.",
        )
