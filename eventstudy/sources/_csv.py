"""Events of a file, with the same answer as every other source."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import pandas as pd

from eventstudy.events import read_events
from eventstudy.sources._answer import answer, found


def csv(path: str | PathLike[str], *, calendar: str | None = None) -> pd.DataFrame:
    r"""Read events from a CSV (or Parquet) file as `read_events` does, and say what was found.

    Parameters
    ----------
    path
        A file with the columns ``ticker`` and ``date``, as in `read_events`.
    calendar
        As in `read_events`: the exchange that places dates with a time zone.

    Returns
    -------
    DataFrame
        An events table; ``attrs["source"]`` is the name of the file, ``attrs["report"]`` says
        of each ticker status, rows, first and last.

    Raises
    ------
    EventsError
        As `read_events`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from eventstudy import sources
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "deals.csv")
    ...     _ = file.write_text("ticker,date,session\nIREN,2025-11-03,bmo\n")
    ...     deals = sources.csv(file)
    >>> deals.index.tolist(), deals.attrs["source"], deals.attrs["report"]["IREN"]["rows"]
    (['IREN|2025-11-03|1'], 'deals.csv', 1)
    """
    events = read_events(path, calendar=calendar)
    tickers = events["ticker"].drop_duplicates().tolist()
    return answer(events, Path(path).name, found(events, tickers))
