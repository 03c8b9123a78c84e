"""From recorded spectra to those that are evaluated: the spectra of the whole cell, numbered."""

from __future__ import annotations

from collections.abc import Sequence

from cathodelab.core.errors import FILES, OtherData
from cathodelab.core.records import ImpedanceSpectrum
from cathodelab.techniques.impedance.spectrum import Spectrum

_TWO_ELECTRODES = "cell as recorded"


def spectra_from_records(records: Sequence[ImpedanceSpectrum]) -> tuple[Spectrum, ...]:
    """The spectra of the whole cell, in order; those of single electrodes are not evaluated here.

    Raises:
        OtherData: there is none of the whole cell.
    """
    chosen = [one for one in records if one.electrodes == _TWO_ELECTRODES]
    if not chosen:
        raise OtherData(
            "no-spectra",
            "The files hold no impedance spectrum of the whole cell",
            where=", ".join(dict.fromkeys(source.file for one in records for source in one.provenance)),
            why="Resistances are those between both electrodes.",
            what_to_do="Name a file with spectra of the whole cell.",
            hints=(FILES,),
        )
    return tuple(
        Spectrum(
            frequency_hertz=one.frequency_hertz,
            real_ohm=one.real_impedance_ohm,
            imaginary_ohm=one.imaginary_impedance_ohm,
            time_second=one.test_time_second,
            voltage_volt=one.voltage_volt,
            current_ampere=one.current_ampere,
            number=number,
            rest_before_second=one.rest_second,
            charge_ampere_hour=one.net_charge_ampere_hour,
            notes=one.notes,
            provenance=one.provenance,
        )
        for number, one in enumerate(chosen, 1)
    )
