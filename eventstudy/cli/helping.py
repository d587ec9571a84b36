"""The parser of the command line: help of 80 columns in groups, and the nearest word on a slip."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence
from typing import Any, NoReturn

from eventstudy import errors
from eventstudy.cli.examples import shown

_WIDTH = 80

#: title of a group in the help → its options; others are those of the command itself
GROUPS = {
    "prices": (
        *("prices", "cache", "no_cache", "offline", "market", "factor_returns", "kind"),
        "own_since",
    ),
    "study": (
        *("model", "factors", "estimation", "window", "car", "min_obs", "missing"),
        *("exclude_other_events", "duplicates", "calendar"),
    ),
    "output": ("out", "report"),
}


class Version(argparse.Action):
    """Print the version; it is looked up only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version

        print(f"eventstudy {version('eventstudy-numpy')}")
        parser.exit()


class Parser(argparse.ArgumentParser):
    """Help with examples, options by subject, and a usage of one line."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  (those of argparse)
        super().__init__(**options, formatter_class=_Help)

    @property
    def word(self) -> str:
        """The command, or "" of the program itself."""
        return self.prog.partition(" ")[2]

    def format_usage(self) -> str:
        """Only what must be given."""
        formatter = self._get_formatter()
        formatter.add_usage(self._short(), [], [])
        return formatter.format_help()

    def format_help(self) -> str:
        """Usage, description, groups, examples."""
        formatter = self._get_formatter()
        formatter.add_usage(self._short(), [], [])
        formatter.add_text(textwrap.fill(self.description or "", _WIDTH))
        for title, actions in self._grouped().items():
            formatter.start_section(title)
            formatter.add_arguments(actions)
            formatter.end_section()
        formatter.add_text(shown(self.word))
        return formatter.format_help()

    def _short(self) -> str:
        needed = [a for a in self._actions if a.required]
        parts = [
            f"{a.option_strings[0]} {a.metavar}" if a.option_strings else f"{a.metavar}"
            for a in needed
        ]
        return " ".join([self.prog, *parts, "..."])

    def _grouped(self) -> dict[str, list[argparse.Action]]:
        group = {dest: title for title, names in GROUPS.items() for dest in names}
        own = "options" if self.word else "commands"
        found: dict[str, list[argparse.Action]] = {own: [], **{title: [] for title in GROUPS}}
        for action in self._actions:
            if action.option_strings or not self.word:
                found[group.get(action.dest, own)].append(action)
        if not self.word:  # commands first, -h and --version after them
            words = [a for a in found[own] if a.option_strings]
            found = {own: [a for a in found[own] if not a.option_strings], "options": words}
        return {title: actions for title, actions in found.items() if actions}

    @property
    def commands(self) -> dict[str, Parser]:
        """The parser of each command."""
        kinds = [a for a in self._actions if isinstance(a, argparse._SubParsersAction)]  # noqa: SLF001  (argparse has no public name for it)
        return dict(kinds[0].choices) if kinds else {}

    def refuse_slips(self, argv: Sequence[str]) -> None:
        """Name the nearest command or option where one is not known."""
        word = argv[0] if argv else ""
        if not word or word.startswith("-"):
            return
        if word not in self.commands:
            self.error(str(errors.no_such_command(word, self.commands)))
        chosen = self.commands[word]
        known = [o for a in chosen._actions for o in a.option_strings]  # noqa: SLF001  (of our own kind)
        for option in (each.partition("=")[0] for each in argv[1:]):
            if option.startswith("--") and not any(k.startswith(option) for k in known):
                chosen.error(str(errors.no_such_option(option, word, known)))


class _Help(argparse.RawDescriptionHelpFormatter):
    """80 columns, whatever the terminal; room for options beside what they mean."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26, width=_WIDTH)
