"""The technique that CONTRIBUTING.md builds, block by block, as a reader would type it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cathodelab.formats.conformance import conformance
from cathodelab.formats.kinds import OURS

BOOK = Path(__file__).parents[1] / "CONTRIBUTING.md"
MINUTES = range(30)
GOOD_FILE = "\n".join(["time (min),thickness (um)", *(f"{t},{530 if t > 20 else 520 + t / 4}" for t in MINUTES)]) + "\n"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The folder of the package, installed."""
    text = BOOK.read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n# springback/(\w+\.py)\n(.*?)```", text, re.DOTALL)
    assert [name for name, _ in blocks] == ["technique.py", "reader.py", "model.py", "measurement.py", "method.py"]
    (tmp_path / "springback").mkdir()
    for name, code in blocks:
        (tmp_path / "springback" / name).write_text(code, encoding="utf-8")
    (tmp_path / "springback" / "__init__.py").touch()
    about = tmp_path / "springback-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: springback\nVersion: 1.0\n")
    entry = re.search(r'"cathodelab\.techniques"\]\n(.*)\n', text)
    assert entry is not None
    (about / "entry_points.txt").write_text("[cathodelab.techniques]\n" + entry[1].replace('"', "") + "\n")
    return tmp_path


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """The table and the file of step 6."""
    table, trace = re.findall(r"```text\n(.*?)```", BOOK.read_text(encoding="utf-8"), re.DOTALL)
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "pellets.csv").write_text(table)
    (folder / "p1.csv").write_text(trace)
    return folder


def _cathodelab(package: Path, *arguments: str) -> str:
    code = "import sys; from cathodelab.apps.cli import main; sys.exit(main(sys.argv[1:]))"
    path = os.pathsep.join([str(package), *filter(None, [os.environ.get("PYTHONPATH", "")])])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_technique_of_the_book_runs_as_it_stands(package: Path, study: Path) -> None:
    """530 um over 500 um are 6 %; 2 um of 500 and 1 um of the gauge make 0.47 % of it uncertain."""
    assert "1 pellet, 0 excluded" in _cathodelab(package, "check", str(study))
    said = _cathodelab(package, "run", str(study), "--jobs", "1")
    assert "Spring-back / %" in said
    assert "6.00 +0.47 -0.47" in said
    assert "6.00 +0.47 -0.47 %" in BOOK.read_text(encoding="utf-8")
    record = json.loads((study / "results" / "results.json").read_text(encoding="utf-8"))
    found = record["samples"]["pellet"]["p1"]["spring_back"]["estimates"]["spring_back"]
    assert found["value"] == pytest.approx(0.06)
    assert found["plus"] == pytest.approx(((530 / 500 * 2 / 500) ** 2 + (1 / 500) ** 2) ** 0.5, rel=1e-4)
    assert [one["passed"] for one in record["checks"]] == [True]
    assert "Spring-back of pellets" in (study / "results" / "report.html").read_text(encoding="utf-8")
    assert "gauge, the same for all pellets" in (study / "results" / "tables" / "budget.csv").read_text()


def test_its_reader_keeps_the_promises_of_a_reader(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kit of the section on readers, with a kind of table of its own."""
    monkeypatch.syspath_prepend(str(package))
    import importlib

    reader = importlib.import_module("springback.reader")
    broken = [
        check.sentence
        for check in conformance(reader.READER, "p1.csv", GOOD_FILE.encode(), kinds=(*OURS, *reader.TABLES))
        if check.passed is False
    ]
    assert broken == []
