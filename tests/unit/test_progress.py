"""Bars: on a terminal where they were asked for, gone afterwards, and nowhere else."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import struct
import sys
import termios
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy import cli
from eventstudy.progress import counting, show_progress, steps


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventstudy.progress.DELAY", 0.0)
    monkeypatch.setattr("eventstudy.progress.EVERY", 0.0)


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal in the place of stderr, and bars at once (no fixture: pytest sets stderr anew)."""
    found = Terminal()
    monkeypatch.setattr(sys, "stderr", found)
    at_once(monkeypatch)
    return found


def shown(terminal: Terminal) -> str:
    """What stands on the line in the end: each \\r starts it anew."""
    return terminal.getvalue().rstrip("\r").rsplit("\r", 1)[-1].strip()


def panel() -> es.Panel:
    rng = np.random.default_rng(0)
    days = pd.bdate_range("2022-01-03", periods=420)
    returns = pd.DataFrame(rng.normal(0, 0.02, (420, 4)), days, ["AAA", "BBB", "CCC", "SPY"])
    return es.Panel.from_returns(returns, market="SPY")


def events() -> pd.DataFrame:
    days = panel().sessions
    dates = [days[k] for k in range(150, 400, 25)]
    return pd.DataFrame([(t, d) for d in dates for t in ("AAA", "BBB")], columns=["ticker", "date"])


STUDY = es.EventStudy(estimation=(-100, -11), window=(-2, 2))
ROBUST = es.EventStudy(es.RobustMarketModel(), estimation=(-100, -11), window=(-2, 2))


def executed() -> es.Result:
    with ThreadPoolExecutor(2) as pool:
        return STUDY.run(events(), panel(), executor=pool)


LONG: dict[str, tuple[str, Callable[[], Any]]] = {
    "calibrate": (
        "Placebo draws",
        lambda: STUDY.calibrate(events(), panel(), draws=15, tests=["adj_bmp"]),
    ),
    "vary": (
        "Specifications among placebo dates",
        lambda: STUDY.vary(missing=["drop", "skip"]).run(events(), panel(), draws=5),
    ),
    "run": ("Events", lambda: ROBUST.run(events(), panel())),
    "aggregate": ("Events", lambda: STUDY.run(events(), panel(), store="aggregate")),
    "executor": ("Events", executed),
    "detect": (
        "Events",
        lambda: es.detect(panel(), ROBUST, since="2023-07-03", catalysts=False, z=3),
    ),
    "grid": (
        "Rules",
        lambda: es.Rule().grid(events(), panel(), enter=[0, 1], leave=[2, 3], study=STUDY, draws=9),
    ),
    "bootstrap": ("Draws", lambda: es.Rule().run(events(), panel(), STUDY).bootstrap(99)),
    "placebo": ("Draws", lambda: es.Rule().run(events(), panel(), STUDY).placebo(49)),
    "test": (
        "Draws",
        lambda: STUDY.run(events(), panel()).test("wild_dates", (0, 0), draws=99),
    ),
}


