"""Filings with the SEC as events, dated by the moment at which they were accepted."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import pandas as pd

from eventstudy import errors
from eventstudy.events import check_events
from eventstudy.events._exchange import exchange
from eventstudy.sources._answer import answer
from eventstudy.sources._edgar_asked import Ciks, Wanted, agent_of, filers_of
from eventstudy.sources._edgar_list import HOST, Filer, filer
from eventstudy.sources._edgar_placed import placed

#: what can be done without a calendar
_WITHOUT = "ask for calendar=None: the day in New York, without a session"
#: failures in a row after which no further filer is asked for
_ENOUGH = 2


def edgar(
    ciks: Ciks,
    forms: str | Iterable[str] = ("8-K",),
    items: str | Iterable[str] = ("1.01", "2.02", "7.01"),
    *,
    user_agent: str,
    since: object = None,
    until: object = None,
    calendar: str | None = "XNYS",
) -> pd.DataFrame:
    """Fetch filings with the SEC as events, placed by the moment at which they were accepted.

    At most eight requests a second are sent, all threads together. Times are not what they say:
    see Notes.

    Parameters
    ----------
    ciks : int, str, sequence of these, or mapping ticker → CIK
        Filers by their Central Index Key. Without a mapping a filer's ticker is the first that
        the SEC names today, or else the CIK as text.
    forms : sequence of str
        Kinds of filings, exactly as they are called: amendments (``"8-K/A"``) only if named.
    items : sequence of str
        Of 8-Ks, those with at least one of these items: by default agreements (1.01), results
        (2.02), and what was told to investors (7.01), as numbered since August 2004. Empty: all.
        Other forms have no items.
    user_agent : str
        Who asks, which the SEC requires: a name and an address, ``"Jane Doe jane@example.org"``.
    since, until : date, optional
        First and last day, in New York, both included.
    calendar : str or None
        The exchange whose hours make the session (package ``exchange_calendars``, extra
        ``calendars``). ``None``: the day in New York, with an unknown session.

    Returns
    -------
    DataFrame
        An events table, one event a filing; ``event_id`` is its accession number, with the
        ticker where several filers filed it together. Further columns: ``accession``, ``form``,
        ``items``, ``accepted`` (in UTC; missing where it is not sure), ``filed`` (the date it
        bears), ``company``, ``description``, ``cik``, ``document`` (where it can be read).
        ``attrs["report"]`` says by name asked: status, rows, first, last, ``ticker``, ``clock``
        and, in ``detail``, why there is nothing or what is not sure.

    Raises
    ------
    LoaderError
        If an argument is malformed, if no filer could be read (``report`` of the error says
        why), or none filed such a thing.
    EventsError
        A date is malformed; `calendar` is not known or its package not installed.

    Notes
    -----
    The SEC labels all acceptance times as UTC, and for about a quarter of the filers they are
    New York's. Which it is is read off each filer's whole list: filings are accepted from 6:00
    to 22:00, and after 17:30 they bear the next business day's date. Where the list leaves it
    open (``clock`` is empty) and the two readings place a filing differently, and for single
    filings at impossible hours, ``date`` is the date that the filing bears, or that of its
    acceptance if that is later, and the session unknown. Evidence:
    ``eventstudy/sources/_edgar_clock.py``.

    Examples
    --------
    >>> edgar({"IREN": 1878848}, user_agent="me")
    Traceback (most recent call last):
    ...
    eventstudy.errors.LoaderError: user_agent does not say who asks; the SEC wants a name and an \
