"""Titration text tables: the tab-separated form in which evaluated titrations are exchanged.

Three tables, told apart by their header: a titration curve with its error columns, pairs of relaxed potentials with the
cumulative charge at the second, and a record of potential against charge without a clock. Potentials are against
whatever the author wrote them against; charge is cumulative, in mAh.
"""

from __future__ import annotations

from cathodelab.core.errors import MEANING, CathodelabError
from cathodelab.formats.shared.delimited import decoded, numbers, text_table
from cathodelab.formats.table import Table

CURVE = {
    "OCV [V]": "relaxed_potential_volt",
    "Q [mAh]": "charge_milliampere_hour",
    "I_pol [mA]": "pulse_current_milliampere",
    "t_pol [s]": "pulse_time_second",
    "OCV_slope_final [V/s]": "slope_volt_per_second",
    "Q_corr [mAh]": "corrected_charge_milliampere_hour",
    "t_tot_cum [h]": "elapsed_time_hour",
    "dU/dt_sd [V/s]": "self_discharge_slope_volt_per_second",
    "dU/dt_relax [V/s]": "relaxation_slope_volt_per_second",
    "I_sd [mA]": "self_discharge_current_milliampere",
    "U_err, instrument [V]": "potential_error_instrument_volt",
    "U_err,sd pos [V]": "potential_error_self_discharge_volt",
    "U_err,relax negative [V]": "potential_error_relaxation_volt",
    "I_err, instrument [mA]": "current_error_instrument_milliampere",
    "Q_err, instrument sym [mAh]": "charge_error_instrument_milliampere_hour",
    "Q0_err,instr cumulative shared sym [mAh]": "charge_error_cumulative_milliampere_hour",
    "Q_err,sd cumulative shared neg [mAh]": "charge_error_self_discharge_milliampere_hour",
    "dV pos [V]": "potential_error_plus_volt",
    "dV neg [V]": "potential_error_minus_volt",
    "q [mAh/g]": "specific_charge_milliampere_hour_per_gram",
    "dq_mass [mAh/g]": "specific_charge_error_mass_milliampere_hour_per_gram",
    "q_err_pos tot [mAh/g]": "specific_charge_error_plus_milliampere_hour_per_gram",
    "q_err_neg tot [mAh/g]": "specific_charge_error_minus_milliampere_hour_per_gram",
    "q_err_pos incl sd [mAh/g]": "specific_charge_error_plus_without_mass_milliampere_hour_per_gram",
    "q_err_neg incl sd [mAh/g]": "specific_charge_error_minus_without_mass_milliampere_hour_per_gram",
    "q_err_pos from instr [mAh/g]": "specific_charge_error_instrument_milliampere_hour_per_gram",
}
PAIRS = {
    "OCV1 [V]": "relaxed_potential_1_volt",
    "OCV2 [V]": "relaxed_potential_2_volt",
    "Q [mAh]": "charge_milliampere_hour",
    "dOCV1 pos [V]": "potential_error_1_plus_volt",
    "dOCV1 neg [V]": "potential_error_1_minus_volt",
    "dOCV2 pos [V]": "potential_error_2_plus_volt",
    "dOCV2 neg [V]": "potential_error_2_minus_volt",
    "dQ pos [mAh]": "charge_error_plus_milliampere_hour",
    "dQ neg [mAh]": "charge_error_minus_milliampere_hour",
}
TRACE = {"U [V]": "voltage_volt", "Q [mAh]": "charge_milliampere_hour"}

FORMS: tuple[tuple[str, dict[str, str], tuple[str, ...]], ...] = (
    ("titration curve", CURVE, ("OCV [V]", "Q [mAh]")),
    ("relaxed potentials", PAIRS, ("OCV1 [V]", "OCV2 [V]", "Q [mAh]")),
    ("potential against charge", TRACE, ("U [V]", "Q [mAh]")),
)
"""(kind of table, column map, required columns)."""


def is_titration_text(head: str) -> bool:
    """Whether the first line is the header of one of the three tables."""
    names = _names(head.splitlines()[0]) if head else ()
    return any(all(name in names for name in required) for _, _, required in FORMS)


def read_titration_text(content: bytes) -> Table:
    """Titration text -> table."""
    table = text_table(decoded(content), delimiter="\t")
    for kind, labels, required in FORMS:
        if all(name in table.header for name in required):
            wanted = {labels[label]: place for place, label in enumerate(table.header) if label in labels}
            unknown = tuple(label for label in table.header if label and label not in labels)
            return Table(kind, numbers(table, wanted), unknown)
    raise CathodelabError(
        "column-missing",
        "This is none of the titration tables",
        where="header: " + ", ".join(table.header)[:200],
        why="A titration curve needs OCV [V] and Q [mAh]; pairs need OCV1 [V], OCV2 [V] and Q [mAh]; a record "
        "needs U [V] and Q [mAh].",
        what_to_do="Correct the header, or state which columns hold them.",
        hints=(MEANING,),
    )


def _names(line: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in line.split("\t"))
