"""Settings are checked all at once."""

from __future__ import annotations

from cathodelab.core.settings import settings_from
from cathodelab.techniques.utilization.model import UtilizationSettings


def test_every_problem_is_reported_with_what_is_allowed() -> None:
    """Unknown key, wrong word, wrong type, out of range, wrong list: five problems, defaults kept."""
    table = {
        "modus": "published",
        "mode": "optimistic",
        "minimum_rest_hours": "two",
        "slope_window_fraction": 7.0,
        "windows": [1.5],
    }
    settings, problems = settings_from(UtilizationSettings, table, "study.toml", "methods.utilization")
    assert settings == UtilizationSettings()
    assert {problem.column for problem in problems} == set(table)
    allowed = {problem.column: problem.allowed for problem in problems}
    assert allowed["mode"] == "one of corrected, published, worst_case, monte_carlo"
    assert allowed["slope_window_fraction"] == "0.02 to 1"
    assert "a number in h" in allowed["minimum_rest_hours"]


def test_given_values_replace_defaults() -> None:
    """Whole numbers are taken where decimals are meant."""
    settings, problems = settings_from(
        UtilizationSettings, {"windows": [2, 3], "minimum_rest_hours": 1}, "study.toml", "methods.utilization"
    )
    assert not problems
    assert settings.windows == (2, 3)
    assert settings.minimum_rest_hours == 1.0
