"""Names of what is written beside files that were given."""

from __future__ import annotations

import re
from pathlib import Path


def file_names(files: tuple[Path, ...], otherwise: str) -> list[str]:
    """The files' names without what a file name cannot hold, made unique; ``otherwise`` where nothing is left of one."""
    names: list[str] = []
    for path in files:
        base = re.sub(r"[^\w.+-]+", "_", path.stem) or otherwise
        same = sum(re.fullmatch(re.escape(base) + r"(-\d+)?", other) is not None for other in names)
        names.append(f"{base}-{same + 1}" if same else base)
    return names
