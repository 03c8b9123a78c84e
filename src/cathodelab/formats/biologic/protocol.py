"""BioLogic's settings: files ``.mps`` of EC-Lab and BT-Lab, and the same lines in the header of a text export.

Lines ``key : value`` on the cell and the instrument, then techniques with one parameter per line: a label of 20 characters
and a text of 20 characters for each sequence. The lines of every technique are kept as printed; the known techniques with
constant current (GCPL, Modulo Bat) also give intended steps in units.
"""

from __future__ import annotations

import re

from cathodelab.core.errors import CathodelabError
from cathodelab.core.protocol import IntendedStep, Parameter, Protocol, Technique
from cathodelab.core.units import conversion
from cathodelab.formats.shared.delimited import refuse_no_text
from cathodelab.formats.table import Table

MAGIC = (b"EC-LAB SETTING FILE", b"BT-LAB SETTING FILE")
WIDTH = 20
MOST_LINES = 200_000
GCPL = "Galvanostatic Cycling with Potential Limitation"
MODULO_BAT = "Modulo Bat"
DEFAULT_MASSES_MILLIGRAM = (0.001, 7000.0)
"""EC-Lab's default entries; a real cell of exactly such a mass is very unlikely."""

_BORDER = re.compile(r"Technique : \d+\s*")
_NUMBER = re.compile(r"\s*([-+]?\d[\d.,]*(?:[eE][-+]?\d+)?)\s*(\S*)")
_SAFETY = re.compile(r"\s*(?:Ewe|Ecell|\|?E\|?)\s*(min|max)\s*=\s*([-\d.,]+)\s*V")


def is_biologic_settings(name: str, content: bytes) -> bool:
    """Whether this is a settings file, by its first line or its extension ``.mps``."""
    return content.startswith(MAGIC) or name.endswith(".mps")


def read_biologic_settings(content: bytes) -> Table:
    """``.mps`` -> a table without rows that holds the intended protocol.

    Raises:
        CathodelabError: no settings file, cut off, or without a technique.
    """
    refuse_no_text(content)
    if not content.startswith(MAGIC):
        raise _broken("first line: " + repr(content[:40].decode("latin-1")), "It should read EC-LAB SETTING FILE.")
    text = _text(content)
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        raise _broken(f"{len(lines)} lines", f"Up to {MOST_LINES} are read.")
    announced = next((_number(line)[0] for line in lines[:8] if line.startswith("Number of linked techniques")), None)
    borders = _borders(lines)
    if not borders or announced is None:
        raise _broken("whole file", "It should announce its number of techniques and hold each of them.")
    if len(borders) != announced or not any(line.strip() for line in lines[borders[-1] + 2 :]):
        raise CathodelabError(
            "file-truncated",
            f"The settings file holds {len(borders)} of {announced:g} techniques, or the last without parameters",
            where=f"line {borders[-1] + 1}",
            why="Its third line says how many follow, each with its parameters.",
            what_to_do="Copy the file again.",
        )
    return Table("intended protocol", {}, settings_text=text)


def settings_of_header(lines: list[bytes]) -> str:
    """The settings from the header block of a text export; empty where it has no parameters."""
    end = next((number for number, line in enumerate(lines) if line.startswith(b"Cycle Definition")), None)
    return "" if end is None or len(lines) < end + 2 else _text(b"\n".join(lines[3:]).replace(b"\r", b""))


def protocol_of_text(text: str) -> Protocol | None:
    """The protocol of a settings file, or of a header's lines that begin with the name of the technique.

    ``None`` where the text holds none.
    """
    if not text:
        return None
    lines = text.splitlines()
    borders = _borders(lines)
    if borders:
        techniques = [
            _technique(lines[at + 1].strip(), lines[at + 2 : end])
            for at, end in zip(borders, [*borders[1:], len(lines)], strict=True)
        ]
        return _protocol(techniques, lines[: borders[0]], "settings file")
    end = next((number for number, line in enumerate(lines) if line.startswith("Cycle Definition")), len(lines))
    body = lines[end + 1 :]
    stop = next((number for number, line in enumerate(body) if not line.strip()), len(body))
    technique = _technique(lines[0].strip(), body[:stop])
    return _protocol([technique], lines[1 : end + 1], "header of the export") if technique.parameters else None


def _borders(lines: list[str]) -> list[int]:
    """Numbers of the lines that precede a technique."""
    return [
        number for number, line in enumerate(lines[:-1]) if line.startswith("Technique : ") and _BORDER.fullmatch(line)
    ]


