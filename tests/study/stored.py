"""Small results as they stand in results.json, in both schemas."""

from __future__ import annotations

import copy
from typing import Any

THETA = {
    "value": 0.80,
    "minus": 0.010,
    "plus": 0.020,
    "unit": "1",
    "level": 0.683,
    "per": "mass weighed in",
    "how": "fit",
}
LOSS = {"value": 30.0, "minus": 2.0, "plus": 1.0, "unit": "mAh/g", "level": 0.683, "per": "mass weighed in", "how": "1"}
BARE = {"value": 5.0, "minus": None, "plus": None, "unit": "V", "level": None, "per": "", "how": "read"}


def record() -> dict[str, Any]:
    """Two cells, two methods, of schema 1."""
    cells = {
        cell: {
            "utilization": {"estimates": {"static_utilization": dict(THETA)}},
            "losses": {"estimates": {"static_loss": dict(LOSS), "cut_off": dict(BARE)}},
        }
        for cell in ("a", "b")
    }
    checks = [
        {
            "cell": cell,
            "method": "utilization",
            "name": name,
            "passed": passed,
            "value": 0.1,
            "limit": 0.5,
            "sentence": name,
        }
        for cell in cells
        for name, passed in (("end_of_rest", True), ("windows_agree", None))
    ]
    outcomes = [
        {"cell": cell, "method": method, "status": "ok", "error": None}
        for cell in cells
        for method in ("utilization", "losses")
    ]
    return {
        "schema_version": 1,
        "study": "made",
        "cells": cells,
        "checks": checks,
        "outcomes": outcomes,
        "covariance": {},
        "windows": [{"cell": cell, "window": 1, "utilization": 0.8, "used": True} for cell in cells],
        "batches": {"scatter": [{"metric": "q", "mean": 0.8}]},
        "provenance": {
            "versions": {"numpy": "2.0"},
            "files": [{"cell": "a", "file": "a.csv", "sha256": "00"}],
            "settings": {"methods": {"utilization": {"mode": "corrected"}}},
        },
    }


def of_schema_2(one: dict[str, Any], *, alias: bool = True) -> dict[str, Any]:
    """The same results as schema 2 keeps them."""
    changed = copy.deepcopy(one)
    changed["schema_version"] = 2
    changed["samples"] = {"cell": changed["cells"]}
    if not alias:
        del changed["cells"]
    for entry in changed["checks"] + changed["outcomes"]:
        entry["kind"], entry["sample"] = "cell", entry.pop("cell")
    return changed


def failure(code: str = "file-truncated") -> dict[str, str]:
    """An error as it stands in the outcomes."""
    return {
        "code": code,
        "what": "It was cut off",
        "where": "cell b",
        "why": "It ends.",
        "what_to_do": "Copy it again.",
    }
