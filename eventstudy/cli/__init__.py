"""The command line: ``eventstudy COMMAND``, with the commands of `options`.

Errors are one sentence on stderr; exit codes are 0, 2 (usage, input, nothing left, source out
of reach), 130 (interrupted) and 1 (a bug).
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.util import find_spec
from io import TextIOWrapper

from eventstudy import errors
from eventstudy.cli import options
from eventstudy.progress import show_progress

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    _write_on_any_terminal()
    arguments = options.parse(sys.argv[1:] if argv is None else list(argv))
    command = _COMMANDS[arguments.command]
    try:
        with _warnings_shown(), _bars_shown():
            command(arguments)
    except errors.EventStudyError as error:
        return _refused(error)
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        print("eventstudy: interrupted", file=sys.stderr)
        return 130
    except OSError as error:  # a folder that is a file, a full disk: no bug of ours
        return _refused(errors.path_unusable(error.filename, error.strerror or error))
    return 0


def _write_on_any_terminal() -> None:
    """Write "?" for a sign such as ± where the encoding of the output has none."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


@contextmanager
def _warnings_shown() -> Iterator[None]:
    """Write what the library warns of to stderr, a line each: a ticker without prices, say."""
    log, handler = logging.getLogger("eventstudy"), logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    handler.setFormatter(logging.Formatter("eventstudy: %(message)s"))
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)


def _bars_shown() -> AbstractContextManager[None]:
    """Bars for what takes long, on a terminal."""
    if sys.stderr is None or not sys.stderr.isatty() or find_spec("tqdm") is None:
        return nullcontext()
    return show_progress()


def _refused(error: Exception) -> int:
    print(f"eventstudy: {error}", file=sys.stderr)
    return 2


def _demo(arguments: options.Arguments) -> None:
    from eventstudy.cli.demonstration import show

    show(arguments.out)


def _run(arguments: options.Arguments) -> None:
    from eventstudy.cli.studying import study_files

    study_files(arguments)


def _calibrate(arguments: options.Arguments) -> None:
    from eventstudy.cli.calibrating import calibrate_files

    calibrate_files(arguments)


def _preview(arguments: options.Arguments) -> None:
    from eventstudy.cli.previewing import preview_files

    preview_files(arguments)


def _vary(arguments: options.Arguments) -> None:
    from eventstudy.cli.varying import vary_files

    vary_files(arguments)


def _backtest(arguments: options.Arguments) -> None:
    from eventstudy.cli.backtesting import backtest_files

    backtest_files(arguments)


def _detect(arguments: options.Arguments) -> None:
    from eventstudy.cli.detecting import detect_files

    detect_files(arguments)


def _catalysts(arguments: options.Arguments) -> None:
    from eventstudy.cli.listing import list_catalysts

    list_catalysts(arguments)


_COMMANDS = {
    "demo": _demo,
    "run": _run,
    "calibrate": _calibrate,
    "preview": _preview,
    "vary": _vary,
    "backtest": _backtest,
    "detect": _detect,
    "catalysts": _catalysts,
}
