"""`--help`: grouped, in 80 columns, with examples that run; slips are answered by the nearest."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import eventstudy as es
from eventstudy.cli import main
from eventstudy.cli.examples import EXAMPLES
from eventstudy.cli.helping import GROUPS
from eventstudy.cli.options import _parser

COMMANDS = [name for name in EXAMPLES if name]


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    return " ".join(capsys.readouterr().err.split())


def helped(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_every_command_has_examples() -> None:
    assert list(_parser().commands) == COMMANDS
    assert all(2 <= len(examples) <= 4 for examples in EXAMPLES.values())


@pytest.mark.parametrize("command", EXAMPLES)
def test_help_has_80_columns(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = helped([*command.split(), "--help"], capsys)
    assert max(map(len, said.splitlines())) <= 80
    assert said.startswith("usage: eventstudy")
    assert "usage: eventstudy" not in said[10:]
    assert "examples:\n  " in said
    for _, lines in EXAMPLES[command]:
        assert all(f"    {line}\n" in said for line in lines.splitlines())


@pytest.mark.parametrize("command", ["run", "calibrate", "backtest", "detect"])
def test_options_are_grouped(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = helped([command, "--help"], capsys)
    own, prices, study, output, examples = (
        said.index(f"\n{title}:\n")
        for title in ("options", "prices", "study", "output", "examples")
    )
    assert own < prices < said.index("  --market ") < study < said.index("  --estimation ") < output
    assert output < said.index("  --out DIR") < examples


def test_groups_are_of_options_that_exist() -> None:
    known = {a.dest for parser in _parser().commands.values() for a in parser._actions}
    assert not {name for names in GROUPS.values() for name in names} - known


def test_what_must_be_given_is_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert helped(["run", "--help"], capsys).startswith(
        "usage: eventstudy run --events FILE --prices FILE|yahoo|sample --out DIR"
    )
    said = refused(["run"], capsys)
    assert said.startswith("usage: eventstudy run --events FILE")
    assert said.endswith("the following arguments are required: --events, --prices, --out")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["calibarte"], (
            "'calibarte' is no command; there are demo, run, calibrate, preview, vary, backtest, "
            "detect, catalysts. Did you mean 'calibrate'?")),
        (["fly"], (
            "'fly' is no command; there are demo, run, calibrate, preview, vary, backtest, "
            "detect, catalysts.")),
        (["run", "--evnets", "e.csv"], (
            "`eventstudy run` has no option --evnets. Did you mean '--events'? "
            "`eventstudy run --help` lists all.")),
        (["demo", "--prices=sample"], (
            "`eventstudy demo` has no option --prices. `eventstudy demo --help` lists all.")),
    ],
)  # fmt: skip
def test_a_slip_is_answered_by_the_nearest(
    typed: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused(typed, capsys).endswith(f"error: {said}")


def test_options_may_be_cut_short_and_begin_values_with_a_minus(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = refused(["run", "--est", "-120:-11", "--window", "-1:1"], capsys)
    assert "the following arguments are required" in said


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    said = helped(["--version"], capsys)
    assert said.startswith("eventstudy 0.")
    asked = [sys.executable, "-m", "eventstudy", "--version"]
    assert subprocess.run(asked, capture_output=True, text=True, check=True).stdout == said  # noqa: S603  (our own words)


def offline() -> list[tuple[str, str]]:
    found = [(name, lines) for name in COMMANDS for _, lines in EXAMPLES[name]]
    # the demo alone is run by tests/unit/test_cli.py
    return [(n, lines) for n, lines in found if "yahoo" not in lines and lines != "eventstudy demo"]


def test_only_yahoo_needs_a_network() -> None:
    everything = [lines for examples in EXAMPLES.values() for _, lines in examples]
    assert len([lines for lines in everything if "yahoo" in lines]) == 2


@pytest.mark.parametrize(("command", "lines"), offline(), ids=lambda text: str(text)[-40:])
def test_examples_run(
    command: str,
    lines: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    es.events_on("2026-01-29", ["MARA", "RIOT"]).to_csv("deals.csv")  # of the example before
    for line in lines.replace("\\\n", " ").splitlines():
        program, *words = shlex.split(line)
        assert program == "eventstudy"
        # the first of two lines may be another command, which makes the events
        assert main([w if w not in {"99", "100"} else "30" for w in words]) == 0
    said = capsys.readouterr()
    assert said.out
    assert not said.err
    assert command in lines
    if "--out" in lines:
        assert any(tmp_path.iterdir())
