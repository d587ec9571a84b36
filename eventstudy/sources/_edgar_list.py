"""The SEC's lists of what a filer has filed (data.sec.gov/submissions), page by page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from eventstudy import errors
from eventstudy.web import Pace, https_get

HOST = "data.sec.gov"
#: requests a second; the SEC allows ten
PER_SECOND = 8.0
PACE = Pace(PER_SECOND)
#: the SEC's name of a column → ours
COLUMNS = {
    "accessionNumber": "accession",
    "filingDate": "filed",
    "acceptanceDateTime": "written",
    "form": "form",
    "items": "items",
    "primaryDocument": "document",
    "primaryDocDescription": "description",
}
_ACCESSION = r"\d{10}-\d{2}-\d{6}"
#: a filing bears a date some days after it was accepted, over a long week-end
_LATER = pd.Timedelta(days=7)


@dataclass(frozen=True)
class Filer:
    """A filer and its filings, a row each, the columns of `COLUMNS`."""

    cik: int
    company: str
    tickers: tuple[str, ...]
    filings: pd.DataFrame


def filer(cik: int, agent: str, since: pd.Timestamp | None, until: pd.Timestamp | None) -> Filer:
    """Fetch a filer's list, and of its older pages those that hold the days asked for."""
    main = _fetched(f"CIK{cik:010d}.json", agent)
    try:
        filings, company = main["filings"], str(main.get("name") or "")
        tickers = tuple(str(each) for each in main.get("tickers") or ())
        names = [
            page["name"]
            for page in filings.get("files") or ()
            if _meets(page.get("filingFrom"), page.get("filingTo"), since, until)
        ]
        parts = [filings["recent"]]
    except (KeyError, TypeError, AttributeError):
        raise errors.edgar_layout(cik) from None
    for name in names:
        if not re.fullmatch(rf"CIK{cik:010d}-submissions-\d+\.json", str(name)):
            raise errors.edgar_layout(cik)
        parts.append(_fetched(name, agent))
    tables = [_table(part, cik) for part in parts]
    filings = pd.concat(tables, ignore_index=True).drop_duplicates("accession", ignore_index=True)
    return Filer(cik, company, tickers, filings)


def _fetched(name: str, agent: str) -> Any:  # noqa: ANN401  (JSON is any of six things)
    PACE.wait()
    return https_get(f"https://{HOST}/submissions/{name}", headers={"User-Agent": agent}).json()


def _meets(
    first: object, last: object, since: pd.Timestamp | None, until: pd.Timestamp | None
) -> bool:
    """Whether a page may hold a day asked for; one without dates may."""
    begins, ends = (pd.to_datetime(str(day), errors="coerce") for day in (first, last))
    before = since is not None and ends < since
    after = until is not None and begins > until + _LATER
    return not (before or after)


def _table(part: object, cik: int) -> pd.DataFrame:
    """Columns of equal length, as the SEC writes them, to a table."""
    lists: dict[str, list[str]] = {}
    if not isinstance(part, dict):
        raise errors.edgar_layout(cik)
    rows = part.get("accessionNumber")
    for name, ours in COLUMNS.items():
        column = part.get(name)
        if column is None and name in ("items", "primaryDocument", "primaryDocDescription"):
            column = [""] * len(rows or ())
        if not isinstance(column, list) or len(column) != len(rows or ()):
            raise errors.edgar_layout(cik)
        lists[ours] = ["" if value is None else str(value) for value in column]
    table = pd.DataFrame(lists, dtype="str")
    table["filed"] = pd.to_datetime(table["filed"], format="%Y-%m-%d", errors="coerce")
    table["written"] = _written(table["written"])
    if not table["accession"].str.fullmatch(_ACCESSION).all() or table["filed"].isna().any():
        raise errors.edgar_layout(cik)
    return table


def _written(texts: pd.Series) -> pd.Series:
    """Times as they are written, whatever zone they claim; missing where there is none.

    Midnight to the second is none: a date alone, as of filings of the 1990s.
    """
    plain = texts.str.extract(r"^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.\d+)?Z?$")[0]
    packed = texts.str.extract(r"^(\d{14})$")[0]
    read = pd.to_datetime(plain, format="%Y-%m-%dT%H:%M:%S", errors="coerce")
    other = pd.to_datetime(packed, format="%Y%m%d%H%M%S", errors="coerce")
    found = read.fillna(other).astype("datetime64[ns]")
    return found.mask(found == found.dt.normalize())
