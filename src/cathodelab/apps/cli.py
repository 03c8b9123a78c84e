"""The command line: a thin door to the table of operations.

Exit codes: 0 good, 1 some outcomes failed, 2 the study or the call is invalid, 3 internal error.
"""

from __future__ import annotations

import argparse
import dataclasses
import io
import json
import os
import sys
import traceback
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from cathodelab import __version__
from cathodelab.core.errors import CathodelabError, StudyInvalid
from cathodelab.core.operation import Operation, Output
from cathodelab.core.settings import as_typed, knobs
from cathodelab.core.terminals import harmless_to_terminals
from cathodelab.operations.table import OPERATIONS
from cathodelab.operations.workers import one_thread_for_linear_algebra

GOOD, SOME_FAILED, INVALID, INTERNAL = 0, 1, 2, 3
_METAVARS = {float: "NUMBER", int: "N", str: "TEXT", Path: "PATH"}
_GROUPS = {"dem": "Discrete elements: simulated particles in mixers, drums, dies and mills (extra dem)."}


def command() -> None:
    """Console entry point. Flushes and exits at once: the normal shutdown of the libraries costs a quarter of a second."""
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
    try:
        output = operation.run(operation.inputs_of(_typed(given, operation), _option), _progress)
    except CathodelabError as error:
        _say_error(error, as_json=given.json)
        return INVALID
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return INVALID
    except Exception:  # noqa: BLE001 - the last door: a fault of ours becomes exit code 3, not silence
        traceback.print_exc()
        sys.stderr.write("This is a fault in cathodelab, not in your data. Please report it with the lines above.\n")
        return INTERNAL
    return _say(output, as_json=given.json, opened=bool(getattr(given, "open", False)))


def _say(output: Output, *, as_json: bool, opened: bool) -> int:
    """Print what an operation gave; returns the exit code."""
    lines = [json.dumps(output.record(), allow_nan=False, ensure_ascii=True)] if as_json else output.lines()
    sys.stdout.writelines(f"{harmless_to_terminals(line)}\n" for line in lines)
    if opened and output.page is not None:
        import webbrowser

        webbrowser.open(output.page.resolve().as_uri())
    return GOOD if output.complete else SOME_FAILED


def _typed(given: argparse.Namespace, operation: Operation) -> dict[str, object]:
    """What stands in the call, as texts; what does not keeps its default."""
    values = {name: getattr(given, name) for name in knobs(operation.inputs)}
    return {name: value for name, value in values.items() if value is not None}


def _option(name: str) -> str:
    """How an input is written in a call."""
    return f"--{name}"


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
        command.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        if operation.name in ("run", "demo"):
            command.add_argument("--open", action="store_true", help="open the report in the browser")
        if operation.name == "report":
            command.add_argument("--no-open", dest="open", action="store_false", help="do not open the browser")
    return parser


def _add_inputs(command: argparse.ArgumentParser, operation: Operation) -> None:
    """Arguments and options as the inputs are declared; what they may be is checked by the operation, not by argparse."""
    for name, (default, about) in knobs(operation.inputs).items():
        meaning = about.meaning.replace("%", "%%")
        if about.required and about.many:
            command.add_argument(name, metavar=name.removesuffix("s").upper(), nargs="+", help=meaning)
        elif about.required:
            command.add_argument(name, metavar=name.upper(), help=meaning)
        elif about.kind is bool:
            command.add_argument(_option(name), action="store_const", const=not default, help=meaning)
        else:
            allowed = about.allowed.replace("%", "%%") + (", separated by commas" if about.many else "")
            shown = as_typed(default)
            said = f"{meaning} ({allowed}{f'; default {shown}' if shown else ''})"
            metavar = _METAVARS[about.kind] + (",..." if about.many else "")
            command.add_argument(_option(name), metavar=metavar, help=said)


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
    sys.stderr.write(f"{harmless_to_terminals(str(error))}\n")
