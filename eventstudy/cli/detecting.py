"""``eventstudy detect``: which days moved abnormally, and what was in the news."""

from __future__ import annotations

import datetime as dt
import json
from functools import partial
from pathlib import Path

import pandas as pd

from eventstudy import errors, universe
from eventstudy.cli.options import Arguments
from eventstudy.cli.pricing import source_of
from eventstudy.cli.studying import model_of, panel_of
from eventstudy.events import read_events
from eventstudy.panel import Panel
from eventstudy.panel.provenance import record
from eventstudy.report import percent, text_table, wrap
from eventstudy.report.cells import number
from eventstudy.report.lines import shorten
from eventstudy.report.tables import Formats
from eventstudy.rolling import detect
from eventstudy.study import EventStudy

#: days that are printed, and letters of what is told of each
SHOWN, LETTERS = 40, 66
#: first and last session, where none is named: the catalogue's years, the sample's, all of a file
SPANS = {"yahoo": ("2024-01-01", ""), "sample": ("2022-12-01", "2026-06-30")}
FILE = ("1950-01-01", "")
ONE = partial(percent, places=1)
FORMATS: Formats = {"return": ONE, "abnormal": ONE, "z": partial(number, places=1)}


def detect_files(arguments: Arguments) -> None:
    """Look at every day, write the table of those that moved, print it with its sentence."""
    study = EventStudy(
        model=model_of(arguments.model, arguments.factors),
        estimation=arguments.estimation,
        window=(0, 0),
        min_obs=arguments.min_obs,
    )
    news = _news(arguments)
    panel = _panel(study, arguments)
    folder = arguments.out
    folder.mkdir(parents=True, exist_ok=True)
    found = detect(
        panel,
        study,
        arguments.z,
        tickers=arguments.tickers or None,
        since=arguments.since,
        until=arguments.until,
        direction=arguments.direction,
        catalysts=news,
    )
    found.to_csv(folder / "detected.csv")
    told = json.dumps(record(panel), indent=2, default=str)
    (folder / "provenance.json").write_text(told + "\n", encoding="utf-8")
    if panel.source:
        print("\n".join(wrap(f"Prices: {panel.source}")) + "\n")
    if len(found):
        print(text_table(_shown(found), title=_title(found), formats=FORMATS))
        print()
    print("\n".join(wrap(str(found.attrs["note"]))))
    print(f"\nTable: {folder}")


def _panel(study: EventStudy, arguments: Arguments) -> Panel:
    """Load what the study needs to look at every day of the tickers."""
    first, last = SPANS.get(arguments.prices, FILE)
    since = arguments.since or first
    until = arguments.until or last or str(dt.datetime.now(tz=dt.UTC).date())
    tickers = _tickers(arguments.prices, arguments.tickers)
    ends = pd.DataFrame({"ticker": [*tickers, *tickers], "date": since})
    ends.loc[len(tickers) :, "date"] = until
    return panel_of(study, ends, arguments)


def _tickers(prices: str, asked: tuple[str, ...]) -> tuple[str, ...]:
    """Those asked for, which a file must have; else everything in a file, or the miners.

    As everywhere on the command line, a loader finds IREN where iren is asked for.
    """
    if prices in SPANS:
        return asked or universe.MINERS
    known = list(getattr(source_of(prices), "tickers", tuple)())  # only files know what they hold
    there = {ticker.upper() for ticker in known}
    for ticker in asked:
        if known and ticker.upper() not in there:
            raise errors.firm_without_prices(ticker, known)
    return asked or tuple(known)


def _news(arguments: Arguments) -> pd.DataFrame | bool | None:
    """The user's news, or what `detect` takes for none and for the catalogue."""
    if arguments.no_catalysts:
        return False
    if arguments.catalysts is None:
        return None
    if not Path(arguments.catalysts).is_file():
        raise errors.no_such_file("--catalysts", arguments.catalysts)
    return read_events(arguments.catalysts)


def _title(found: pd.DataFrame) -> str:
    if len(found) <= SHOWN:
        return f"{len(found)} abnormal days"
    return f"{len(found)} abnormal days; the {SHOWN} furthest from zero"


def _shown(found: pd.DataFrame) -> pd.DataFrame:
    """The days that are printed, by date."""
    some = found[found["sar"].abs().rank(ascending=False, method="first") <= SHOWN]
    names = {"ticker": "ticker", "return": "return", "ar": "abnormal", "sar": "z"}
    table = some.set_index("date")[list(names)].rename(columns=names)
    if "catalyst" in some:
        kind, said, ids = (
            some[name].fillna("").astype(str) for name in ("category", "headline", "catalyst")
        )
        text = (kind + ": " + said.where(said != "", ids)).where(ids != "", "")
        table["catalyst"] = [shorten(t.removeprefix(": "), LETTERS) for t in text]
    return table
