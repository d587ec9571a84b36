"""Studies side by side: which of them, in which windows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from eventstudy import errors
from eventstudy.report import Explained
from eventstudy.report.beside import BELOW, Layout, SideBySide
from eventstudy.result.beside_regressions import of_regressions
from eventstudy.result.beside_results import of_results
from eventstudy.result.result import Result
from eventstudy.windows import Window, WindowLike, as_windows, is_whole, usual_windows

Studies: TypeAlias = "Sequence[Result | Explained] | Mapping[Any, Result | Explained]"


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

    Stars are by the p-value of the leading valid test of each column and window: ``***`` below
    1 %, ``**`` below 5 %, ``*`` below 10 %. The notes name that test with its paper, and say
    whether the columns rest on the same events.

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
    >>> import numpy as np, pandas as pd
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
    if not isinstance(stars, bool):
        raise errors.unknown_option("stars", stars, (True, False))
    layout = Layout(digits=digits, stars=stars, below=se)
    regressions = {name: s for name, s in studies.items() if isinstance(s, Explained)}
    found = {name: s for name, s in studies.items() if isinstance(s, Result)}
    if regressions and found:
        raise errors.mixed_beside()
    if regressions:
        if windows is not None:
            raise errors.windows_of_regressions()
        return of_regressions(regressions, layout)
    nouns = list(dict.fromkeys(result.measure.noun for result in found.values()))
    if len(nouns) > 1:
        raise errors.measures_beside(nouns)
    return of_results(found, _asked(found, windows), layout)


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
