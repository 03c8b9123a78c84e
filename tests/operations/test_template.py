"""What `init` writes."""

from __future__ import annotations

import tomllib
from dataclasses import asdict
from pathlib import Path

from cathodelab.core.settings import knobs
from cathodelab.operations.template import write_template
from cathodelab.study.manifest import kinds_of_samples
from cathodelab.techniques.utilization.model import UtilizationSettings


def test_every_setting_and_every_checklist_field_is_explained(tmp_path: Path) -> None:
    """Commented out with their defaults; taken out of the comment they are valid."""
    cells, toml = (path.read_text(encoding="utf-8") for path in write_template(tmp_path))
    for name in knobs(UtilizationSettings):
        assert f"# {name} = " in toml
    for one in kinds_of_samples()["cell"].columns:
        assert one.name in cells.splitlines()[-3] or f"# {one.name}: {one.meaning}" in cells or one.needed
    assert tomllib.loads(toml)["schema_version"] == 1
    names = tuple(f"# {name} = " for name in knobs(UtilizationSettings))
    section = toml.split("[methods.utilization]")[1].split("\n[")[0]
    settings = [line[2:] for line in section.splitlines() if line.startswith(names)]
    found = tomllib.loads("\n".join(settings))
    assert {name: tuple(x) if isinstance(x, list) else x for name, x in found.items()} == asdict(UtilizationSettings())
