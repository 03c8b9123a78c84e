"""One mixing run, one recipe: cells of a batch that contradict each other, or the composite that they name."""

from __future__ import annotations

from collections.abc import Iterable

from cathodelab.core.columns import is_missing
from cathodelab.core.errors import Problem, Weight
from cathodelab.core.kinds import MAKING
from cathodelab.core.samples import Sample
from cathodelab.study.links import SampleName

_PLACES = {one.name for one in MAKING}


def contradictions(
    samples: Iterable[Sample], files: dict[str, str]
) -> tuple[list[Problem], dict[SampleName, frozenset[str]]]:
    """What samples of one composite say differently of its making.

    Without a row of the composite it is a doubt, and none of the entries is used; with one it is refused: the composite is the
    place for it.

    Args:
        samples: all samples, linked.
        files: kind -> file of its table.

    Returns:
        the problems, and for each sample the columns whose entries are not to be used.
    """
    children: dict[str, list[Sample]] = {}
    composites = {one.id: one for one in samples if one.kind == "composite"}
    for one in samples:
        for part in one.made_from:
            if part.kind == "composite" and one.kind != "composite":
                children.setdefault(part.id, []).append(one)
    problems: list[Problem] = []
    unused: dict[SampleName, set[str]] = {}
    for batch, members in children.items():
        own = composites[batch]
        everyone = [*([own] if own.entries else []), *members]
        for column in sorted(_PLACES, key=[one.name for one in MAKING].index):
            said: dict[str, list[str]] = {}
            for one in everyone:
                entry = one.entries.get(column, "").strip()
                if not is_missing(entry):
                    said.setdefault(entry, []).append(one.id)
            if len(said) <= 1:
                continue
            listed = " and ".join(f"{entry} ({', '.join(names)})" for entry, names in said.items())
            refused = bool(own.entries)
            hint = f"{column} is {listed}; a batch is one mixing run."
            hint += "" if refused else f" No {column.replace('_', ' ')} is used for it."
            allowed = f"the same {column} in every row of a composite, best in its own row alone" if refused else ""
            place = files.get(members[0].kind, "")
            weight: Weight = "refused" if refused else "doubtful"
            problems.append(Problem(place, f"batch {batch}", column, " / ".join(said), allowed, hint, weight))
            for one in members:
                unused.setdefault((one.kind, one.id), set()).add(column)
    return problems, {name: frozenset(columns) for name, columns in unused.items()}
