"""Column labels of impedance spectra: label -> canonical column and factor, including the sign.

The canonical imaginary part is negative for a capacitor. Columns whose label has a minus (``-Im(Z)``, ``-Z''``) are negated;
others are taken as they are, and the technique checks whether the sign is plausible.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cathodelab.core.units import conversion

_UNIT = re.compile(r"[/(\[]\s*(?P<unit>[^\W\d_]+|°)\s*[)\]]?$")

_NAMES: dict[str, str] = {
    **dict.fromkeys(("freq", "freq.", "frequency", "f", "frequenz", "data:frequency"), "frequency_hertz"),
    **dict.fromkeys(
        (
            "re(z)",
            "re",
            "rez",
            "z'",
            "z'(a)",
            "zreal",
            "z real",
            "zre",
            "z_re",
            "z_real",
            "real",
            "data:z'",
            "zs'",
            "z1",
        ),
        "real_impedance_ohm",
    ),
    **dict.fromkeys(
        (
            "im(z)",
            "im",
            "imz",
            "z''",
            "z''(b)",
            "zimag",
            "z imag",
            "zim",
            "z_im",
            "z_imag",
            "imag",
            "imaginary",
            "zimg",
            "data:z''",
            "zs''",
            'z"',
            "z2",
        ),
        "imaginary_impedance_ohm",
    ),
    **dict.fromkeys(
        ("|z|", "|zs|", "zmod", "z_mod", "data:|z|", "modulus", "z", "impedance"), "absolute_impedance_ohm"
    ),
    **dict.fromkeys(("phase(z)", "phase(zs)", "zphz", "phase", "theta", "data:theta(z)", "theta(z)"), "phase_degree"),
    **dict.fromkeys(("time", "t", "elapsed time", "test time"), "test_time_second"),
    **dict.fromkeys(("ewe", "<ewe>", "e", "potential", "voltage", "vdc", "bias", "dc potential"), "voltage_volt"),
    **dict.fromkeys(("i", "<i>", "current", "idc", "dc current"), "current_ampere"),
    **dict.fromkeys(("loop_index", "cycle number", "z cycle", "spectrum", "sweep", "loop"), "spectrum_number"),
}
_NEGATED = frozenset({"z2"})
"""Names of makers who write a capacitor as positive without saying so: Ivium."""
_CORRECTED = {"zrealdrcor": "real_impedance_ohm", "zimagdrcor": "imaginary_impedance_ohm"}


KNOWN_LABELS = (
    "frequency/Hz, Re(Z)/Ohm, Im(Z)/Ohm (-Im(Z)/Ohm where capacitors are positive), or frequency/Hz, |Z|/Ohm, phase/deg; "
    "freq, Z', Z'', Zreal, Zimag, Zmod are known too"
)
"""Text for messages."""


@dataclass(frozen=True)
class SpectrumColumn:
    """Position of a quantity in a row, and the factor to its canonical unit."""

    position: int
    factor: float


def spectrum_columns(labels: Sequence[str]) -> tuple[dict[str, SpectrumColumn], tuple[str, ...], bool]:
    """(columns by canonical name, unused labels, whether drift-corrected columns were taken)."""
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
    """Canonical column of a label and its factor; empty where the label is unknown."""
    text = re.sub(r"\s*:\s*", ":", " ".join(label.strip().strip('"').split()))
    text = re.sub(r"^neg\. *", "-", text, flags=re.IGNORECASE)
    whole, sign = text.lstrip("-").strip(), -1.0 if text.startswith("-") else 1.0
    match = _UNIT.search(whole)
    if whole.lower() in _NEGATED or (match and whole[: match.start()].strip().lower() in _NEGATED):
        sign = -sign
    if whole.lower() in _NAMES:
        return _NAMES[whole.lower()], sign
    name = _NAMES.get(whole[: match.start()].strip().lower(), "") if match else ""
    found = conversion(match["unit"], name) if match and name else None
    return ("", 1.0) if found is None else (name, sign * found.factor)
