"""A reader of somebody else's package, found by its entry point, and held to the promises of a reader."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from cathodelab.formats.conformance import conformance
from cathodelab.formats.readers import read_table, reader_for

MODULE = '''
"""A lab's own two-column logger, written as CONTRIBUTING.md says."""

from cathodelab.core.arrays import frozen
from cathodelab.core.errors import CathodelabError
from cathodelab.formats.shared.delimited import decoded, numbers, text_table
from cathodelab.formats.readers import Reader
from cathodelab.formats.table import Table

LABELS = {"zeit [s]": "test_time_second", "spannung [V]": "voltage_volt", "strom [A]": "current_ampere"}


def read(content):
    table = text_table(decoded(content), skip_rows=1)
    missing = [label for label in LABELS if label not in table.header]
    if missing:
        raise CathodelabError(
            "column-missing", f"The table lacks {missing}", where="line 2", why="They are needed.",
            what_to_do="Export them.",
        )
    places = {LABELS[label]: place for place, label in enumerate(table.header) if label in LABELS}
    unknown = tuple(label for label in table.header if label not in LABELS)
    return Table("cycling", numbers(table, places), unknown)


READER = Reader("logger", "1", lambda name, content: content.startswith(b"#LOGGER"), read)
'''
FILE = b"#LOGGER 1\nzeit [s]\tspannung [V]\tstrom [A]\tdruck [bar]\n" + b"".join(
    b"%d\t%.3f\t0.001\t2.5\n" % (60 * row, 3 + 0.01 * row) for row in range(30)
)


def _installed(folder: Path) -> Path:
    """What an installer leaves behind: the module and its metadata."""
    (folder / "lab_logger.py").write_text(MODULE, encoding="utf-8")
    about = folder / "lab_logger-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: lab-logger\nVersion: 1.0\n", encoding="utf-8")
    (about / "entry_points.txt").write_text("[cathodelab.readers]\nlogger = lab_logger:READER\n", encoding="utf-8")
    return folder


def test_a_plug_in_is_found_by_its_entry_point(tmp_path: Path) -> None:
    """In a process of its own, as a user has it: nothing but an installed package."""
    (tmp_path / "cell.log").write_bytes(FILE)
    code = (
        f"import sys; sys.path.insert(0, {str(_installed(tmp_path))!r})\n"
        "from pathlib import Path\n"
        "from cathodelab.formats.readers import read_table\n"
        f"table, reader = read_table('cell.log', Path({str(tmp_path / 'cell.log')!r}).read_bytes())\n"
        "print(reader.id, table.rows, table.unknown_columns)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "logger 30 ('druck [bar]',)", done.stderr


def test_a_plug_in_is_held_to_the_promises_of_a_reader(tmp_path: Path) -> None:
    sys.path.insert(0, str(_installed(tmp_path)))
    try:
        reader = reader_for("cell.log", FILE)
        assert reader.id == "logger"
        assert read_table("cell.log", FILE)[0].column("voltage_volt")[0] == 3.0
        broken = [check.sentence for check in conformance(reader, "cell.log", FILE) if check.passed is False]
        assert not broken
    finally:
        sys.path.remove(str(tmp_path))
        sys.modules.pop("lab_logger", None)