def _technique(name: str, lines: list[str]) -> Technique:
    """Parse the parameters: each line is a label of 20 characters, then texts of 20 characters."""
    parameters = []
    for line in lines:
        label = " ".join(line[:WIDTH].split())
        if label:
            rest = line[WIDTH:]
            cells = tuple(rest[at : at + WIDTH].strip() for at in range(0, len(rest.rstrip("\r\n")), WIDTH))
            parameters.append(Parameter(label, cells))
    return Technique(name, tuple(parameters))


def _protocol(techniques: list[Technique], head: list[str], kind: str) -> Protocol:
    settings: dict[str, str] = {}
    section = ""
    limits = {"min": float("nan"), "max": float("nan")}
    for line in head:
        if line.startswith("\t") and section == "Safety Limits":
            found = _SAFETY.match(line)
            if found:
                limits[found[1]] = _number(found[2])[0]
            settings[section] = "; ".join(filter(None, [settings.get(section, ""), line.strip()]))
            continue
        section, colon, value = (part.strip() for part in line.partition(" :"))
        if colon and section:
            settings.setdefault(section, value)
        elif line.strip():
            settings.setdefault(line.strip(), "yes")
            section = line.strip()
    capacity = _charge(settings.get("Battery capacity", ""))
    return Protocol(
        techniques=tuple(techniques),
        settings=settings,
        steps=tuple(step for number, one in enumerate(techniques) for step in _steps(number, one, capacity)),
        active_mass_milligram=_entered_mass(settings.get("Mass of active material", "")),
        capacity_ampere_hour=capacity,
        lowest_volt=limits["min"],
        highest_volt=limits["max"],
        file_kind=kind,
    )


def _steps(number: int, technique: Technique, capacity: float) -> list[IntendedStep]:
    names = {
        GCPL: ("Set I/C", "Is", "unit Is", "N"),
        MODULO_BAT: ("Apply I/C", "ctrl1_val", "ctrl1_val_unit", "N"),
    }.get(technique.name)
    if names is None:
        return []
    steps = []
    for sequence in range(technique.sequences):
        if technique.name == MODULO_BAT and technique.text("ctrl_type", sequence) != "CC":
            continue
        how, value, unit, divisor = (technique.text(label, sequence) for label in names)
        current = _current(how, value, unit, divisor, capacity)
        if current == 0:
            continue
        limit, rest = float("nan"), float("nan")
        if technique.name == GCPL:
            limit = _number(technique.text("EM (V)", sequence))[0]
            rest = _clock(technique.text("tR (h:m:s)", sequence))
        elif technique.text("lim1_type", sequence) in {"Ewe", "Ecell"}:
            size, limit_unit = technique.text("lim1_value", sequence), technique.text("lim1_value_unit", sequence)
            limit = _number(size)[0] * _factor(limit_unit, "voltage_volt")
        steps.append(IntendedStep(number, sequence, current, limit, rest))
    return steps


def _current(how: str, value: str, unit: str, divisor: str, capacity: float) -> float:
    """Size of the intended current, A: stated as such, or as C / N or C x N of the capacity."""
    if how == "I":
        return abs(_number(value)[0]) * _factor(unit, "current_ampere")
    parts = _number(divisor)[0]
    if how == "C / N":
        return capacity / parts if parts else float("nan")
    return capacity * parts if how == "C x N" else float("nan")


def _entered_mass(text: str) -> float:
    number, unit = _number(text)
    mass = number * _factor(unit, "mass_milligram")
    return (
        float("nan") if mass == 0 or any(abs(mass - default) < 1e-9 for default in DEFAULT_MASSES_MILLIGRAM) else mass
    )


def _charge(text: str) -> float:
    number, unit = _number(text)
    charge = number * _factor(unit, "net_charge_ampere_hour")
    return charge or float("nan")


def _factor(unit: str, column: str) -> float:
    """Factor of a unit, ``nan`` where it is not known."""
    found = conversion(unit, column)
    return float("nan") if found is None else found.factor


def _number(text: str) -> tuple[float, str]:
    """The first number of a text, with decimal point or comma, and the word after it; ``nan`` where there is none."""
    found = _NUMBER.match(text.rpartition(":")[2])
    try:
        return (float(found[1].replace(",", ".")), found[2]) if found else (float("nan"), "")
    except ValueError:
        return float("nan"), ""


def _clock(text: str) -> float:
    """Seconds of ``1:10:0.0000``."""
    parts = text.replace(",", ".").split(":")
    try:
        hours, minutes, seconds = (float(part) for part in parts)
    except ValueError:
        return float("nan")
    return hours * 3600 + minutes * 60 + seconds


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _broken(where: str, why: str) -> CathodelabError:
    return CathodelabError(
        "header-broken",
        "The file is no settings file of EC-Lab or BT-Lab",
        where=where,
        why=why,
        what_to_do="Save the settings again, or leave the file out: it is not needed for the record.",
    )
