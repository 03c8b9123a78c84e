"""Every real and every made file that a lab might have: read with the truth that is known of it, or refused for its reason.

    python benchmarks/formats/files.py SHARED

``SHARED`` holds ``data`` and ``cases``. Of the made files charge and discharge of every cycle are set (1.6 and 1.5 mAh, twice);
of real ones stands here what the file itself says: its rows, counted as lines, its charges from the cycler's own counter
(``benchmarks/cycling/counters.py`` compares all half cycles), its spectra. Writes ``files.md``.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cathodelab.core.errors import CathodelabError
from cathodelab.core.records import Provenance
from cathodelab.formats.cell_records import cycling_record, spectra_of
from cathodelab.formats.readers import read_table
from cathodelab.formats.table import Table

MADE = (1.6, 1.5, 1.6, 1.5)
"""Charge and discharge of the made files, mAh."""
WITHIN = 1e-3
LISTED = 6
UNDER_CURRENT = 1e-3


@dataclass(frozen=True)
class Known:
    """What is known of a file.

    Args:
        halves: size of its half cycles, mAh; the first ones where there are more than stand here.
        rows: of its table; 0: not known.
        spectra: how many.
        refused: words that its refusal has to hold; empty where it is to be read.
        within: how far a half cycle may be off, in parts of it.
    """

    halves: tuple[float, ...] = ()
    rows: int = 0
    spectra: int = 0
    refused: str = ""
    within: float = WITHIN


MADE_FILES = {
    "arbin_begins_mid_step.csv": Known(MADE),
    "arbin_clock_forward.csv": Known(MADE),
    "arbin_mits10_mA.csv": Known(MADE),
    "arbin_reset_in_rest.csv": Known(MADE),
    "arbin_semicolon_comma.csv": Known(MADE),
    "bdf_clock_back.csv": Known(refused="clock was set back"),
    "bdf_clock_forward.csv": Known(
        (1.8, 1.5, 1.6, 1.5)
    ),  # clock times current; `cycles` leaves the hour out, and says so
    "bdf_hours.csv": Known(MADE),
    "bdf_machine_names.csv": Known(MADE),
    "bdf_milliampere.csv": Known(MADE),
    "bdf_one_row.csv": Known(rows=1),
    "bdf_two_rows.csv": Known(rows=2),
    "eclab_averaged_label.mpt": Known(MADE),
    "eclab_blank_last_lines.mpt": Known(MADE),
    "eclab_micro.mpt": Known(MADE),
    "maccor_comma_blank_line.txt": Known(MADE),
    "maccor_comma_minutes_unsaid.txt": Known(MADE),
    "maccor_minutes.txt": Known(MADE),
    "maccor_thousands.csv": Known(MADE),
    "neware_btsda_record.xlsx": Known(MADE),
    "neware_chinese_gbk.csv": Known(MADE),
    "neware_mass_given.csv": Known(MADE),
    "neware_micro_gbk.csv": Known(MADE),
    "neware_micro_latin1.csv": Known(MADE),
    "neware_no_step_index.csv": Known(MADE),
    "neware_semicolon_comma.csv": Known(MADE),
    "neware_step_ends_only.csv": Known(MADE),
    "neware_total_time_days.csv": Known(MADE),
    "neware_unsigned_no_counters.csv": Known(MADE),
    "neware_utf16.csv": Known(MADE),
    "ocv/a_01_OCV.mpt": Known(rows=61),
    "ocv/a_02_GCPL.mpt": Known((2.0,), rows=601),
    "ocv/a_03_OCV.mpt": Known(rows=481),
    "ocv/a_04_GCPL.mpt": Known((1.6,), rows=481),
    "parts/raw/a.csv": Known((0.8,)),
    "parts/raw/a_thin.csv": Known((0.8,)),
    "parts/raw/b_all_anew.csv": Known((0.8, 1.5, 1.6, 1.5)),
    "parts/raw/b_clock_anew.csv": Known(MADE),
    "parts/raw/b_goes_on.csv": Known(MADE),
    "parts/raw/b_thin_goes_on.csv": Known(MADE),
    "parts/raw/whole_thin.csv": Known(MADE),
    "zero_shoulder/raw/a.csv": Known(MADE),
    "zero_shoulder/raw/b.csv": Known((1.632, 1.53, 1.632, 1.53)),
}
MADE_SPECTRA = {
    "RC_Q_pellet.csv": Known(spectra=1),
    "R_RC_RW.csv": Known(spectra=1),
    "blocking_Q.csv": Known(spectra=1),
    "down_up.csv": Known(spectra=2),
    "gamry_two_zcurve.DTA": Known(spectra=2),
    "hold_split/raw/C04.csv": Known(spectra=21),
    "hold_split/raw/Uncoated.csv": Known(spectra=21),
    "ivium_csv.csv": Known(spectra=1),
    "mains1_10.csv": Known(spectra=1),
    "nova_phase_only.csv": Known(spectra=1),
    "novocontrol.txt": Known(spectra=1),
    "outl_few.csv": Known(spectra=1),
    "palmsens_utf16.csv": Known(spectra=1),
    "savetxt_blank.txt": Known(spectra=1),
    "two_RC.csv": Known(spectra=1),
    "utf8_ohm.csv": Known(spectra=1),
    "wide.csv": Known(spectra=2),
}
REAL = {
    "cycling/PyBOP/T-cell_pOCV_data.txt": Known(rows=9740),
    "cycling/PyProBE/Sample_data_biologic_01_MB_CA1.txt": Known(rows=1397),
    "cycling/PyProBE/Sample_data_biologic_02_MB_CA1.txt": Known(rows=1397),
    "cycling/PyProBE/basytec.txt": Known((1.24892,), rows=74),
    "cycling/PyProBE/novonix_uhpc_2_13.csv": Known((1706.52976,), rows=207),
    "cycling/PyProBE/sample_data_arbin.csv": Known(rows=13),
    "cycling/PyProBE/sample_data_maccor.csv": Known(rows=15),
    "cycling/aurora-cycler-manager/PEIS.mpr": Known(spectra=4),
    "cycling/aurora-cycler-manager/unicycler.json": Known(refused="no measurement"),
    "cycling/battery-data-format/DLR__LiLNMOHydra0b__20221125__POCV__25degC__Basytec.bdf.csv": Known(
        refused="milliseconds"
    ),
    "cycling/battery-data-toolkit/camp_maccor_minutes_formation.062": Known(rows=1774),
    "cycling/beep/xTESLADIAG_000019_CH70.070": Known(rows=11669),
    "cycling/cellpy/20160805_test001_45_cc_01.res": Known(rows=10261),
    "cycling/cellpy/20200624_test001_cc_01.h5": Known(rows=47),
    "cycling/cellpy/20260302_IFE_BTS85_2_9_8_1.ndax": Known(rows=252951),
    "cycling/cellpy/biol.mpr": Known(spectra=5),
    "cycling/cellpy/kit_maccor_comma_minutes.txt": Known(refused="cut off"),
    "cycling/cellpy/lanhe_record_tab.xls": Known((3.524146, 3.119684, 2.833252, 2.770787), rows=2943),
    "cycling/cellpy/maccor_001.txt": Known(rows=6704),
    "cycling/cellpy/neware_uio.csv": Known(rows=9065),
    "cycling/datalab/arbin_example.bdf.csv": Known(rows=2150),
    "cycling/datalab/jdb11-1_c3_gcpl_5cycles_2V-3p8V_C-24_data_C09.mpr": Known(rows=46102),
    "cycling/fastnda/SINTEF__G20M7_BTS91.nda.zip": Known(rows=17587),
    "cycling/fastnda/nda8.nda.zip": Known(rows=46805),
    "cycling/fastnda/nda_v26.nda.zip": Known(rows=222330),
    "cycling/fastnda/nda_v26.parquet": Known(refused="Test Time / s"),
    "cycling/fastnda/neware_btsda_microampere_latin1.csv": Known(rows=333),
    "cycling/fastnda/test_2.ndax": Known(rows=108563),
    "cycling/navani/arbin_example.res": Known(rows=2150),
    "cycling/navani/bs542_004_gr_li_50ua_50mv_1v_191020_Channel_11.xlsx": Known(rows=4526),
    "cycling/yadg/bcd.issue_241.mpr": Known(rows=2550),
    "cycling/yadg/bcd.issue_241.mpt": Known(rows=2550),
    "cycling/yadg/eclab_ocv_averaged_label_comma.mpt": Known(rows=43),
    "cycling/yadg/gcpl.issue_211.mpr": Known(rows=2767),
    "cycling/yadg/gcpl.issue_211.mpt": Known(rows=2767),
    "cycling/yadg/gcpl.issue_230.mpr": Known(),
    "cycling/yadg/geis.mpr": Known(spectra=61),
    "cycling/yadg/geis.mpt": Known(spectra=61),
    "cycling/yadg/mb.issue_149.mpr": Known(spectra=16),
    "cycling/yadg/mb.issue_149.mpt": Known(spectra=16),
    "cycling/yadg/peis.mpr": Known(spectra=1),
    "cycling/yadg/peis.mpt": Known(spectra=1),
    "impedance/autolab_example.txt": Known(spectra=1),
    "impedance/biologic_example.mpt": Known(spectra=1),
    "impedance/gamry_drift_corrected.dta": Known(spectra=1),
    "impedance/gamry_example.DTA": Known(spectra=1),
    "impedance/impedancepy_exampleData.csv": Known(spectra=1),
    "impedance/lpscl_ion_blocking_m25C.mpr": Known(spectra=1),
    "impedance/lpscl_ion_blocking_m25C.txt": Known(spectra=1),
    "impedance/lpscl_ion_blocking_m25C_RelaxIS.txt": Known(spectra=1),
    "impedance/ssb_ncm_lpscl_inli_PEIS.mpr": Known(spectra=1),
    "impedance/ssb_sample2_PEIS_at_rest.csv": Known(spectra=10),
    "impedance/versastudio_example.par": Known(spectra=1),
    "impedance/yadg_peis.mpr": Known(spectra=1),
    "impedance/zplot_example.z": Known(spectra=1),
}


@dataclass(frozen=True)
class Outcome:
    """What came of a file: its reader, and either numbers or the refusal."""

    reader: str
    rows: int
    spectra: int
    halves: tuple[float, ...]
    error: CathodelabError | None
    seconds: float


def half_cycles(table: Table) -> tuple[float, ...]:
    """Size of the half cycles, mAh: runs of one direction, by the net charge where there is one, else by the current."""
    if table.kind != "cycling" or table.rows < 2:
        return ()
    record = cycling_record([table], [Provenance("a", "", "", "")])
    current, clock = record.current_ampere, record.test_time_second
    assert current is not None
    assert clock is not None
    net = record.net_charge_ampere_hour
    if net is None:
        flowing = np.where(np.sign(current[1:]) == np.sign(current[:-1]), (current[1:] + current[:-1]) / 2, current[1:])
        moved = flowing * np.diff(clock) / 3600
    else:
        moved = np.diff(net)
    # what a counter shows before the first row belongs to the first half cycle
    moved = np.concatenate([[sum(record.counted_before_ampere_hour)], moved])
    flows = np.flatnonzero(np.abs(moved) > 1e-9 * np.abs(moved).sum())
    if not flows.size:
        return ()
    turns = np.flatnonzero(np.diff(np.sign(moved[flows]))) + 1
    sums = np.array([abs(float(moved[run].sum())) for run in np.split(flows, turns)]) * 1e3
    return tuple(sums[sums > UNDER_CURRENT * sums.max()].tolist())


def outcome_of(path: Path) -> Outcome:
    """Read a file as a study does."""
    begin = time.process_time()
    try:
        table, reader = read_table(path.name, path.read_bytes())
        halves = half_cycles(table)
        found = spectra_of(table, Provenance(path.name, "", reader.id, reader.version))
        spectra = sum(one.electrodes == "cell as recorded" for one in found)
    except CathodelabError as error:
        return Outcome("-", 0, 0, (), error, time.process_time() - begin)
    return Outcome(reader.id, table.rows, spectra, halves, None, time.process_time() - begin)


def verdict(known: Known, found: Outcome) -> str:
    """``right``, or what is not."""
    if known.refused and found.error is None:
        return "**read**, should be refused"
    if found.error is not None:
        right = known.refused and known.refused in str(found.error)
        return "right" if right else "**refused**" + " for another reason" * bool(known.refused)
    wrong = [
        f"**{ours} {what}** instead of {theirs}"
        for what, theirs, ours in (("rows", known.rows, found.rows), ("spectra", known.spectra, found.spectra))
        if theirs and theirs != ours
    ]
    wanted = np.array(known.halves)
    first = np.array(found.halves[: wanted.size])
    if wanted.size != first.size or not np.allclose(first, wanted, rtol=known.within, atol=0):
        wrong.append("**other charges** than " + ", ".join(f"{one:g}" for one in known.halves))
    return ", ".join(wrong) or "right"


def lines_of(root: Path, files: dict[str, Known]) -> Iterator[tuple[bool, str]]:
    """A line of the table for each file, and whether it is right."""
    for name, known in files.items():
        found = outcome_of(root / name)
        said = verdict(known, found)
        if found.error is not None:
            what = f"{found.error.code}: {found.error.what}"[:110]
        else:
            listed = [f"{one:.4g}" for one in found.halves[:LISTED]] + ["..."] * (len(found.halves) > LISTED)
            what = ", ".join(
                [f"{found.rows} rows"]
                + [f"{found.spectra} spectra"] * bool(found.spectra)
                + [" / ".join(listed) + " mAh"] * bool(listed)
            )
        text = what.replace("|", "\\|")
        yield said == "right", f"| {name} | {found.reader} | {text} | {said} | {found.seconds:.2f} |"


def main() -> None:
    """Read every file, compare, write."""
    shared = Path(sys.argv[1])
    parts, right, number = [], 0, 0
    for title, root, files in (
        ("Made cyclers' files", shared / "cases" / "cycling", MADE_FILES),
        ("Made spectra", shared / "cases" / "impedance", MADE_SPECTRA),
        ("Real files", shared / "data", REAL),
    ):
        found = list(lines_of(root, files))
        right += sum(good for good, _ in found)
        number += len(found)
        parts += [
            "",
            f"## {title}",
            "",
            "| file | reader | outcome | beside what is known | CPU s |",
            "| --- " * 5 + "|",
        ]
        parts += [line for _, line in found]
    head = f"""# Files that labs have: what the readers make of them

`python benchmarks/formats/files.py SHARED`. Made files hold two cycles of 1.6 mAh charge and 1.5 mAh discharge unless their name
says otherwise; of real files the truth is their own counter, their number of rows or of spectra. Half cycles of all are beside
the cyclers' own counts in `benchmarks/cycling/counters.md`. {number} files, {right} right."""
    text = "\n".join([head, *parts, ""])
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
