"""What a calendar-time portfolio says in words: the alpha, the exposures, what was left out."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy.errors import listed
from eventstudy.inference._laws import LEVEL, critical
from eventstudy.longrun.holding import BEGIN, END, LEFT
from eventstudy.report import Page, beyond, percent
from eventstudy.report.calendar_plot import draw_calendar
from eventstudy.report.cells import count, number, pvalue
from eventstudy.report.cells import date as written_date
from eventstudy.report.tables import Formats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from eventstudy.arrays import Statistic
    from eventstudy.longrun.calendar_outcome import CalendarPortfolio

#: members below which a portfolio is that of a few firms (Mitchell and Stafford's usual choice)
FEW = 10
#: dates below which luck of a date does not average out
FEW_DATES = 6
#: loss of a year to compounding that is worth a word
DRAG = 0.01
#: periods of a year
A_YEAR = {"session": 252, "month": 12}
_SMALL = partial(percent, places=3)
#: other standard errors of the same portfolio, as they are asked for
OTHERS = (("OLS", False), ("HC1", False), ("HAC", False), ("HC1", True))
_RULES = {
    BEGIN: "because the data begin later",
    END: "because the data end",
    LEFT: "because their prices end",
}


def page(found: CalendarPortfolio) -> Page:
    """Write everything, in the order in which it is read."""
    return Page(
        title="Calendar-time portfolio",
        facts=_facts(found),
        lead=lead(found),
        tables=[
            (
                f"Alpha a {found.setup.period}",
                _alphas(found),
                {"alpha": _SMALL, "se": _size, "t": number},
            ),
            *_exposures(found),
        ],
        notes=found.notes,
    )


def yearly(alpha: float, period: str) -> float:
    """(1 + α)^252 − 1, or 12 for months; nothing is left of a loss beyond everything."""
    if math.isnan(alpha):
        return math.nan
    with np.errstate(over="ignore"):
        return float(np.power(max(1.0 + alpha, 0.0), A_YEAR[period])) - 1.0


def lead(found: CalendarPortfolio) -> str:
    """Say what the alpha is, and whether chance could have made it."""
    alpha, period, setup = found.alpha, found.setup.period, found.setup
    names = tuple(found.table.index[1:]) or setup.model.needs
    against = beyond(type(setup.model).__name__, tuple(map(str, names)), 2)
    size = f"{_SMALL(alpha.estimate)} a {period}"
    said = f"Held over {setup.window}, the firms earned {size} {against}".rstrip()
    said += f", {percent(yearly(alpha.estimate, period), 1)} compounded over a year"
    if math.isnan(alpha.pvalue):
        return f"{said}; it has no standard error ({alpha.note})."
    ends = " to ".join(percent(yearly(end, period), 1) for end in alpha.ci)
    said += f" (95 % interval {ends}), p = {pvalue(alpha.pvalue)}."
    if alpha.pvalue > 1.0 - LEVEL:
        return f"{said} Chance alone could have made it."
    return f"{said} Chance alone makes so much in fewer than 5 of 100 such portfolios."


def _facts(found: CalendarPortfolio) -> list[tuple[str, str]]:
    setup, panel = found.setup, found.panel
    used = found.portfolio[found.portfolio["used"]]
    n, period = used["n"], setup.period
    dates = len(np.unique(found.held.at.row))
    firms = len(found.held.firms)
    weights = {"equal": "equal weights", "value": "weights by market capitalisation"}
    members = (
        f"{number(n.mean(), 1)} members on average, {count(n.min())} to {count(n.max())}; "
        f"{weights.get(setup.weight, f'weights from `{setup.weight}`')}"
    )
    sample = f"{_many(len(found.events), 'event')} of {_many(firms, 'firm')}"
    span = f"{written_date(used.index[0])} to {written_date(used.index[-1])}"
    factors = f" ({listed(found.table.index[1:], 6)})" if len(found.table) > 1 else ""
    errors = f"{found.regress().errors}; t with {_many(int(found.alpha.df), 'degree')} of freedom"
    rows = [
        ("Events", f"{sample} on {_many(dates, 'date')}, {count(len(found.dropped))} dropped"),
        ("Held", f"{setup.window}, sessions around day 0"),
        ("Portfolio", f"{_many(len(used), period)}, {span}"),
        ("Members", members),
        ("Model", type(setup.model).__name__ + factors),
        ("Errors", errors),
        ("Prices", panel.source),
    ]
    return [(label, text) for label, text in rows if text]


def _alphas(found: CalendarPortfolio) -> pd.DataFrame:
    """The alpha under the errors asked for, and under others."""
    rows = {}
    asked = [(found.setup.se, False), *OTHERS]
    for se, wls in dict.fromkeys(asked):
        made = found.regress(se, wls=wls)
        alpha: Statistic = made.alpha
        rows[made.errors] = {
            "alpha": alpha.estimate,
            "se": alpha.se,
            "t": alpha.statistic,
            "p": alpha.pvalue,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("errors")


def _exposures(found: CalendarPortfolio) -> list[tuple[str, pd.DataFrame, Formats]]:
    """The factors and their coefficients, if the model has any."""
    table = found.table.iloc[1:]
    if not len(table):
        return []
    shown = table[["estimate", "se", "statistic", "pvalue"]]
    shown = shown.set_axis(["beta", "se", "t", "p"], axis="columns").rename_axis("factor")
    plain: Formats = {
        "beta": partial(number, places=3),
        "se": partial(number, places=3),
        "t": number,
    }
    return [(f"Exposures (R² {number(found.regress().r2)})", shown, plain)]


def notes(found: CalendarPortfolio) -> tuple[str, ...]:
    """What was left out, and what alpha does not say."""
    return (*_left_out(found), *_early(found), *_few(found), *_drag(found), _limits(found))


def _left_out(found: CalendarPortfolio) -> list[str]:
    """Events, sessions and returns that are not in the portfolio."""
    said, setup, table = [], found.setup, found.portfolio
    period = setup.period
    if len(found.dropped):
        counts = found.dropped["reason"].value_counts()
        reasons = ", ".join(f"{n} {why}" for why, n in counts.items())
        said.append(f"{_many(len(found.dropped), 'event')} dropped (`dropped`): {reasons}.")
    counts = found.ledger["rule"].value_counts()
    cut = [f"{count(n)} {_RULES[str(rule)]}" for rule, n in counts.items()]
    if cut:
        said.append(f"Held for fewer than {len(setup.window)} sessions (`ledger`): "
                    f"{', '.join(cut)}.")  # fmt: skip
    missing = int(table["missing"].sum())
    if missing:
        said.append(f"{_many(missing, 'return')} of members {_are(missing)} missing, or without a "
                    f"weight, and left the mean of their {period}.")  # fmt: skip
    thin = int((table["n"].between(1, setup.min_firms - 1)).sum())
    if thin:
        said.append(f"{_many(thin, period)} with fewer than {setup.min_firms} members "
                    f"{_are(thin)} left out.")  # fmt: skip
    blank = int(((table["n"] >= setup.min_firms) & ~table["used"]).sum())
    if blank:
        said.append(f"{_many(blank, period)} on which a factor or the risk-free rate is missing "
                    f"{_are(blank)} left out.")  # fmt: skip
    return said


def _early(found: CalendarPortfolio) -> list[str]:
    """Say where what is measured could not be earned."""
    if found.setup.window.first > 0:
        return []
    return ["Firms are held before the market could know their news: nobody earned this alpha."]


def _few(found: CalendarPortfolio) -> list[str]:
    """Say where a few firms are the portfolio."""
    n = found.portfolio.loc[found.portfolio["used"], "n"]
    if n.mean() >= FEW:
        return []
    said = f"With {number(n.mean(), 1)} members on average the luck of single firms is in the "
    said += f"portfolio, and its variance changes with their number; min_firms={FEW} leaves out "
    return [f"{said}the {found.setup.period}s with fewer than {FEW}."]


def _drag(found: CalendarPortfolio) -> list[str]:
    """Say how far the mean lies above what a holder earns, where it matters."""
    period, s = found.setup.period, _residual_sd(found)
    if A_YEAR[period] * s**2 / 2.0 < DRAG:
        return []
    said = f"A mean is not what a holder earns: what the factors leave over varies by {_size(s)} a "
    said += f"{period}, so compounding takes about {_size(s**2 / 2.0)} a {period} off the alpha."
    return [said]


def _residual_sd(found: CalendarPortfolio) -> float:
    """Standard deviation of the residuals."""
    series = found.explained.series
    residuals = series.y - series.x @ found.table["estimate"].to_numpy(dtype=float)
    return math.sqrt(float(residuals @ residuals) / found.alpha.df)


def _limits(found: CalendarPortfolio) -> str:
    """Say what a model cannot (methods B.11)."""
    dates = len(np.unique(found.held.at.row))
    said = (
        "Alpha is all that the factors leave over: the events, and any factor that the model "
        "lacks, such as one that their industry shares."
    )
    if dates < FEW_DATES:
        return f"{said} Events on {_many(dates, 'date')} cannot tell the two apart."
    return f"{said} Only over many separate dates does the second average out."


def draw(found: CalendarPortfolio, ax: Axes | None, title: str | None) -> Axes:
    """Cumulate α̂ + ε̂ over the periods used; the band is that of α = 0, t_{df}·s·√k after k."""
    used = found.portfolio[found.portfolio["used"]]
    s = _residual_sd(found)
    after = np.sqrt(1.0 + np.arange(len(used)))
    half = critical("t", found.alpha.df, (1.0 - LEVEL) / 2.0) * s * after
    path = pd.DataFrame(
        {"cumulated": used["abnormal"].cumsum(), "low": -half, "high": half, "n": used["n"]}
    )
    alpha = found.alpha
    usual = f"Alpha {_SMALL(alpha.estimate)} a {found.setup.period} (p = {pvalue(alpha.pvalue)}), "
    usual += _many(len(found.events), "event")
    return draw_calendar(path, ax=ax, title=title or usual, source=found.panel.source or None)


def _size(value: object) -> str:
    """Write a standard error, which has no sign."""
    return _SMALL(value).lstrip("+")


def _many(n: int, noun: str) -> str:
    return f"{count(n)} {noun}{'' if n == 1 else 's'}"


def _are(n: int) -> str:
    return "is" if n == 1 else "are"
