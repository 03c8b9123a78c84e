"""Electrodes that potentials are measured against: their names, how labs spell them, their potentials against Li⁺/Li.

A counter electrode with a plateau keeps its potential; graphite and silicon do not, so that a potential against them is that of a
full cell: its uncertainty says so. Any other electrode is named and its potential stated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Electrode:
    """A counter or reference electrode.

    Args:
        name: as it is written in results.
        volt: its potential against Li⁺/Li, V.
        standard_uncertainty_volt: of that.
        spellings: other ways to write it, in lower case without blanks, dashes, slashes, bars and underscores.
        steady: whether it keeps its potential while charge passes.
        source: where the potential is from.
    """

    name: str
    volt: float
    standard_uncertainty_volt: float
    spellings: tuple[str, ...]
    steady: bool
    source: str


LITHIUM = Electrode(
    "Li", 0.0, 0.0, ("li", "lithium", "limetal", "lithiummetal", "li0", "li+li"), steady=True, source="by definition"
)
INDIUM_LITHIUM = Electrode(
    "In/InLi", 0.62, 0.004, ("ininli", "inli", "liin", "lixin", "inlialloy", "indiumlithium", "inliin", "liinin"),
    steady=True, source="Santhosha et al. 2019; the setting of the study overrules it",
)  # fmt: skip
LITHIUM_TITANATE = Electrode(
    "LTO", 1.55, 0.01, ("lto", "li4ti5o12", "lithiumtitanate", "li7ti5o12"), steady=True, source="plateau of Li4Ti5O12"
)
GRAPHITE = Electrode(
    "graphite", 0.10, 0.05, ("graphite", "gr", "c6", "lic6"), steady=False, source="plateaus between 0.08 and 0.21 V"
)
SILICON = Electrode(
    "Si", 0.30, 0.15, ("si", "silicon", "lixsi"), steady=False, source="0.1 to 0.5 V while it is lithiated"
)
ELECTRODES = (LITHIUM, INDIUM_LITHIUM, LITHIUM_TITANATE, GRAPHITE, SILICON)
NAMES = ", ".join(one.name for one in ELECTRODES)
_LEFT_OUT = re.compile(r"[\s_/|\\–-]+")
_BY_SPELLING = {spelling: one for one in ELECTRODES for spelling in one.spellings}


def electrode_of(entry: str) -> Electrode | None:
    """The electrode that an entry means, however it is spelled; ``None`` for one that is not known.

    >>> [electrode_of(one).name for one in ("In-Li", "LiIn", "In/InLi", "Li4Ti5O12", "lithium metal")]
    ['In/InLi', 'In/InLi', 'In/InLi', 'LTO', 'Li']
    """
    return _BY_SPELLING.get(_LEFT_OUT.sub("", entry).lower())


def electrode_name(entry: str) -> str:
    """The name of the electrode as it is written in results; an unknown one as the entry stands there."""
    found = electrode_of(entry)
    return entry.strip() if found is None else found.name
