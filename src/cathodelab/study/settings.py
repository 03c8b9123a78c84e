"""study.toml: what holds for a whole study, and the settings of its methods."""

from __future__ import annotations

import os
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cathodelab.catalogue import techniques
from cathodelab.core.errors import Problem
from cathodelab.core.method import AnyMethod, AnyStudyMethod
from cathodelab.core.settings import knob, settings_from
from cathodelab.formats.kinds import CYCLING, OURS
from cathodelab.formats.shared.column_map import ColumnMap, column_map
from cathodelab.formats.table import TableKind

CONFIGURATION = "study.toml"
_LARGEST = 1 << 24  # bytes
TOP_LEVEL = ("schema_version", "title", "synthetic", "reference_electrode", "c_rate", "methods", "columns")


@dataclass(frozen=True)
class ReferenceElectrode:
    """Potential of the In/InLi two-phase counter electrode against Li+/Li (seed: Santhosha et al. 2019)."""

    offset_volt: float = knob(0.62, "potential of In/InLi vs. Li⁺/Li", unit="V", low=-5, high=5)
    standard_uncertainty_volt: float = knob(0.004, "its standard uncertainty", unit="V", low=0, high=1)


@dataclass(frozen=True)
class CRate:
    """What 1C means."""

    basis_mAh_g: float = knob(
        200.0, "capacity per mass of active material that 1C delivers in 1 h", unit="mAh/g", low=1
    )


@dataclass(frozen=True)
class Configuration:
    """A checked ``study.toml``; ``methods`` holds the settings of the methods that it names."""

    title: str = ""
    synthetic: bool = False
    reference_electrode: ReferenceElectrode = ReferenceElectrode()
    c_rate: CRate = CRate()
    methods: Mapping[str, Any] = field(default_factory=dict)
    column_maps: tuple[ColumnMap, ...] = ()
    present: bool = False


def configuration(folder: Path) -> tuple[Configuration, list[Problem]]:
    """``study.toml`` of a folder, or the defaults, with every problem in it."""
    content, problems = _content(folder)
    electrode, more = settings_from(
        ReferenceElectrode, _section(content, "reference_electrode", problems), CONFIGURATION, "reference_electrode"
    )
    problems += more
    c_rate, more = settings_from(CRate, _section(content, "c_rate", problems), CONFIGURATION, "c_rate")
    problems += more
    found = Configuration(
        title=str(content.get("title", "")),
        synthetic=bool(content.get("synthetic", False)),
        reference_electrode=electrode,
        c_rate=c_rate,
        methods=_methods(_section(content, "methods", problems), problems),
        column_maps=tuple(column_maps(_section(content, "columns", problems), problems)),
        present=(folder / CONFIGURATION).is_file(),
    )
    return found, problems


def settings_of(methods: Iterable[AnyMethod | AnyStudyMethod], stated: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of methods by id: as stated, else their defaults."""
    return {one.id: stated[one.id] if one.id in stated else one.settings() for one in methods}


def _content(folder: Path) -> tuple[dict[str, Any], list[Problem]]:
    path = folder / CONFIGURATION
    if not path.is_file():
        if os.path.lexists(path):  # else a user's settings would be left out without a word
            return {}, [Problem(CONFIGURATION, "", "", "no regular file", "TOML in UTF-8")]
        return {}, []
    try:
        if path.stat().st_size > _LARGEST:
            return {}, [Problem(CONFIGURATION, "", "", "a huge file", f"up to {_LARGEST >> 20} MB of TOML")]
        content = tomllib.loads(path.read_bytes().decode("utf-8"))
    except (ValueError, OSError, RecursionError) as error:
        return {}, [Problem(CONFIGURATION, "", "", str(error)[:200], "TOML in UTF-8")]
    problems = [
        Problem.of_unknown_key((CONFIGURATION, "", key), content[key], TOP_LEVEL)
        for key in content
        if key not in TOP_LEVEL
    ]
    if content.get("schema_version") != 1:
        value = str(content.get("schema_version", "missing"))
        problems.append(Problem(CONFIGURATION, "", "schema_version", value, "1"))
    for key, kind in (("title", str), ("synthetic", bool)):
        if kind is str and any(unicodedata.category(sign) in ("Cc", "Cf") for sign in str(content.get(key, ""))):
            problems.append(
                Problem(CONFIGURATION, "", key, repr(content[key])[:80], "a text without control characters")
            )
        if key in content and not isinstance(content[key], kind):
            allowed = "a text" if kind is str else "true or false"
            problems.append(Problem(CONFIGURATION, "", key, str(content[key]), allowed))
    return content, problems


def _section(content: Mapping[str, Any], name: str, problems: list[Problem]) -> Mapping[str, Any]:
    section = content.get(name, {})
    if not isinstance(section, Mapping):
        problems.append(Problem(CONFIGURATION, "", name, str(section), f"a table [{name}]"))
        return {}
    return section


def _methods(section: Mapping[str, Any], problems: list[Problem]) -> dict[str, Any]:
    """Settings of the methods that are named; only their code is loaded."""
    homes = {name: one for one in techniques() for name in (*one.methods, *one.study_methods)}
    settings = {}
    for name in section:
        if name not in homes:
            problems.append(Problem.of_unknown_key((CONFIGURATION, f"[methods.{name}]", ""), name, homes))
            continue
        home = homes[name]
        method = home.method(name) if name in home.methods else home.study_method(name)
        table = _section(section, name, problems)
        settings[name], more = settings_from(method.settings, table, CONFIGURATION, f"methods.{name}")
        problems += more
    return settings


def column_maps(section: Mapping[str, Any], problems: list[Problem]) -> list[ColumnMap]:
    """The declared column maps; what is wrong with one is added to the problems."""
    maps = []
    for name in section:
        table = _section(section, name, problems)
        declared, more = column_map(name, table, CONFIGURATION, _kinds(str(table.get("kind", CYCLING.word))))
        problems += more
        if declared is not None:
            maps.append(declared)
    return maps


def _kinds(wanted: str) -> tuple[TableKind, ...]:
    """Kinds of tables that a map may be of; those of techniques are loaded only where ours do not hold the wanted one."""
    if any(one.word == wanted for one in OURS):
        return OURS
    return (*OURS, *(kind for technique in techniques() for kind in technique.all_tables()))
