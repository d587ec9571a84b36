"""The command line: ``eventstudy demo | run | catalysts``.

Errors are one sentence on stderr; exit codes are 0, 2 (usage, input, nothing left, source out
of reach) and 1 (a bug).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from eventstudy.cli import options
from eventstudy.errors import EventStudyError

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    arguments = options.parse(sys.argv[1:] if argv is None else list(argv))
    command = _COMMANDS[arguments.command]
    try:
        command(arguments)
    except EventStudyError as error:
        print(f"eventstudy: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0
    return 0


def _demo(arguments: options.Arguments) -> None:
    from eventstudy.cli.demonstration import show

    show(arguments.out)


def _run(arguments: options.Arguments) -> None:
    from eventstudy.cli.studying import study_files

    study_files(arguments)


def _catalysts(arguments: options.Arguments) -> None:
    from eventstudy.cli.listing import list_catalysts

    list_catalysts(arguments)


_COMMANDS = {"demo": _demo, "run": _run, "catalysts": _catalysts}
