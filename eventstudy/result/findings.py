"""From numbers to what is said about them: sentences, notes, the summary, the bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy import errors, inference
from eventstudy.arrays import Model
from eventstudy.factors import FirmFactor
from eventstudy.inference._sample import sample_of
from eventstudy.inference.folding import sums_of
from eventstudy.panel import Panel
from eventstudy.panel.gaps import DAYS
from eventstudy.panel.provenance import told
from eventstudy.report import RETURNS, Facts, Finding, Summary
from eventstudy.report.flagged import BETWEEN
from eventstudy.result import tables
from eventstudy.result.doubts import doubts
from eventstudy.windows import Window

if TYPE_CHECKING:
    from eventstudy.result.result import Result

#: columns of the events that spoil a reading, and what they mean
FLAGS = {
    "own_earnings": "own earnings",
    "own_deal": "own deal",
    "concurrent_financing": "financing the same day",
    "merger_arbitrage": "merger arbitrage",
    "confounded": "other news within the window",
}


def finding(result: Result, window: Window) -> Finding:
    """Everything that the sentence about a window says."""
    a = tables.answer(result.abnormal, window)
    firms = sample_of(result.abnormal, window).firms
    row = tables.caar_table(result.abnormal, [window]).iloc[0]
    low, high = a.interval.ci
    return Finding(
        window=window.label,
        estimate=a.estimate,
        ci_low=low,
        ci_high=high,
        interval_test=a.interval.name,
        lead_test=a.lead.name,
        statistic=a.lead.statistic,
        pvalue=a.lead.pvalue,
        n_events=a.n,
        n_firms=len(firms),
        n_dates=a.lead.n_dates,
        n_eff=row["n_eff"],
        rbar=row["rbar"],
        detectable=inference.detectable(result.abnormal, window),
        sample=a.verdict.kind,
        model=type(result.study.model).__name__,
        factors=factor_names(result),
        ticker=result.panel.tickers[firms[0]] if len(firms) == 1 else "",
        note=a.note,
        measure=result.measure,
        days=1.0 if result.measure is RETURNS else _days(result, window),
    )


def _days(result: Result, window: Window) -> float:
    """Mean number of days that the CARs of a window sum."""
    counts = result.abnormal.counts(window)[np.isfinite(result.abnormal.car(window))]
    return float(counts.mean()) if len(counts) else float(len(window))


def factor_names(result: Result) -> tuple[str, ...]:
    """Factors of the model, "market" read as the panel's market."""
    return _factors(result.study.model, result.panel)


def model_name(model: Model, panel: Panel) -> str:
    """The model as the user wrote it, with the factors it uses."""
    used, kind = errors.listed(_factors(model, panel), 6), type(model).__name__
    return f"{kind} ({used})" if used else kind


def _factors(model: Model, panel: Panel) -> tuple[str, ...]:
    market = panel.market or "market"
    needs: tuple[str | FirmFactor, ...] = model.needs
    names = [need if isinstance(need, str) else need.name for need in needs]
    if getattr(model, "across_gaps", False):
        names.remove(DAYS)  # the sessions that a return covers explain nothing
    return tuple(market if name == "market" else name for name in names)


def notes(result: Result) -> tuple[str, ...]:
    """What the reader of any number has to know."""
    found = [result.measure.note or _kind(result.abnormal.kind)]
    unknown = (result.events["session"] == "unknown").to_numpy()
    if unknown.any():
        one = "1 event has an unknown session: it counts"
        many = f"{unknown.sum()} events have an unknown session: they count"
        apart = " Sums over all events (store='aggregate') cannot show the rest without them."
        told_apart = sums_of(result.abnormal) is None or unknown.all()
        found.append(
            f"{one if unknown.sum() == 1 else many} as news of the day itself."
            f"{'' if told_apart else apart}"
        )
    if result.excluded_days:
        one = "1 estimation day lies in windows of the firms' other events and was left out."
        many = f"{result.excluded_days} estimation days lie in windows of the firms' other events"
        found.append(one if result.excluded_days == 1 else f"{many} and were left out.")
    found += [f"Prices: {what}." for what in result.panel.provenance.notes]
    found += [*_failures(result), *doubts(result, factor_names(result)), *_remarks(result)]
    for column, meaning in FLAGS.items():
        if column in result.events.columns:
            marked = _marked(result.events[column])
            if marked.any():
                names = errors.listed(sorted(set(result.events["ticker"][marked])), 12)
                found.append(f"Flagged: {meaning} ({int(marked.sum())}: {names}).")
    return tuple(found)


