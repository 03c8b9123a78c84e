"""The command line: a thin door to the table of operations.

Exit codes: 0 good, 1 some outcomes failed (of `compare`: something changed), 2 the study or the call is invalid, 3 internal
error.
"""

from __future__ import annotations

import argparse
import dataclasses
import io
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cathodelab import __version__
from cathodelab.core.errors import CathodelabError, StudyInvalid
from cathodelab.operations.model import Checked, Compared, Evaluated, LookedAt, Planned, Summarized, Written
from cathodelab.operations.table import OPERATIONS, Operation
from cathodelab.operations.workers import one_thread_for_linear_algebra

if TYPE_CHECKING:
    from cathodelab.study.run import StudyResults

_MOST_LINES = 3  # of one reason to skip a method
GOOD, SOME_FAILED, INVALID, INTERNAL = 0, 1, 2, 3
_GROUPS = {"dem": "Discrete elements: simulated particles in mixers, drums, dies and mills (extra dem)."}


def command() -> None:
    """The command of a shell: it ends when all is said and written; taking down the libraries costs a quarter of a second."""
    code = GOOD
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:
        pass  # who read it has left, and wants no more
    except OSError as error:
        code = INVALID
        sys.stderr.write(
            f"What was found could not be printed: {error.strerror}. Files that the command writes are written.\n"
        )
    with suppress(OSError):
        sys.stderr.flush()
    os._exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console that has no "⁺" shows a question mark instead of failing
    one_thread_for_linear_algebra()
    parser = _parser()
    given = parser.parse_args(arguments)
    name = f"{given.command} {given.verb}" if getattr(given, "verb", None) else given.command
    operation = next(one for one in OPERATIONS if one.name == name)
    inputs = operation.inputs(**{one.name: _given(given, one.name) for one in dataclasses.fields(operation.inputs)})
    as_json = bool(getattr(given, "json", False))
    try:
        output = operation.run(inputs, _progress)
    except CathodelabError as error:
        _say_error(error, as_json=as_json)
        return INVALID
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return INVALID
    except Exception:  # noqa: BLE001 - the last door: a fault of ours becomes exit code 3, not silence
        traceback.print_exc()
        sys.stderr.write("This is a fault in cathodelab, not in your data. Please report it with the lines above.\n")
        return INTERNAL
    return _say(output, given, as_json=as_json)


def _say(output: object, given: argparse.Namespace, *, as_json: bool) -> int:
    """Print what an operation gave; returns the exit code."""
    if isinstance(output, Evaluated):
        return _say_results(output, as_json=as_json, opened=bool(getattr(given, "open", False)))
    if isinstance(output, LookedAt):
        return _say_spectra(output, as_json=as_json)
    if isinstance(output, Compared):
        return _say_comparison(output, as_json=as_json)
    in_words: dict[type[Any], Callable[[Any], int]] = {
        Summarized: _say_cycles,
        Planned: _say_plan,
        Checked: _say_check,
        Written: _say_written,
    }
    say = in_words.get(type(output))
    return INTERNAL if say is None else say(output)