address, as in 'Jane Doe jane@example.org'.
    """
    asked, agent = filers_of(ciks), agent_of(user_agent)
    wanted = Wanted.of(forms, items, since, until, calendar)
    if calendar is not None:  # refused before anything is asked
        day = pd.Timestamp("2025-01-02")
        exchange(calendar, day, day, instead=_WITHOUT)
    fetched = datetime.now(UTC).isoformat(timespec="seconds")
    filers, failed = _ask(asked, agent, wanted)
    tables, report = {}, {name: _failure(failed.get(name)) for name in asked}
    for name, ticker in _tickers(filers).items():
        tables[name], clock = placed(filers[name], ticker, wanted)
        report[name] = _told(tables[name], ticker, clock)
    _log(report)
    events = pd.concat([table for table in tables.values() if len(table)] or [pd.DataFrame()])
    if events.empty:
        raise _nothing(report, failed, wanted.forms)
    attrs = {"fetched": fetched, "options": {"calendar": calendar}}
    return answer(check_events(_identified(events)), f"SEC EDGAR ({HOST})", report, attrs)


def _ask(
    asked: Mapping[str, int], agent: str, wanted: Wanted
) -> tuple[dict[str, Filer], dict[str, errors.LoaderError]]:
    """Each filer's list, or why there is none; a server that fails is not asked on and on."""
    filers: dict[str, Filer] = {}
    failed: dict[str, errors.LoaderError] = {}
    last, row = None, 0
    for name, cik in asked.items():
        if last is not None and (row >= _ENOUGH or last.status == "rate_limited"):
            failed[name] = errors.edgar_not_asked(last.status)
            continue
        try:
            filers[name] = filer(cik, agent, wanted.since, wanted.until)
        except errors.LoaderError as error:
            failed[name] = error
            if error.status != "not_found":
                last, row = error, row + 1
        else:
            row = 0
    return filers, failed


def _tickers(filers: Mapping[str, Filer]) -> dict[str, str]:
    """Name asked → ticker: the user's, or for a CIK the first that the SEC has, given once."""
    found: dict[str, str] = {}
    for name, each in filers.items():
        first = each.tickers[0] if name == str(each.cik) and each.tickers else name
        found[name] = name if first in found.values() else first
    return found


def _identified(events: pd.DataFrame) -> pd.DataFrame:
    """Ids: accession numbers, with the ticker where several filed together."""
    together = events["accession"].duplicated(keep=False)
    ids = events["accession"].where(~together, events["accession"] + ":" + events["ticker"])
    return events.set_axis(pd.Index(ids, name="event_id"), axis="index")


def _told(events: pd.DataFrame, ticker: str, clock: str) -> dict[str, object]:
    """What was found of a filer, in plain values."""
    told: dict[str, object] = {
        "status": "ok" if len(events) else "no_data",
        "rows": len(events),
        "first": events["date"].min().date().isoformat() if len(events) else None,
        "last": events["date"].max().date().isoformat() if len(events) else None,
        "ticker": ticker,
        "clock": clock,
    }
    unsure = int(events["accepted"].isna().sum()) if len(events) else 0
    if not len(events):
        told["detail"] = "no such filing on those days"
    elif unsure:
        told["detail"] = f"the time of {unsure} of {len(events)} filings is not sure"
    return told


def _failure(error: errors.LoaderError | None) -> dict[str, object]:
    if error is None:
        return {}
    nothing = {"rows": 0, "first": None, "last": None}
    return {"status": error.status or "bad_answer", **nothing, "detail": str(error)}


def _log(report: Mapping[str, Mapping[str, object]]) -> None:
    log = logging.getLogger("eventstudy")
    for name, told in report.items():
        if "detail" in told:
            log.warning("SEC EDGAR: %s: %s (%s)", ascii(name), told["status"], told["detail"])


def _nothing(
    report: dict[str, dict[str, object]],
    failed: Mapping[str, errors.LoaderError],
    forms: tuple[str, ...],
) -> errors.LoaderError:
    """Say why there is no event at all; the report goes with it."""
    if len(failed) == len(report):
        error = errors.edgar_unread(list(report), next(iter(failed.values())))
    else:
        error = errors.edgar_nothing(list(report), forms, len(failed))
    error.report = report
    return error