@pytest.mark.parametrize("work", LONG)
def test_long_work_shows_a_bar_and_removes_it(work: str, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    what, run = LONG[work]
    with es.show_progress():
        run()
    assert f"{what}: " in terminal.getvalue()
    assert "100%" in terminal.getvalue()
    assert "\n" not in terminal.getvalue()
    assert not shown(terminal)


@pytest.mark.parametrize("work", LONG)
def test_nothing_is_written_unless_asked_for(work: str, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    LONG[work][1]()
    assert not terminal.getvalue()


@pytest.mark.parametrize("work", ["calibrate", "run"])
def test_nothing_is_written_without_a_terminal(
    work: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    at_once(monkeypatch)
    with es.show_progress():
        LONG[work][1]()
    assert capfd.readouterr() == ("", "")


def test_numbers_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    on_terminal(monkeypatch)
    plain = STUDY.calibrate(events(), panel(), draws=15)
    with es.show_progress():
        counted = STUDY.calibrate(events(), panel(), draws=15)
    pd.testing.assert_frame_equal(plain.table, counted.table)


def test_quick_work_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with es.show_progress():
        assert list(steps(range(5), "Things", 5)) == [0, 1, 2, 3, 4]
    assert not terminal.getvalue()


def test_items_are_what_they_were_unless_asked() -> None:
    items = [1, 2, 3]
    assert steps(items, "Things", 3) is items


def test_the_outermost_loop_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    with show_progress():
        for _ in steps(range(2), "Outer", 2):
            for _ in steps(range(3), "Inner", 3):
                pass
        assert "Inner" not in terminal.getvalue()
        list(steps(range(2), "Later", 2))
    assert "Later" in terminal.getvalue()


def test_a_bar_is_gone_after_an_error_and_a_break(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = on_terminal(monkeypatch)
    kept: Iterator[int] = iter(())  # held, so that nothing closes it by chance
    with pytest.raises(ZeroDivisionError), show_progress():  # noqa: PT012  (a loop that fails)
        kept = iter(steps(range(2), "Things", 2))
        next(kept) / 0
    assert "Things" in terminal.getvalue()
    assert not shown(terminal)
    with show_progress():
        for _ in steps(range(9), "Others", 9):
            break
        list(steps(range(2), "Next", 2))
    assert "Next" in terminal.getvalue()


def test_other_threads_show_nothing_and_none_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = on_terminal(monkeypatch)
    before = threading.active_count()
    with show_progress():
        other = threading.Thread(target=lambda: list(steps(range(3), "Elsewhere", 3)))
        other.start()
        other.join()
        list(steps(range(3), "Here", 3))
    assert "Elsewhere" not in terminal.getvalue()
    assert "Here" in terminal.getvalue()
    assert threading.active_count() == before


def test_sizes_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    with show_progress():
        list(steps([[0] * 30, [0] * 70], "Things", 100, len))
    assert "100/100" in terminal.getvalue()


@pytest.mark.parametrize("inside", [True, False])
def test_counting_is_shown_where_one_asks(inside: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    with counting(3, "Tickers", shown=False) as told:
        told()
    assert not terminal.getvalue()
    if inside:
        with show_progress(), counting(3, "Tickers", shown=False) as told:
            told()
    else:
        with counting(3, "Tickers", shown=True) as told:
            told()
    assert "Tickers" in terminal.getvalue()
    assert not shown(terminal)


def test_without_tqdm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm.std", None)
    with pytest.raises(es.EventStudyError) as caught, show_progress():
        pass
    assert str(caught.value) == (
        "Progress bars need the package `tqdm`; run pip install tqdm, or do not ask for them."
    )


# ── the command line ─────────────────────────────────────────────────────────────────────────
def asked(folder: Path) -> list[str]:
    """Placebo draws of two events."""
    es.events_on("2026-01-29", ["MARA", "RIOT"]).to_csv(folder / "events.csv")
    words = [
        "calibrate",
        "--prices",
        "sample",
        "--market",
        "SPY",
        "--window",
        "-2:2",
        "--draws",
        "15",
    ]
    return [*words, "--events", str(folder / "events.csv"), "--out", str(folder / "out")]


def test_the_command_line_shows_bars_on_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    at_once(monkeypatch)
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.set_blocking(ours, False)
    with os.fdopen(theirs, "w") as screen:
        monkeypatch.setattr(sys, "stderr", screen)
        assert cli.main(asked(tmp_path)) == 0
        written = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert "Placebo draws: " in written
    assert not written.rstrip("\r").rsplit("\r", 1)[-1].strip()
    assert "Placebo draws:" not in capsys.readouterr().out


def test_the_command_line_shows_none_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    at_once(monkeypatch)
    assert cli.main(asked(tmp_path)) == 0
    assert not capsys.readouterr().err


def test_the_command_line_does_without_tqdm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = on_terminal(monkeypatch)
    monkeypatch.setattr("eventstudy.cli.find_spec", lambda name: None)
    assert cli.main(asked(tmp_path)) == 0
    assert not terminal.getvalue()