def _kind(kind: str) -> str:
    if kind == "simple":
        return (
            "Returns are simple: averages over firms are portfolio returns, sums over days are "
            "not compounded (see bhar)."
        )
    return (
        "Returns are logarithmic: sums over days compound, averages over firms are not "
        "portfolio returns."
    )


def _failures(result: Result) -> list[str]:
    """Tickers of events that the loader could not give, by what it said of them."""
    known = result.panel.provenance
    gone = result.dropped.loc[result.dropped["reason"] == "unknown_ticker", "ticker"].unique()
    said: dict[str, list[str]] = {}
    for ticker in gone.tolist():
        if known.cause(ticker):
            said.setdefault(str(known.report[ticker]["status"]), []).append(ticker)
    if not said:
        return []
    parts = [f"{status} ({errors.listed(names)})" for status, names in said.items()]
    return [f"No prices from {known.source or 'the loader'}: {', '.join(parts)}."]


def _remarks(result: Result) -> list[str]:
    """Peers without prices, later estimation days, and what the model said of single events."""
    found = []
    needs: tuple[str | FirmFactor, ...] = result.study.model.needs
    for need in needs:
        if not isinstance(need, str):
            lost = [ticker for ticker in need.tickers if ticker not in result.panel.tickers]
            if lost:
                found.append(f"No prices for {errors.listed(lost)}: not in `{need.name}`.")
    windows = result.study.windows
    if windows.estimation.last > windows.event.last:
        found.append(
            f"The estimation ({windows.label}) uses days after the event: it measures, it could "
            f"not have been traded on."
        )
    for text, n in _flagged(result).items():
        found.append(f"{n} event{'s' if n > 1 else ''}: {text}.")
    return found


def _flagged(result: Result) -> dict[str, int]:
    """Remarks of the model on single events, and how many have each."""
    sums = sums_of(result.abnormal)
    if sums is not None:
        return dict(sorted(sums.remarks.items()))
    flags = result.abnormal.flags
    if flags is None:
        return {}
    said, count = np.unique(flags, return_counts=True)
    return {text: n for text, n in zip(said.tolist(), count.tolist(), strict=True) if text}


def summary(result: Result, windows: list[Window]) -> Summary:
    """The whole answer, valid tests first."""
    lead = windows[0]
    verdict = inference.valid(result.abnormal, lead)
    others = {}
    known = (result.events["session"] != "unknown").to_numpy()
    sums = sums_of(result.abnormal)
    if known.any() and not known.all() and sums is None:
        count = int((~known).sum())
        title = f"Without the {count} event{'s' if count > 1 else ''} of unknown session"
        others[title] = result.where(known).caar(*windows)
    facts = Facts(
        model=model_name(result.study.model, result.panel),
        estimation=result.study.windows.label,
        window=result.abnormal.window.label,
        kept=len(result.events),
        dropped=len(result.dropped),
        firms=result.events["ticker"].nunique(),
        dates=len(np.unique(result.abnormal.row) if sums is None else sums.dates),
        quantity=result.measure.quantity,
        kind=result.measure.kind or result.abnormal.kind,
        first=result.panel.sessions[0],
        last=result.panel.sessions[-1],
        sample=verdict.kind,
        source=told(result.panel),
    )
    return Summary(
        facts=facts,
        sentence=result.sentence(lead),
        caar=result.caar(*windows),
        tests=result.tests(lead),
        dropped=result.dropped,
        others=others,
        notes=result.notes,
        limit=verdict.limit,
        measure=result.measure,
    )


def bars(result: Result, window: Window) -> pd.DataFrame:
    """Each ticker's mean CAR with its interval, and what spoils its reading."""
    table = tables.bars_table(result.abnormal, result.events, window)
    reasons = pd.Series("", index=table.index)
    for column, meaning in FLAGS.items():
        if column in result.events.columns:
            marked = _marked(result.events[column])
            names = result.events["ticker"][marked].unique()
            hit = table.index.isin(names)
            reasons[hit] = np.where(reasons[hit] == "", meaning, reasons[hit] + BETWEEN + meaning)
    return table.assign(flagged=reasons != "", flag_note=reasons)


def _marked(flags: pd.Series[Any]) -> pd.Series[bool]:
    return flags.fillna(value=False).astype(bool)
