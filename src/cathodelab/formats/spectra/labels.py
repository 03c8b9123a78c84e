"""What instruments call the columns of an impedance spectrum: label -> canonical column and factor, the sign included.

The canonical imaginary part is that of the formula: negative for a capacitor. A label with a minus (``-Im(Z)``, ``-Z''``) is
turned; one without is taken as it stands, and the technique looks whether it can be true.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_UNIT = re.compile(r"(?:[/(\[]\s*(?P<unit>[a-zµ°]+)\s*[)\]]?)$")
_OHM = {"": 1.0, "ohm": 1.0, "ohms": 1.0, "mohm": 1e-3, "kohm": 1e3}
_UNITS: dict[str, dict[str, float]] = {
    "frequency_hertz": {"": 1.0, "hz": 1.0, "khz": 1e3, "mhz": 1e-3},
    "real_impedance_ohm": _OHM,
    "imaginary_impedance_ohm": _OHM,
    "absolute_impedance_ohm": _OHM,
    "phase_degree": {"": 1.0, "deg": 1.0, "°": 1.0, "degree": 1.0, "degrees": 1.0, "rad": 180 / np.pi},
    "test_time_second": {"": 1.0, "s": 1.0, "sec": 1.0, "min": 60.0, "h": 3600.0},
    "voltage_volt": {"": 1.0, "v": 1.0, "mv": 1e-3},
    "current_ampere": {"": 1.0, "a": 1.0, "ma": 1e-3, "µa": 1e-6, "ua": 1e-6},
    "spectrum_number": {"": 1.0},
}
"""Canonical column -> unit as written in lower case -> factor. ``MHz`` is looked at before the case is lost."""

_NAMES: dict[str, str] = {
    **dict.fromkeys(("freq", "frequency", "f", "frequenz", "data:frequency"), "frequency_hertz"),
    **dict.fromkeys(
        ("re(z)", "re", "rez", "z'", "z'(a)", "zreal", "z real", "zre", "z_re", "z_real", "real", "data:z'"),
        "real_impedance_ohm",
    ),
    **dict.fromkeys(
        ("im(z)", "im", "imz", "z''", "z''(b)", "zimag", "z imag", "zim", "z_im", "z_imag", "imag", "data:z''", 'z"'),
        "imaginary_impedance_ohm",
    ),
    **dict.fromkeys(("|z|", "zmod", "z_mod", "data:|z|", "modulus"), "absolute_impedance_ohm"),
    **dict.fromkeys(("phase(z)", "zphz", "phase", "theta", "data:theta(z)", "theta(z)", "-phase"), "phase_degree"),
    **dict.fromkeys(("time", "t", "elapsed time", "test time"), "test_time_second"),
    **dict.fromkeys(("ewe", "<ewe>", "e", "potential", "voltage", "vdc", "bias", "dc potential"), "voltage_volt"),
    **dict.fromkeys(("i", "<i>", "current", "idc", "dc current"), "current_ampere"),
    **dict.fromkeys(("loop_index", "cycle number", "z cycle", "spectrum", "sweep", "loop"), "spectrum_number"),
}
_CORRECTED = {"zrealdrcor": "real_impedance_ohm", "zimagdrcor": "imaginary_impedance_ohm"}


KNOWN_LABELS = (
    "frequency/Hz, Re(Z)/Ohm, Im(Z)/Ohm (-Im(Z)/Ohm where capacitors are positive), or frequency/Hz, |Z|/Ohm, phase/deg; "
    "freq, Z', Z'', Zreal, Zimag, Zmod are known too"
)
"""In words, for a message."""


@dataclass(frozen=True)
class SpectrumColumn:
    """Where a quantity stands in a row, and the factor to its canonical unit."""

    position: int
    factor: float


def spectrum_columns(labels: Sequence[str]) -> tuple[dict[str, SpectrumColumn], tuple[str, ...], bool]:
    """(columns by canonical name, labels that are not used, whether drift-corrected columns were taken)."""
    found: dict[str, SpectrumColumn] = {}
    unknown: list[str] = []
    corrected = {label.strip().lower(): place for place, label in enumerate(labels)}
    has_correction = all(label in corrected for label in _CORRECTED)
    for place, label in enumerate(labels):
        name, factor = _meaning(label)
        plain = label.strip().lower()
        if has_correction and plain in _CORRECTED:
            found[_CORRECTED[plain]] = SpectrumColumn(place, 1.0)
        elif not name or name in found or (has_correction and name in _CORRECTED.values()):
            unknown.append(label)
        else:
            found[name] = SpectrumColumn(place, factor)
    if "real_impedance_ohm" in found and "imaginary_impedance_ohm" in found:
        spare = [name for name in ("absolute_impedance_ohm", "phase_degree") if name in found]
        unknown += [labels[found.pop(name).position] for name in spare]
    return found, tuple(label.strip() for label in unknown if label.strip()), has_correction


def complete(columns: dict[str, SpectrumColumn]) -> bool:
    """Whether the columns make an impedance."""
    cartesian = {"real_impedance_ohm", "imaginary_impedance_ohm"} <= columns.keys()
    polar = {"absolute_impedance_ohm", "phase_degree"} <= columns.keys()
    return "frequency_hertz" in columns and (cartesian or polar)


def _meaning(label: str) -> tuple[str, float]:
    """Canonical column of a label and its factor; empty where it is not known."""
    text = label.strip().strip('"').strip().replace("Ω", "ohm").replace("Ω", "ohm")
    mega = 1e9 if re.search(r"MHz", text) else 1.0  # against mHz, which the lower case makes of it
    text = re.sub(r"\s*:\s*", ":", " ".join(text.lower().split()))
    whole = text.lstrip("-").strip()
    if whole in _NAMES:
        name, unit = _NAMES[whole], ""
    else:
        match = _UNIT.search(whole)
        bare = whole[: match.start()].strip() if match else whole
        if match is None or bare not in _NAMES:
            return "", 1.0
        name, unit = _NAMES[bare], match["unit"]
    factor = _UNITS[name].get(unit)
    if factor is None:
        return "", 1.0
    return name, (-factor if text.startswith("-") else factor) * (mega if name == "frequency_hertz" else 1.0)
