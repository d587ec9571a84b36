"""Studies side by side: the numbers of several results, or regressions, for one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import pandas as pd

from eventstudy import errors
from eventstudy.inference.folding import sums_of
from eventstudy.report import Explained, cells, name_of_test
from eventstudy.report.beside import BELOW, MEANING, Entry, SideBySide, share_of
from eventstudy.report.citations import cited_test, effective_number
from eventstudy.result import tables
from eventstudy.result.findings import model_name
from eventstudy.result.result import Result
from eventstudy.windows import Window, WindowLike, as_windows, is_whole, usual_windows

Studies: TypeAlias = "Sequence[Result | Explained] | Mapping[Any, Result | Explained]"


@dataclass(frozen=True)
class _Layout:
    """How the numbers are to be shown."""

    digits: int | None
    stars: bool
    below: str


def etable(
    results: Studies,
    windows: WindowLike | Sequence[WindowLike] | None = None,
    *,
    names: Sequence[str] | None = None,
    digits: int | None = None,
    stars: bool = True,
    se: str = "se",
) -> SideBySide:
    """Set studies side by side, a column each: CAARs with stars, and what each rests on.

    Stars are by the p-value of the leading valid test of each column and window: *** below 1 %,
    ** below 5 %, * below 10 %. The notes name that test with its paper, and say whether the columns
    rest on the same events.

    Parameters
    ----------
    results : list or mapping of Result, or of Explained
        Results of ``study.run``, groups of ``result.by``, or regressions of ``result.explain``,
        whose terms are then the rows. The keys of a mapping are the names of the columns.
    windows : window or list of windows, optional
        By default day 0, [-1,+1] and the event window that all studies share.
    names : list of str, optional
        Names of the columns; by default (1), (2), …
    digits : int, optional
        Decimals of a percentage (2), or digits of a coefficient (3).
    stars : bool
        Whether there are stars.
    se : {"se", "interval", "t", "p"}
        What stands in parentheses: the standard error, the 95 % interval, the statistic of the
        leading test, or its p-value. Standard error and interval are of the valid test on the
        scale of returns, which is not always the one that gives the stars.

    Returns
    -------
    SideBySide
        Text of 80 columns, HTML in a notebook, ``frame`` with the numbers, and ``to_latex``,
        ``to_markdown``, ``to_html``, ``to_excel``, ``to_csv``.

    Raises
    ------
    OptionError, WindowError
        If there is no study, something else stands in the list, studies measure different things,
        a window is not in all event windows, or an option is not known.

    Examples
    --------
    >>> import numpy as np
    >>> import eventstudy as es
    >>> rng = np.random.default_rng(0)
    >>> days = pd.bdate_range("2024-01-01", periods=300)
    >>> returns = pd.DataFrame(rng.normal(0, 0.01, (300, 3)), days, ["AAA", "BBB", "SPY"])
    >>> panel = es.Panel.from_returns(returns, market="SPY")
    >>> events = es.events_on(days[260], ["AAA", "BBB"])
    >>> models = {"market": es.MarketModel(), "mean": es.MeanAdjusted()}
    >>> table = es.etable({k: es.EventStudy(model=m).run(events, panel) for k, m in models.items()})
    >>> table.names, list(table.entries)
    (('market', 'mean'), ['CAAR [0,0]', 'CAAR [-1,+1]', 'CAAR [-10,+10]'])
    """
    studies = _named(results, names)
    if se not in BELOW:
        raise errors.unknown_option("se", se, tuple(BELOW))
    if digits is not None and not (is_whole(digits) and 0 <= digits <= 15):
        raise errors.unknown_option("digits", digits, tuple(range(16)))
    layout = _Layout(digits, stars, se)
    regressions = {name: s for name, s in studies.items() if isinstance(s, Explained)}
    found = {name: s for name, s in studies.items() if isinstance(s, Result)}
    if regressions and found:
        raise errors.mixed_beside()
    if regressions:
        if windows is not None:
            raise errors.windows_of_regressions()
        return _of_regressions(regressions, layout)
    nouns = list(dict.fromkeys(result.measure.noun for result in found.values()))
    if len(nouns) > 1:
        raise errors.measures_beside(nouns)
    return _of_results(found, _asked(found, windows), layout)


def _named(results: Studies, names: Sequence[str] | None) -> dict[str, Result | Explained]:
    """Name → study, in the order given."""
    if isinstance(results, Mapping):
        known, studies = [str(name) for name in results], list(results.values())
    elif isinstance(results, (list, tuple)):
        known, studies = [f"({at})" for at in range(1, len(results) + 1)], list(results)
    else:
        raise errors.not_beside(results)
    if not studies:
        raise errors.nothing_beside()
    if names is not None:
        known = [names] if isinstance(names, str) else [str(name) for name in names]
        if len(known) != len(studies):
            raise errors.names_beside(len(known), len(studies))
    for at, (name, study) in enumerate(zip(known, studies, strict=True)):
        if not isinstance(study, (Result, Explained)):
            raise errors.no_study_beside(name, study)
        if name in known[:at]:
            raise errors.name_twice_beside(name)
    return dict(zip(known, studies, strict=True))


def _asked(
    results: dict[str, Result], windows: WindowLike | Sequence[WindowLike] | None
) -> tuple[Window, ...]:
    """The windows, all of them inside the event window of every study."""
    events = {name: result.abnormal.window for name, result in results.items()}
    if windows is None:
        first = max(window.first for window in events.values())
        last = min(window.last for window in events.values())
        if last < first:
            raise errors.no_common_window()
        return usual_windows(Window(first, last))
    asked = tuple(dict.fromkeys(as_windows(windows)))
    for window in asked:
        for name, event in events.items():
            if window not in event:
                raise errors.window_outside_beside(window, name, event)
    return asked


# ── results ──────────────────────────────────────────────────────────────────────────────
def _of_results(
    results: dict[str, Result], windows: tuple[Window, ...], layout: _Layout
) -> SideBySide:
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
        notes=tuple(_notes(results, frame, layout)),
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


def _entry(result: Result, a: tables.Answer, layout: _Layout) -> Entry:
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


def _facts(result: Result, numbers: pd.DataFrame, layout: _Layout) -> dict[str, str]:
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


def _notes(results: dict[str, Result], frame: pd.DataFrame, layout: _Layout) -> list[str]:
    """What the stars and the parentheses mean, the events, n_eff, the prices."""
    notes = []
    leads = _sources(frame["test"])
    if layout.stars:
        notes.append(f"Stars: {MEANING}, by the valid test that leads in its column: {leads}.")
    else:
        notes.append(f"Tests: {leads}.")
    said = f"In parentheses: {BELOW[layout.below]}"
    if layout.below in ("se", "interval"):
        other = (frame["test"] != frame["interval_test"]).any() and layout.stars
        apart = "; a number over its error is not the statistic of the stars" if other else ""
        said += f", by {_sources(frame['interval_test'])}{apart}"
    notes += [f"{said}.", _same_events(results), effective_number()]
    sources = list(dict.fromkeys(result.source for result in results.values() if result.source))
    return [*notes, *([f"Prices: {'; '.join(sources)}."] if sources else [])]


def _sources(keys: pd.Series[Any]) -> str:
    return "; and ".join(cited_test(str(key)) for key in dict.fromkeys(keys.tolist()))


def _same_events(results: dict[str, Result]) -> str:
    """Say whether the columns rest on the same events, by ticker and date."""
    kept = [
        set(zip(r.events["ticker"].tolist(), map(str, r.events["date"].tolist()), strict=True))
        for r in results.values()
    ]
    if all(events == kept[0] for events in kept):
        return "All columns rest on the same events." if len(kept) > 1 else ""
    shared = len(set.intersection(*kept))
    return (
        f"The columns rest on different events ({shared} of {len(set.union(*kept))} are in all of "
        f"them), so they differ for that reason, too."
    )


# ── regressions ──────────────────────────────────────────────────────────────────────────
def _of_regressions(found: dict[str, Explained], layout: _Layout) -> SideBySide:
    digits = 3 if layout.digits is None else max(layout.digits, 1)
    terms = list(dict.fromkeys(term for one in found.values() for term in one.table.index))
    frame = pd.concat({name: one.table for name, one in found.items()}, names=["study"])
    entries = {
        str(term): tuple(_term(one.table, term, digits) for one in found.values()) for term in terms
    }
    regressions = list(found.values())
    facts = {
        "CAR": tuple(one.window for one in regressions),
        "Weights": tuple(one.weights for one in regressions),
        "Events": tuple(cells.count(one.n) for one in regressions),
        "R²": tuple(cells.number(one.r2) for one in regressions),
    }
    stars = [f"Stars: {MEANING}, by the p-value of each coefficient."] if layout.stars else []
    errors_of = [
        f"{name}: {one.formula}; standard errors {one.errors}{f'; {one.note}' if one.note else ''}."
        for name, one in found.items()
    ]
    return SideBySide(
        title="Regressions of CARs",
        names=tuple(found),
        entries=entries,
        facts=facts,
        notes=(*stars, f"In parentheses: {BELOW[layout.below]}.", *errors_of),
        frame=frame,
        below=layout.below,
        stars=layout.stars,
        share=share_of(in_percent=False),
    )


def _term(table: pd.DataFrame, term: object, digits: int) -> Entry | None:
    if term not in table.index:
        return None
    row = table.loc[[term]].iloc[0]
    return Entry(
        estimate=float(row["coef"]),
        se=float(row["se"]),
        low=float(row["ci_low"]),
        high=float(row["ci_high"]),
        statistic=float(row["t"]),
        pvalue=float(row["pvalue"]),
        write=partial(_digits, digits=digits),
    )


def _digits(value: float, digits: int) -> str:
    return f"{value:.{digits}g}"
