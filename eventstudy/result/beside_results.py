"""Results side by side: the numbers of each, what it rests on, and what the notes say."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd

from eventstudy import errors
from eventstudy.inference.folding import sums_of
from eventstudy.report import cells, name_of_test
from eventstudy.report.beside import BELOW, MEANING, Entry, Layout, SideBySide, share_of
from eventstudy.report.citations import cited_test, effective_number
from eventstudy.result import tables
from eventstudy.result.findings import model_name
from eventstudy.result.result import Result
from eventstudy.windows import Window


def of_results(
    results: dict[str, Result], windows: tuple[Window, ...], layout: Layout
) -> SideBySide:
    """A column a study; a row a window, and below what the study rests on."""
    answers = {
        name: [tables.answer(result.abnormal, window) for window in windows]
        for name, result in results.items()
    }
    frame = pd.concat(
        {name: _numbers(result, answers[name]) for name, result in results.items()},
        names=["study"],
    )
    entries = {
        f"CAAR {window.label}": tuple(
            _entry(result, answers[name][at], layout) for name, result in results.items()
        )
        for at, window in enumerate(windows)
    }
    told = [_facts(result, frame.loc[[name]], layout) for name, result in results.items()]
    one = next(iter(results.values()))
    return SideBySide(
        title=f"Cumulative average {one.measure.noun}",
        names=tuple(results),
        entries=entries,
        facts={label: tuple(facts[label] for facts in told) for label in told[0]},
        notes=tuple(_notes(results, answers, layout)),
        frame=frame,
        below=layout.below,
        stars=layout.stars,
        share=share_of(in_percent=not one.measure.formats),
    )


def _numbers(result: Result, answers: list[tables.Answer]) -> pd.DataFrame:
    """The ``caar`` table with the standard error, the test it is of, and the design."""
    table = tables.caar_table(result.abnormal, [a.window for a in answers])
    table.insert(1, "se", [a.interval.se for a in answers])
    table.insert(4, "interval_test", [a.interval.name for a in answers])
    r2 = float("nan") if sums_of(result.abnormal) is not None else result.estimates["r2"].mean()
    return table.assign(
        firms=result.events["ticker"].nunique(),
        r2=r2,
        model=model_name(result.study.model, result.panel),
        estimation=result.study.windows.label,
    )


def _entry(result: Result, a: tables.Answer, layout: Layout) -> Entry:
    low, high = a.interval.ci
    places = 2 if layout.digits is None else layout.digits
    return Entry(
        estimate=a.estimate,
        se=a.interval.se,
        low=low,
        high=high,
        statistic=a.lead.statistic,
        pvalue=a.lead.pvalue,
        write=partial(result.measure.number, places=places),
    )


def _facts(result: Result, numbers: pd.DataFrame, layout: Layout) -> dict[str, str]:
    """What one column rests on."""
    dates = result.events["date"]
    first, last = cells.date(dates.min()), cells.date(dates.max())
    of = {"se": "Error by", "interval": "Interval by"}.get(layout.below)
    apart = {of: _tests(numbers["interval_test"])} if of else {}
    return {
        "Model": numbers["model"].iloc[0],
        "Estimation": numbers["estimation"].iloc[0],
        "Stars by" if layout.stars else "Test": _tests(numbers["test"]),
        **apart,
        "Events": _range(numbers["n"], 0),
        "Firms": cells.count(numbers["firms"].iloc[0]),
        "Dates": _range(numbers["n_dates"], 0),
        "News": first if first == last else f"{first} to {last}",
        "n_eff": _range(numbers["n_eff"], 1),
        "r̄": _range(numbers["rbar"], 2),
        "Mean R²": cells.number(numbers["r2"].iloc[0]),
    }


def _tests(keys: pd.Series[Any]) -> str:
    return ", ".join(dict.fromkeys(name_of_test(str(key)) for key in keys.tolist()))


def _range(values: pd.Series[Any], places: int) -> str:
    """One number, or the smallest and the largest of the windows."""
    known = values.dropna()
    if known.empty:
        return cells.NOTHING
    low, high = (f"{x:,.{places}f}" for x in (known.min(), known.max()))
    return low if low == high else f"{low} to {high}"


def _notes(
    results: dict[str, Result], answers: dict[str, list[tables.Answer]], layout: Layout
) -> list[str]:
    """What the stars and the parentheses mean, the events, n_eff, what limits them, the prices."""
    every = [a for found in answers.values() for a in found]
    leads, spans = _sources([a.lead.name for a in every]), [a.interval.name for a in every]
    notes = [f"Tests: {leads}."]
    if layout.stars:
        notes = [f"Stars: {MEANING}, by the valid test that leads in its column: {leads}."]
    said = f"In parentheses: {BELOW[layout.below]}"
    if layout.below in ("se", "interval"):
        if all(a.lead.name == a.interval.name for a in every):
            said += " by the same test"
        else:
            apart = "a number over its error is not the statistic of the stars"
            said += f", by {_sources(spans)}{f'; {apart}' if layout.stars else ''}"
        said += _own_means(answers)
    sources = dict.fromkeys(result.source for result in results.values() if result.source)
    prices = f"Prices: {'; '.join(sources)}." if sources else ""
    told = [f"{said}.", _same_events(results), effective_number(), *_limits(answers), prices]
    return [note for note in (*notes, *told) if note]


def _own_means(answers: dict[str, list[tables.Answer]]) -> str:
    """Say in which columns the test of the parentheses is about a mean other than the CAAR."""
    names = [name for name, found in answers.items() if any(a.own_mean for a in found)]
    if not names:
        return ""
    return f"; in {errors.listed(names, len(answers))} of a mean of its own, not quite the CAAR"


def _sources(keys: list[str]) -> str:
    return "; and ".join(cited_test(key) for key in dict.fromkeys(keys))


def _limits(answers: dict[str, list[tables.Answer]]) -> list[str]:
    """What no test on so few dates can tell apart, and of which columns that holds."""
    found: dict[str, list[str]] = {}
    for name, asked in answers.items():
        for limit in dict.fromkeys(a.verdict.limit for a in asked if a.verdict.limit):
            found.setdefault(limit, []).append(name)
    every = len(answers)
    return [
        f"Limit{'' if len(names) == every else f' of {errors.listed(names, every)}'}: {limit}"
        for limit, names in found.items()
    ]


def _same_events(results: dict[str, Result]) -> str:
    """Say whether the columns rest on the same events, by ticker and date."""
    kept = [_identities(result.events) for result in results.values()]
    if len(kept) == 1:
        return ""
    if all(events == kept[0] for events in kept):
        return "All columns rest on the same events."
    shared, every = len(set.intersection(*kept)), len(set.union(*kept))
    if not shared:
        return "The columns rest on different events: none is in all of them."
    return (
        f"The columns rest on different events ({shared} of {every} are in all of them), so they "
        f"differ for that reason, too."
    )


def _identities(events: pd.DataFrame) -> set[tuple[str, str, int]]:
    """Ticker, date, and which of the events of that ticker and date."""
    tickers, dates = events["ticker"].tolist(), events["date"].astype(str).tolist()
    again = events.groupby(["ticker", "date"], observed=True).cumcount().tolist()
    return set(zip(tickers, dates, again, strict=True))