def _given(given: argparse.Namespace, name: str) -> Any:  # noqa: ANN401 - each input has its own type
    value = getattr(given, name)
    return tuple(value) if isinstance(value, list) else value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cathodelab",
        description="Trustworthy numbers for solid-state-battery cathodes: static utilization and losses of a folder of "
        "cells, with honest uncertainty and one report.",
    )
    parser.add_argument("--version", action="version", version=f"cathodelab {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    groups: dict[str, Any] = {}
    for operation in OPERATIONS:
        group, _, verb = operation.name.rpartition(" ")
        if group and group not in groups:
            parent = commands.add_parser(group, help=_GROUPS[group], description=_GROUPS[group])
            groups[group] = parent.add_subparsers(dest="verb", metavar="VERB", required=True)
        place = groups[group] if group else commands
        command = place.add_parser(verb, help=operation.sentence, description=operation.sentence)
        _add_inputs(command, operation)
        if operation.name in ("run", "impedance", "compare"):
            command.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        if operation.name in ("run", "demo"):
            command.add_argument("--open", action="store_true", help="open the report in the browser")
        if operation.name == "report":
            command.add_argument("--no-open", dest="open", action="store_false", help="do not open the browser")
    return parser


def _add_inputs(command: argparse.ArgumentParser, operation: Operation) -> None:
    for one in dataclasses.fields(operation.inputs):
        if one.name == "files":
            command.add_argument("files", metavar="FILE", type=Path, nargs="+", help=one.metadata["help"])
        elif one.default is dataclasses.MISSING:
            command.add_argument(one.name, metavar=one.name.upper(), type=Path, help=one.metadata["help"])
        elif isinstance(one.default, bool):
            command.add_argument(f"--{one.name}", action="store_true", help=one.metadata["help"])
        else:
            command.add_argument(
                f"--{one.name}",
                type=Path if isinstance(one.default, Path) else type(one.default),
                default=one.default,
                help=f"{one.metadata['help']} (%(default)s)",
            )


def _progress(items: Iterable[Any], count: int, what: str) -> Iterable[Any]:
    """A bar on standard error, if a person is watching and there is something to do."""
    from tqdm import tqdm

    disable = True if count == 0 else None
    bar: Iterable[Any] = tqdm(items, desc=what, total=count, file=sys.stderr, disable=disable, leave=False)
    return bar


def _say_error(error: CathodelabError, *, as_json: bool) -> None:
    if as_json:
        record: dict[str, Any] = {"error": error.as_record()}
        if isinstance(error, StudyInvalid):
            record["problems"] = [dataclasses.asdict(problem) for problem in error.problems]
        sys.stdout.write(json.dumps(record, ensure_ascii=True) + "\n")
    sys.stderr.write(f"{error}\n")


def _say_written(output: Written) -> int:
    for path in output.paths:
        sys.stdout.write(f"wrote {path}\n")
    for check in output.checks:
        if not check.passed:
            sys.stdout.write(f"note ({check.name}): {check.sentence}\n")
    sys.stdout.writelines(f"{line}\n" for line in output.said)
    return GOOD


def _say_plan(output: Planned) -> int:
    lines = [
        f"A titration like that of {output.cell}, on the reference {output.reference}; standard uncertainties (68 %).",
        f"{'points':>6}  {'rest / h':>8}  {'hours':>5}  {'θ / %':>14}  {'own / %':>7}  largest share",
    ]
    for plan in output.plans:
        theta = (
            f"{100 * plan.utilization.value:.1f} +{100 * plan.utilization.plus:.1f} -{100 * plan.utilization.minus:.1f}"
        )
        words = plan.dominated_by if plan.usable else "not usable: rests too short"
        row = f"{len(plan.potentials_volt):>6}  {plan.rest_hour:>8g}  {plan.hours:>5.0f}  {theta:>14}  {100 * plan.own:>7.2f}"
        lines.append(f"{row}  {words}{'  <- shortest' if plan is output.chosen else ''}")
    if output.chosen is None:
        usable = [plan for plan in output.plans if plan.usable]
        best = min(usable or output.plans, key=lambda plan: plan.utilization.plus + plan.utilization.minus)
        lines.append(
            f"None reaches {output.uncertainty:g} %. The best is limited by {best.dominated_by}: {best.halving}."
        )
    else:
        shown = ", ".join(f"{volt:.2f}" for volt in output.chosen.potentials_volt)
        lines.append(f"Rest {output.chosen.rest_hour:g} h at relaxed potentials of {shown} V (as the cell shows them).")
    lines.append(
        "This holds for a sound cell. Particles that are slow but connected need longer rests than any plan says."
    )
    sys.stdout.write("\n".join(lines) + "\n")
    return GOOD if output.chosen is not None else SOME_FAILED


def _say_spectra(output: LookedAt, *, as_json: bool) -> int:
    if as_json:
        from cathodelab.operations.impedance import as_record

        sys.stdout.write(json.dumps(as_record(output), allow_nan=False, ensure_ascii=True) + "\n")
    else:
        from cathodelab.apps.spectra_table import lines_of

        sys.stdout.write("\n".join(lines_of(output)) + "\n")
    return SOME_FAILED if output.failed else GOOD


def _say_comparison(output: Compared, *, as_json: bool) -> int:
    from cathodelab.operations.compare import as_record, lines_of

    if as_json:
        sys.stdout.write(json.dumps(as_record(output), allow_nan=False, ensure_ascii=True) + "\n")
    else:
        sys.stdout.write("\n".join(lines_of(output)) + "\n")
    return SOME_FAILED if output.comparison.changes else GOOD


def _say_cycles(output: Summarized) -> int:
    for one in output.files:
        sys.stdout.write(f"{one.path}: {one.error or f'{one.words}. Table: {one.table}'}\n")
    return SOME_FAILED if any(one.error for one in output.files) else GOOD


def _say_check(output: Checked) -> int:
    study, score = output.study, output.study.completeness
    cells = [cell for cell in study.cells if cell.role == "cell"]
    references = len(study.cells) - len(cells)
    excluded = sum(bool(cell.excluded) for cell in study.cells)
    required, recommended = f"{score.required_percent:.0f} %", f"{score.recommended_percent:.0f} %"
    lines = [
        f"{study.title}: {len(cells)} cells, {references} references, {excluded} excluded. The manifest is valid.",
        f"Reporting checklist: {required} of the required entries, {recommended} of the recommended.",
    ]
    if score.missing_required:
        lines.append("  missing required: " + ", ".join(score.missing_required))
    if score.missing_recommended:
        lines.append("  missing recommended: " + ", ".join(score.missing_recommended))
    if study.unknown_columns:
        lines.append("Columns kept as they are: " + ", ".join(study.unknown_columns))
    lines += [f"Missing file: {name} (cell {cell})" for cell, name in output.missing_files]
    sys.stdout.write("\n".join(lines) + "\n")
    return SOME_FAILED if output.missing_files else GOOD


def _say_results(output: Evaluated, *, as_json: bool, opened: bool) -> int:
    results = output.results
    if as_json:
        from cathodelab.study.store import results_record

        sys.stdout.write(json.dumps(results_record(results), allow_nan=False, ensure_ascii=True) + "\n")
    else:
        sys.stdout.write("\n".join(_summary(output)) + "\n")
    if opened:
        import webbrowser

        webbrowser.open(output.report.resolve().as_uri())
    return SOME_FAILED if results.failed else GOOD


def _summary(output: Evaluated) -> list[str]:
    results = output.results
    lines = []
    if results.study.synthetic:
        lines.append("SYNTHETIC DATA: generated, not measured.")
    found = results.of("utilization")
    width = max((len(cell.id) for cell in results.study.cells), default=4)
    if found:
        lines.append(f"{'cell':{width}}  utilization / %       checks")
    for cell, result in found:
        theta = result.estimates.estimate("static_utilization")
        failed = [check.name for check in result.checks if check.passed is False]
        number = f"{100 * theta.value:5.1f}  +{100 * theta.plus:.1f} -{100 * theta.minus:.1f}"
        lines.append(f"{cell.id:{width}}  {number:20}  {'failed: ' + ', '.join(failed) if failed else 'none failed'}")
    lines += _said(results)
    taking_part = sum(not cell.excluded for cell in results.study.cells)
    if taking_part:
        anew = len(set(results.read_anew))
        others = ", all others known from before" if anew < taking_part else ""
        lines.append(f"Files of {anew} of {taking_part} cells and references read anew{others}.")
    lines.append(f"Report: {output.report}")
    return lines


def _said(results: StudyResults) -> list[str]:
    """What was not evaluated and why; a reason that many cells share once, with their number and the first of them."""
    groups: dict[tuple[str, ...], list[tuple[str, CathodelabError]]] = {}
    for cell, names, status, error in results.to_be_said:
        alone = cell if status == "failed" or error.code == "cell-excluded" else ""
        groups.setdefault((", ".join(names), status, error.code, alone), []).append((cell, error))
    lines = []
    for (methods, status, *_), group in groups.items():
        if len(group) > _MOST_LINES:
            cell, error = group[0]
            lines.append(f"{len(group)} cells, {methods}: {status}. The first, {cell}: {error}")
        else:
            lines += [f"{cell}, {methods}: {status}. {error}" for cell, error in group]
    return lines
