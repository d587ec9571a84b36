"""Days with news of a firm against its other days: how often the price moves abnormally."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import stdtr

from eventstudy import engine, errors
from eventstudy.abnormal import Abnormal
from eventstudy.align import day_zero, inputs
from eventstudy.arrays import BoolArray, FloatArray, IntArray, Placement, Windows
from eventstudy.inference._laws import check
from eventstudy.inference.two_by_two import fisher
from eventstudy.report import NewsDays, name_of_test
from eventstudy.result.confounding import news_of
from eventstudy.result.findings import model_name
from eventstudy.windows import Window

if TYPE_CHECKING:
    from eventstudy.result.result import Result

TESTS = ("single_t", "sq")
DAY = Window(0, 0)


@dataclass(frozen=True)
class Asked:
    """What is asked of a firm's days."""

    ticker: str
    level: float = 0.05
    news: pd.DataFrame | None = None
    clean: bool = True
    test: str = "single_t"

    def __post_init__(self) -> None:
        check("test", self.test, TESTS)
        if not 0.0 < self.level < 1.0:
            raise errors.level_outside(self.level)


def news_days(result: Result, asked: Asked) -> NewsDays:
    """Test every session of a firm out of sample, and compare the shares; see the method."""
    panel = result.panel
    if asked.ticker not in panel.tickers:
        raise errors.firm_without_prices(asked.ticker, panel.tickers)
    rows, unplaced = _news_rows(result, asked)
    found = _every_day(result, panel.tickers.index(asked.ticker), rows if asked.clean else None)
    statistic, p = _tested(found, asked.test)
    has_news = np.isin(found.row, rows)
    days = pd.DataFrame(
        {
            "ar": found.car(DAY),
            "se": found.sigma * np.sqrt(found.q(DAY)),
            "statistic": statistic,
            "pvalue": p,
            "significant": p <= asked.level,
            "news": has_news,
        },
        index=pd.DatetimeIndex(panel.sessions[found.row].astype("datetime64[s]"), name="date"),
    )
    table = _table(p <= asked.level, has_news)
    tried = fisher(*table[["significant", "not significant"]].to_numpy().ravel().tolist())
    lost = len(rows) - int(has_news.sum())
    return NewsDays(
        ticker=asked.ticker,
        table=table,
        days=days,
        pvalue=tried.pvalue,
        pvalue_greater=tried.pvalue_greater,
        odds_ratio=tried.odds_ratio,
        level=asked.level,
        test=name_of_test(asked.test),
        model=model_name(result.study.model, panel),
        first=str(days.index[0])[:10] if len(days) else "no day",
        last=str(days.index[-1])[:10] if len(days) else "no day",
        source=result.source,
        notes=_notes(tried.note, lost + unplaced, asked),
    )


def _news_rows(result: Result, asked: Asked) -> tuple[IntArray, int]:
    """Sessions with news of the firm, and how much of its news has no session."""
    table = news_of(result, asked.news)
    table = table[(table["ticker"] == asked.ticker).to_numpy(bool)]
    row = day_zero(table, result.panel.sessions, result.study.timing)
    return np.unique(row[row >= 0]), int((row < 0).sum())


def _every_day(result: Result, firm: int, news: IntArray | None) -> Abnormal:
    """The abnormal return of every session of the firm that can be measured.

    Each session is day 0 of an event of one day, estimated as the study estimates. ``news`` are
    sessions that no estimation uses (with the windows around them if the study takes out those
    of other events).
    """
    study, panel = result.study, result.panel
    windows = Windows(study.windows.estimation, DAY, study.windows.intervals)
    size = len(panel.sessions)
    every = np.arange(size)
    placement = Placement(np.full(size, firm), every, every)
    seen = inputs(study.model, panel, placement, windows)
    if news is not None:
        around = study.windows.event.days if study.exclude_other_events else (0,)
        out = np.zeros(panel.returns.shape, dtype=bool)
        near = news[:, None] + np.array(around)
        out[firm, near[(near >= 0) & (near < size)]] = True
        seen = replace(seen, excluded=out)
    outcome = engine.run(
        study.model, seen, placement, windows, min_obs=study.min_obs, missing=study.missing
    )
    found = outcome.abnormal.take(outcome.reason == 0)
    return found.take(np.isfinite(found.car(DAY)))


def _tested(found: Abnormal, test: str) -> tuple[FloatArray, FloatArray]:
    """Statistic and two-sided p-value of each day, as `single_t` and `sq` give them."""
    if test == "single_t":
        t = found.scar(DAY)
        return t, np.asarray(2.0 * stdtr(found.dof, -np.abs(t)))
    ar, e = found.car(DAY), np.abs(found.residuals)
    beyond = (e >= np.abs(ar)[:, None]).sum(axis=1)  # a day without residual is not beyond
    return ar, np.asarray((1.0 + beyond) / (1.0 + np.isfinite(e).sum(axis=1)))


def _table(significant: BoolArray, news: BoolArray) -> pd.DataFrame:
    rows = []
    for mask in (news, ~news):
        days, hits = int(mask.sum()), int(significant[mask].sum())
        rows.append((hits, days - hits, days, hits / days if days else float("nan")))
    index = pd.Index(["news", "no news"], name="days of the firm", dtype="str")
    return pd.DataFrame(rows, index, ["significant", "not significant", "days", "share"])


def _notes(said: str, lost: int, asked: Asked) -> tuple[str, ...]:
    """What could not be used, and how the estimation treats days with news."""
    days = "1 day or item of news has" if lost == 1 else f"{lost} days or items of news have"
    clean = "are left out of" if asked.clean else "are part of"
    return tuple(
        text
        for text in (
            said,
            f"{days} no abnormal return (too little before it, or no price)" if lost else "",
            f"days with news {clean} the estimation windows of the other days",
            "days without news are those that the table of news does not name",
        )
        if text
    )
