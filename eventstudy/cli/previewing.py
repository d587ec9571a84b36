"""``eventstudy preview``: what upcoming events will be held against."""

from __future__ import annotations

import pandas as pd

from eventstudy import catalysts, errors, universe
from eventstudy.cli.options import Arguments
from eventstudy.cli.studying import events_of, panel_of, save_picture, study_of

#: the evening that the rehearsal on the sample stands for, and the news it waits for
EVENING, NEWS = "2026-02-25", "nvidia"


def preview_files(arguments: Arguments) -> None:
    """Preview the events that lie ahead, write the tables and the picture, print the summary."""
    import matplotlib as mpl

    if len(arguments.car) > 1:
        raise errors.one_window_only(len(arguments.car))
    rehearsal = arguments.events is None and arguments.prices == "sample"
    events = _rehearsed() if rehearsal else events_of(arguments)
    study, as_of = study_of(arguments), arguments.as_of
    panel = panel_of(study, events, arguments)
    if as_of or rehearsal:
        panel = panel.until(as_of or EVENING)
    folder = arguments.out
    folder.mkdir(parents=True, exist_ok=True)
    window = arguments.car[0] if arguments.car else (0, 0)
    found = study.preview(events, panel, window=window, by=arguments.by)
    found.tickers.to_csv(folder / "tickers.csv")
    found.groups.to_csv(folder / "groups.csv")
    with mpl.rc_context({"backend": "agg"}):
        save_picture(found.plot(), folder / "preview.png")
    print(found)
    print(f"\nTables and picture: {folder}")


def _rehearsed() -> pd.DataFrame:
    """Nvidia's reports, seen by the miners, up to the one of the evening."""
    return catalysts.expand(catalysts.load(category=NEWS, until=EVENING), universe.MINERS)
