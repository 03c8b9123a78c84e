"""Takes a run file apart and collects everything that is wrong with it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cathodelab.core.errors import CathodelabError, Problem
from cathodelab.core.settings import settings_from
from cathodelab.simulation.dem.materials import Contact
from cathodelab.simulation.dem.runs.run_file_tables import MACHINES, ContactTable, InletTable, ParticleTable, RunTable

SECTIONS = (
    "schema_version",
    "title",
    "run",
    "particles",
    "materials",
    "contacts",
    "machine",
    "inlets",
    "bodies",
    "balls",
)


class RunFileInvalid(CathodelabError):
    """The run file cannot be used; lists all its problems at once."""

    def __init__(self, where: str, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        listed = "".join(f"\n  {number}. {problem}" for number, problem in enumerate(problems, 1))
        super().__init__(
            "dem-run-file",
            f"The run file cannot be used: {len(problems)} problem{'s' if len(problems) != 1 else ''}",
            where=where,
            why=f"All of them:{listed}\n",
            what_to_do="Correct these entries.",
        )

    def __reduce__(self) -> tuple[object, ...]:
        return RunFileInvalid, (self.where, self.problems)


def toml_of(path: Path) -> dict[str, Any]:
    """The content of a TOML file.

    Raises:
        CathodelabError: ``dem-run-file`` if it is not there or not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CathodelabError(
            "dem-run-file",
            f"The run file cannot be read ({error})",
            where=str(path),
            why="It has to be there and to be a TOML file.",
            what_to_do="Correct the path or the line that is named, or start from one of the examples.",
        ) from error


class Reader:
    """Takes tables apart and collects their problems."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def table(self, kind: type[Any], given: object, section: str) -> Any:  # noqa: ANN401 - one of the table classes
        """The settings of a table, defaults in place of what is wrong."""
        if not isinstance(given, Mapping):
            self.problems.append(Problem(self.file, f"[{section}]", "", str(given), "a table"))
            given = {}
        settings, problems = settings_from(kind, given, self.file, section)
        self.problems += problems
        return settings

    def one(self, kind: type[Any], whole: Mapping[str, Any], section: str) -> Any:  # noqa: ANN401 - as table
        """The settings of a section that has to be there."""
        if section not in whole:
            self.problems.append(Problem(self.file, f"[{section}]", "", "", "this section is needed"))
        return self.table(kind, whole.get(section, {}), section)

    def named(self, whole: Mapping[str, Any], section: str) -> list[tuple[str, Any]]:
        """Tables with names of their own; at least one is needed."""
        given = whole.get(section, {})
        if not isinstance(given, Mapping) or not given:
            self.problems.append(Problem(self.file, f"[{section}.NAME]", "", "", "at least one is needed"))
            return []
        return list(given.items())

    def several(self, whole: Mapping[str, Any], section: str) -> list[Any]:
        """Tables of which there may be several, or none."""
        given = whole.get(section, [])
        if not isinstance(given, list):
            self.problems.append(Problem(self.file, f"[[{section}]]", "", str(given), f"written as [[{section}]]"))
            return []
        return given

    def contacts(self, whole: Mapping[str, Any], materials: Mapping[str, Any]) -> list[tuple[tuple[str, str], Contact]]:
        """Contacts by the names of both materials."""
        found = []
        for number, given in enumerate(self.several(whole, "contacts"), 1):
            section = f"contacts {number}"
            entries = dict(given) if isinstance(given, Mapping) else {}
            between = entries.pop("between", None)
            known = len(self.problems)
            values = self.table(ContactTable, entries, section)
            if not (isinstance(between, list) and len(between) == 2 and all(one in materials for one in between)):
                allowed = 'two names of materials, e.g. ["powder", "rotor"]'
                self.problems.append(Problem(self.file, f"[[{section}]]", "between", str(between), allowed))
                continue
            if len(self.problems) > known:
                continue  # what is wrong has been said; the default in its place would only be wrong with the others
            fields = dict(vars(values))
            fields["stiffness"] = fields.pop("stiffness_n_m")
            try:
                found.append(((between[0], between[1]), Contact(**fields)))
            except CathodelabError as error:
                self.problems.append(Problem(self.file, f"[[{section}]]", "", error.what, "see the list of contacts"))
        return found

    def amounts(self, run: RunTable, particles: ParticleTable, inlets: list[InletTable]) -> None:
        """Entries that contradict each other: mass and number, shares of inlets, step and outputs."""
        if (particles.mass_g > 0) == (particles.count > 0):
            given = "both" if particles.mass_g > 0 else "neither"
            problem = Problem(self.file, "[particles]", "mass_g, count", given, "one of them, above 0")
            self.problems.append(problem)
        share = sum(one.share for one in inlets)
        if inlets and abs(share - 1) > 1e-6:
            self.problems.append(Problem(self.file, "[[inlets]]", "share", f"{share:g} in all", "1 in all"))
        for number, one in enumerate(inlets, 1):
            if one.end_s < one.begin_s:
                allowed = f"begin_s ({one.begin_s:g}) or more"
                self.problems.append(Problem(self.file, f"[[inlets {number}]]", "end_s", f"{one.end_s:g}", allowed))
            narrow = min(one.x_high_mm - one.x_low_mm, one.y_high_mm - one.y_low_mm, one.z_high_mm - one.z_low_mm)
            widest = 1e-3 * particles.diameter_um * (1 + particles.spread)
            if narrow < widest:
                allowed = f"a box at least one grain wide ({widest:g} mm) on every axis"
                self.problems.append(Problem(self.file, f"[[inlets {number}]]", "corners", f"{narrow:g} mm", allowed))
        if 0 < run.output_interval_s < run.step_s:
            allowed = f"step_s ({run.step_s:g}) or more"
            problem = Problem(self.file, "[run]", "output_interval_s", f"{run.output_interval_s:g}", allowed)
            self.problems.append(problem)

    def machine(self, whole: Mapping[str, Any]) -> tuple[Any, str]:
        """Settings and kind of the machine."""
        given = whole.get("machine")
        kind = given.get("kind") if isinstance(given, Mapping) else None
        if not isinstance(given, Mapping) or kind not in MACHINES:
            allowed = "one of " + ", ".join(MACHINES)
            self.problems.append(Problem(self.file, "[machine]", "kind", str(kind), allowed))
            return None, ""
        entries = {name: value for name, value in given.items() if name != "kind"}
        return self.table(MACHINES[str(kind)], entries, "machine"), str(kind)
