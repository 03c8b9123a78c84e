"""What each format is, for people: whose instrument writes it, what is read and rebuilt, after what its reader was made."""

from __future__ import annotations

from dataclasses import dataclass

from cathodelab.formats.declared.makers import DECLARED, REAL, VERSASTUDIO

CYCLING, SPECTRA = "cycling test", "impedance spectra"
_SIGNS_AND_COUNTS = "count of steps; net charge from its counters; sign of the current where the file has none"


@dataclass(frozen=True)
class Described:
    """One format.

    Args:
        instrument: who writes it.
        kind: what it holds.
        read: what is read of it.
        rebuilt: what is rebuilt, and said in a note.
        made_after: ``a real file`` or ``a stand-in``; where both, of what.
        menu: how a person exports such a file; empty where nothing is to be said.
    """

    instrument: str
    kind: str
    read: str
    rebuilt: str
    made_after: str = REAL
    menu: str = ""


_ECLAB_MENU = "In EC-Lab choose Experiment, Export as Text, and tick time, Ewe and I or (Q-Qo)."
_BTSDA_MENU = (
    "In BTSDA choose Export, the layer `record`, with Total Time, Step Type, Current, Voltage and the capacities."
)

DESCRIBED: dict[str, Described] = {
    "bdf-parquet": Described("Battery Data Format", CYCLING, "parquet, any unit that is stated", "nothing"),
    "bdf-csv": Described("Battery Data Format", CYCLING, "csv, labels or machine names, any unit", "nothing"),
    "biologic-mpr": Described(
        "BioLogic EC-Lab, BT-Lab", f"{CYCLING}, {SPECTRA}", "binary files; spectra inside kept apart",
        "current from charge and time; Re and Im from modulus and phase; steps and half cycles", menu=_ECLAB_MENU,
    ),
    "biologic-settings": Described("BioLogic EC-Lab", "settings", "`.mps`: what the cycler should do", "nothing"),
    "biologic-text": Described(
        "BioLogic EC-Lab, BT-Lab", f"{CYCLING}, {SPECTRA}",
        "`.mpt`, `.txt` with or without header, averaged labels, absolute time, decimal commas; rests of OCV files",
        "current of rests and from charge; steps and half cycles", menu=_ECLAB_MENU,
    ),
    "titration-text": Described("titration tables", "titration", "curve, pairs, potential against charge", "nothing"),
    "neware-nda": Described("Neware", CYCLING, "`.nda` of four versions", _SIGNS_AND_COUNTS, menu=_BTSDA_MENU),
    "neware-ndax": Described("Neware", CYCLING, "`.ndax`", _SIGNS_AND_COUNTS, menu=_BTSDA_MENU),
    "neware-text": Described(
        "Neware BTSDA, BTS", CYCLING, "csv of the layer record, or layers in one another; English or Chinese, any encoding",
        f"{_SIGNS_AND_COUNTS}; clock of the test from those of the steps", menu=_BTSDA_MENU,
    ),
    "cycler-workbook": Described(
        "Arbin, Neware BTSDA and BTS, LAND", CYCLING, "`.xlsx`, `.xls`: all sheets of records",
        f"{_SIGNS_AND_COUNTS}; clock of the test from dates and clocks of steps",
        "real files of Arbin and of Neware BTS (.xls), a stand-in of BTSDA (.xlsx) and of LAND", menu=_BTSDA_MENU,
    ),
    "arbin-access": Described("Arbin", CYCLING, "`.res`, also continued tests", _SIGNS_AND_COUNTS),
    "arbin-hdf5": Described("Arbin", CYCLING, "`.h5`", _SIGNS_AND_COUNTS),
    "arbin-text": Described("Arbin MITS", CYCLING, "csv with any delimiter and any stated unit", _SIGNS_AND_COUNTS),
    "maccor-text": Described(
        "Maccor", CYCLING, "text with tabs or commas, clocks, seconds or minutes, thousands in quotes",
        f"{_SIGNS_AND_COUNTS}; minutes that no label states, by the dates or the charge",
        menu="In Maccor's MIMS Client export the test as text with Rec#, Cyc#, Step, Test, Amp-hr, Amps, Volts, State.",
    ),
    "relaxis-text": Described("RelaxIS", SPECTRA, "text export", "nothing"),
    "gamry-dta": Described("Gamry", SPECTRA, "`.DTA`, several spectra, aborted ones, drift-corrected columns", "nothing"),
    "zplot-text": Described("ZPlot, ZView", SPECTRA, "`.z`", "nothing"),
    "autolab-text": Described("Autolab", SPECTRA, "text export", "nothing"),
    "versastudio-par": Described(
        "VersaStudio", f"{SPECTRA}, {CYCLING}", "`.par`: spectra, or the segments of a test",
        "clocks of segments put one behind the other", "a real file (spectra), a stand-in (cycling)", menu=VERSASTUDIO.menu,
    ),
    "spectra-csv": Described(
        "any instrument", SPECTRA,
        "text with labels of NOVA, PalmSens, Ivium, Novocontrol, Zahner and others, below any lines; three plain columns",
        "Re and Im from modulus and phase", "real files of three instruments, stand-ins of the others",
    ),
    **{
        form.id: Described(
            form.cycler.name, CYCLING, "text export" + (", also with restarts inside" if form.id == "novonix-csv" else ""),
            _SIGNS_AND_COUNTS, form.made_after, form.menu,
        )
        for form in DECLARED
        if form is not VERSASTUDIO
    },
}  # fmt: skip
"""Reader -> what it reads."""
