"""Reference pages, made from what is declared: kinds of samples, columns, settings, methods, checks, error codes, formats."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from cathodelab.catalogue import techniques
from cathodelab.core.columns import Column
from cathodelab.core.errors import CathodelabError
from cathodelab.core.method import AnyMethod, MethodCard
from cathodelab.core.settings import knobs, toml
from cathodelab.formats.described import DESCRIBED
from cathodelab.formats.readers import READERS
from cathodelab.formats.scale import (
    CONTRADICTIONS,
    HIGHEST_POTENTIAL_VOLT,
    KNOWN_MATERIALS,
    LARGEST_CURRENT_AMPERE,
    LEAST_POTENTIAL_VOLT,
    LONGEST_TEST_HOURS,
)
from cathodelab.formats.technique import Technique
from cathodelab.study.cache import write_atomically
from cathodelab.study.manifest import kinds_of_samples
from cathodelab.study.settings import CRate, ReferenceElectrode

_MADE = "<!-- Made by `cathodelab reference`; edit the declarations instead. -->\n"


def write_reference(folder: Path) -> tuple[Path, ...]:
    """Write all pages as Markdown; installed packages that add techniques are in them.

    Raises:
        CathodelabError: the folder cannot be written.
    """
    written = []
    for name, (title, page) in PAGES.items():
        text = f"{_MADE}# {title}\n\n{page()}"
        path = folder / f"{name}.md"
        try:
            write_atomically(path, text.encode())
        except OSError as error:
            raise CathodelabError(
                "cannot-write",
                f"{path.name} cannot be written",
                where=str(folder),
                why=f"The system says: {error.strerror}.",
                what_to_do="Name another folder, or check its rights.",
            ) from error
        written.append(path)
    return tuple(written)


def _kinds() -> str:
    about = (
        "A study is a folder of tables of samples. Each kind has a table of its own, as csv, as xlsx, or as a sheet of "
        "`study.xlsx`; `cells.csv` alone is a study. What a sample lacks is looked up on what it was made from.\n"
    )
    rows = [
        (one.id, f"`{one.table}`", f"`{one.id_column}`", ", ".join(one.made_of) or "–")
        for one in kinds_of_samples().values()
    ]
    return "\n".join([about, _table(("kind", "table", "column of the names", "may be made from"), rows)])


def _columns() -> str:
    about = (
        "Needed columns are refused where they are missing. Numbers outside “allowed” are refused; outside “usual” they are "
        "doubted: the study runs and says so. `required` and `recommended` belong to the "
        "reporting checklist. Entries like `n/a`, `?` or "
        "`-` are missing.\n"
    )
    parts = [about]
    for one in kinds_of_samples().values():
        rows = [
            (f"`{column.name}`", column.meaning, column.unit or "–", _tier(column), _range(column), _usual(column))
            for column in one.columns
        ]
        parts.append(f"## {one.several.capitalize()} (`{one.table}`)\n")
        parts.append(_table(("column", "meaning", "unit", "asked for", "allowed", "usual"), rows))
    return "\n".join(parts)


def _settings() -> str:
    parts = ["Every setting of `study.toml` with its default.\n"]
    groups: list[tuple[str, type]] = [("reference_electrode", ReferenceElectrode), ("c_rate", CRate)]
    for home in techniques():
        groups += [(f"methods.{name}", home.method(name).settings) for name in home.methods]
        groups += [(f"methods.{name}", home.study_method(name).settings) for name in home.study_methods]
    for section, kind in groups:
        declared = knobs(kind)
        if declared:
            rows = [
                (f"`{name}`", f"`{toml(default)}`", about.allowed, about.meaning)
                for name, (default, about) in declared.items()
            ]
            parts += [f"## `[{section}]`\n", _table(("setting", "default", "allowed", "meaning"), rows)]
    return "\n".join(parts)


def _methods() -> str:
    parts = ["What each method computes, from what, and what it cannot see.\n"]
    for home in techniques():
        for name in home.methods:
            method = home.method(name)
            parts += [f"## {method.title} (`{name}`)\n", *_card(method.card), _needs(method, home)]
        for name in home.study_methods:
            study_method = home.study_method(name)
            if study_method.card is not None:
                parts += [f"## {study_method.card.title} (`{name}`)\n", *_card(study_method.card)]
                parts.append(f"Compares samples, from {', '.join(f'`{one}`' for one in study_method.requires)}.\n")
    return "\n".join(parts)


def _card(card: MethodCard) -> list[str]:
    if not card.title:
        return []
    assumptions = "\n".join(f"- {one}" for one in card.assumptions)
    return [
        f"{card.sentence}\n",
        f"Formula: {card.formula}\n",
        f"Assumptions:\n\n{assumptions}\n",
        f"Valid range: {card.valid_range}\n",
        f"What it cannot see: {card.cannot_see}\n",
        f"Source: {card.source}\n",
    ]


def _needs(method: AnyMethod, home: Technique) -> str:
    beside = [f"`{one.measurement}` of the sample in the column `{one.column}`" for one in method.beside.values()]
    names = [f"`{name}`" for name in method.requires if name.removesuffix("_sample") not in method.beside]
    return f"Applies to: {', '.join(method.samples)}. Needs {', '.join([*names, *beside])}. Technique: {home.id}.\n"


_SCALES = {
    (f"`{one.check}`", "formats.scale", "fatal above its limit" if one.fatal else "caution")
    for one in CONTRADICTIONS
    if one.refused != "always"
}


def _checks() -> str:
    fatal = {name for name, _ in _literals("Check", 0, having="fatal")}
    made = {(f"`{name}`", place, "fatal" if name in fatal else "caution") for name, place in _literals("Check", 0)}
    about = (
        "Names of checks, where they are made, and what a failure means: where a fatal one fails, the sample takes no part in "
        "means (both means then stand beside each other); a caution is said, and the number stays.\n\n"
    )
    return about + _table(("check", "made in", "weight"), sorted(made | _SCALES))


def _scale() -> str:
    about = (
        "What no sound measurement shows. A number outside its limits is a doubt: the check fails, on the page, in the workbook "
        "and in `results.json`. Where nothing sensible can be computed it is an error. Columns of tables have limits of their "
        "own ([columns](columns.md)).\n"
    )
    rows = [
        (
            f"`{one.check}`",
            one.quantity,
            "–" if one.unit == "1" else one.unit,
            f"{one.low:g}",
            f"{one.high:g}",
            one.refused,
            one.likely,
        )
        for one in CONTRADICTIONS
    ]
    heads = ("check", "what is looked at", "unit", "from", "to", "error", "outside it is most likely that")
    windows = [
        (one.name, f"{one.theory_mAh_g:g}", f"{one.low_volt:g}", f"{one.high_volt:g}") for one in KNOWN_MATERIALS
    ]
    materials = "\nMaterials that are known by their name (`cam_name`):\n"
    of_windows = (
        "material",
        "theoretical capacity / mAh/g",
        "highest potential not below / V vs. Li⁺/Li",
        "median not above / V",
    )
    fatal = ", ".join(f"`{one.check}`" for one in CONTRADICTIONS if one.fatal)
    weight = f"\nFatal above its limit, so that a cell takes no part in means: {fatal}. All others are cautions.\n"
    recorded = (
        f"\nA recorded potential that never exceeds {LEAST_POTENTIAL_VOLT:g} V while current flows is a doubt whatever the "
        f"counter electrode. Errors are also: potentials above {HIGHEST_POTENTIAL_VOLT:g} V, currents above "
        f"{LARGEST_CURRENT_AMPERE:g} A, tests longer than {LONGEST_TEST_HOURS:,.0f} h, "
        "and clocks and step counts that go backwards.\n"
    )
    return "\n".join([about, _table(heads, rows), weight, materials, _table(of_windows, windows), recorded])


def _errors() -> str:
    found = sorted({(code, place) for kind in _ERRORS for code, place in _literals(kind, 0)})
    by_code: dict[str, list[str]] = {}
    for code, place in found:
        by_code.setdefault(code, []).append(place)
    rows = [(f"`{code}`", ", ".join(dict.fromkeys(places))) for code, places in by_code.items()]
    return "Every error has a code, and says what is wrong, where, why, and what to do.\n\n" + _table(
        ("code", "raised in"), rows
    )


_ERRORS = ("CathodelabError", "NotInRecord", "OtherData")


def _formats() -> str:
    about = (
        "What is read of cyclers and analysers. Where no real file was at hand, the reader was made after a stand-in: a file "
        "written from what is published of the format. A `.zip` or `.gz` of one file is opened.\n"
    )
    parts = [
        about,
        _formats_described(),
        "A file is offered to the readers of the technique whose column names it.\n",
    ]
    for home in techniques():
        readers = home.all_readers()
        if readers:
            columns = ", ".join(f"`{one}`" for one in home.file_columns)
            others = [one for one in readers if one.id not in DESCRIBED]
            listed = "" if len(others) == len(readers) else "The formats of cyclers and analysers above. "
            own = "Its own: " + ", ".join(f"`{one.id}` ({one.version})" for one in others) + "." if others else ""
            parts += [f"## {home.id}: columns {columns}\n", f"{listed}{own}\n"]
    return "\n".join(parts)


def _formats_described() -> str:
    versions = {one.id: one.version for one in READERS}
    rows = [
        (f"`{name}` ({versions[name]})", one.instrument, one.kind, one.read, one.rebuilt, one.made_after)
        for name, one in DESCRIBED.items()
    ]
    return _table(
        ("format (version)", "instrument", "holds", "what is read", "what is rebuilt, and said", "made after"), rows
    )


PAGES: dict[str, tuple[str, Callable[[], str]]] = {
    "kinds": ("Kinds of samples", _kinds),
    "columns": ("Columns of the tables", _columns),
    "settings": ("Settings", _settings),
    "methods": ("Methods", _methods),
    "checks": ("Checks", _checks),
    "scale": ("Scales that contradict each other", _scale),
    "errors": ("Error codes", _errors),
    "formats": ("Formats", _formats),
}
"""Page -> (title, text)."""


def _tier(column: Column) -> str:
    return "needed" if column.needed else column.tier or "–"


def _range(column: Column) -> str:
    return column.allowed if column.is_number or column.choices or column.truth else "a text"


def _usual(column: Column) -> str:
    low, high = column.usual
    return "–" if low == -float("inf") and high == float("inf") else f"{low:g} to {high:g}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    lines += ["| " + " | ".join(entry.replace("|", "\\|").replace("\n", " ") for entry in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _literals(name: str, place: int, having: str = "") -> Iterator[tuple[str, str]]:
    """Texts at one place of all calls of a name, with their module; packages that add techniques are searched too.

    Args:
        name: of what is called.
        place: of the text among the arguments.
        having: only calls with this keyword.
    """
    for package in _packages():
        root = _folder(package)
        for path in sorted(root.rglob("*.py")) if root.is_dir() else [root]:
            module = path.relative_to(root.parent).with_suffix("").as_posix().replace("/", ".")
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                    if having and having not in {one.arg for one in node.keywords}:
                        continue
                    first = node.args[place] if len(node.args) > place else None
                    if isinstance(first, ast.Constant) and isinstance(first.value, str):
                        yield first.value, module.removeprefix("cathodelab.")


def _packages() -> list[str]:
    places = [
        place
        for home in techniques()
        for place in (*home.methods.values(), *home.study_methods.values(), *home.measurements.values(), home.readers)
    ]
    return sorted({"cathodelab", *(place.partition(":")[0].partition(".")[0] for place in places if place)})


def _folder(package: str) -> Path:
    spec = find_spec(package)
    origin = Path(str(spec.origin if spec is not None else ""))
    return origin.parent if origin.name == "__init__.py" else origin
