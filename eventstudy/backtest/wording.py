"""The page of a backtest: what was traded, the verdict in words, its tables, the notes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from eventstudy.backtest.clusters import Clusters
from eventstudy.backtest.figures import Tried, values
from eventstudy.backtest.listing import (
    TRADE_FORMATS,
    YEAR_FORMATS,
    chance,
    figures_table,
    share,
    trades_table,
    years_table,
)
from eventstudy.backtest.resampling import said_p
from eventstudy.backtest.rule import SIDES
from eventstudy.backtest.terms import Costs
from eventstudy.inference.validity import ENOUGH
from eventstudy.panel.suspicion.found import many
from eventstudy.report import Page
from eventstudy.report.cells import count, dollars, number, percent
from eventstudy.report.names import joined
from eventstudy.report.summary import reasons_table
from eventstudy.report.tables import Formats
from eventstudy.result.findings import model_name

if TYPE_CHECKING:
    from eventstudy.backtest.outcome import Backtest
    from eventstudy.backtest.rule import Rule

TITLE = "Backtest"
LEVEL = 0.05
CAPITAL = (
    "Profits are added, not compounded: a notional never changes. Returns, volatility, drawdown "
    "and turnover are on the capital, the largest exposure of any session (the hedge not counted), "
    "which the rule ties up without borrowing and which earns no interest. The Sharpe ratio does "
    "not depend on it."
)
ALONE = (
    "This counts as the only rule that was tried. Where others were, summary(tried=N) says how "
    "much of the Sharpe ratio the choice of the best explains."
)
CHAINS = (
    "Holdings of neighbouring dates overlap in chains, which leaves few clusters. By session, if "
    "the profit of one day says nothing of the next, the 95 % interval of the Sharpe ratio"
)
#: share of the net profit from three trades beyond which a note says so, and trades it is said for
MOST, FEW = 0.5, 6
#: sessions below which figures a year rest on less than half a year
SHORT = 126
#: days of volume beyond which a position is too large to leave
LONG_EXIT = 1.0


def page(found: Backtest, *, tried: Tried = 1, capital: float | None = None) -> Page:
    """Everything about a backtest, for `Backtest.summary`."""
    f = values(found.book, found.panel, tried=tried, capital=capital)
    limit = Clusters.of(found.book).limit
    return Page(
        title=TITLE,
        facts=_facts(found, f),
        lead=" ".join(sentences(f, limit)),
        tables=_tables(found, f),
        notes=_notes(found, f),
    )


def heading(found: Backtest) -> str:
    """Title of the picture."""
    f = values(found.book, found.panel)
    said = f"{many(f['trades'], 'trade')}, Sharpe ratio {_ratio(f)}"
    return f"{_rule(found.rule).capitalize()}: {said}"


# ── the verdict ──────────────────────────────────────────────────────────────────────────
def sentences(f: dict[str, Any], limit: str = "") -> list[str]:
    """Say what was earned, whether it can be told from luck, and how many rules were tried.

    Parameters
    ----------
    f : dict
        `eventstudy.backtest.figures.figures`.
    limit : str
        Why there is no verdict, or a weak one (`Clusters.limit`).
    """
    if not f["trades"]:
        return [limit]
    each = "the trade" if f["trades"] == 1 else f"{count(f['trades'])} trades"
    did = "lost" if f["net"] < 0 else "earned"
    mean = "" if f["trades"] == 1 else " each on average"
    said = f"Net of costs {each} {did} {_size(f['mean_net'])}{mean}"
    if math.isnan(f["sharpe"]):
        return [f"{said}; the profit does not vary, so there is no Sharpe ratio.", limit]
    long = f["sessions"] >= SHORT
    said += f", {percent(f['annual_return'])} a year on the capital tied up" if long else ""
    if long or f["clusters"] >= ENOUGH:
        said += f": a Sharpe ratio of {_ratio(f)} (standard error)"
    said += "."
    told = [] if f["clusters"] < ENOUGH else [_verdict(f)]
    best = [] if f["tried"] < 2 else [_best(f)]
    return [text for text in (said, *told, limit, *best) if text]


def _verdict(f: dict[str, Any]) -> str:
    """Hold the ratio against its error by session, and the mean trade against that by cluster."""
    low, high, p = f["sharpe_low"], f["sharpe_high"], f["pvalue"]
    outside, rare = low > 0.0 or high < 0.0, p <= LEVEL
    interval = f"the 95 % interval of the ratio, {number(low)} to {number(high)}, "
    told = "no p-value" if math.isnan(p) else said_p(p)
    trade = f"the mean trade has {told} across {many(f['clusters'], 'cluster')} of trades"
    if outside and rare:
        luck = "loses" if f["net"] < 0 else "earns"
        return f"Luck alone rarely {luck} as much: {interval}lies off zero, and {trade}."
    if outside or rare or math.isnan(p):
        holds = "lies off zero" if outside else "holds zero"
        return f"Whether this is more than luck is open: {interval}{holds}, and {trade}."
    return f"This cannot be told from zero: {interval}holds zero, and {trade}."


def _best(f: dict[str, Any]) -> str:
    return (
        f"Of {count(f['tried'])} rules without any merit the best would show a ratio of "
        f"{number(f['hurdle'])} on average; that this one is truly better than that has "
        f"probability {chance(f['deflated_sharpe'])} (deflated Sharpe ratio)."
    )


# ── the head ─────────────────────────────────────────────────────────────────────────────
def _facts(found: Backtest, f: dict[str, Any]) -> list[tuple[str, str]]:
    rule, hedge = found.rule, found.rule.hedge
    source = found.panel.source
    if source.lower().startswith("simulated"):
        source = f"SIMULATED{source[len('simulated') :]}"
    against = "none" if hedge is None else model_name(hedge, found.panel)
    worth = f"{many(f['clusters'], 'cluster')} of overlapping holdings"
    if f["clusters"] > 1:
        worth += f", worth {number(f['n_eff'], 1)} equal ones"
    entries = f"{many(f['dates'], 'session')} of entry"
    record = f"{f['first']} to {f['last']}, {many(f['sessions'], 'session')}"
    rows = [
        ("Rule", _rule(rule)),
        ("Hedge", against + ("" if hedge is None else f", estimation {found.study.estimation}")),
        ("Costs", _costs(rule.terms)),
        ("Limits", _limits(rule)),
        ("Events", _events(found)),
        ("Sample", f"{many(f['names'], 'ticker')}, {entries}; {worth}"),
        ("Record", f"{record}, a position on {share(f['busy'])} of them"),
        ("Prices", source),
    ]
    return [(label, text) for label, text in rows if text]


def _rule(rule: Rule) -> str:
    """Say when and how a rule trades."""
    enter, leave = rule.moments
    side = rule.side if isinstance(rule.side, str) else getattr(rule.side, "__name__", "")
    if not isinstance(rule.side, str):
        side = f"side by {side or 'a function'}"
    elif side not in SIDES:
        side = f"side by the sign of {side}"
    size = {"equal": "a notional of 1 each", "inverse_sigma": "a notional of 0.01/σ"}
    weight = size.get(rule.weight, f"a notional by {rule.weight}")
    return f"{side} from {enter.words} to {leave.words}, {weight}"


def _costs(terms: Costs) -> str:
    said = [f"{terms.bps:g} bps a side"]
    if terms.hedge_bps is not None:
        said.append(f"{terms.hedge_bps:g} bps a side of the hedge")
    if terms.half_spread is not None:
        said.append(f"half the spread ({_rate(terms.half_spread)})")
    if terms.borrow:
        said.append(f"{_rate(terms.borrow)} a year for a short position")
    if terms.delisting:
        said.append(f"a return of {percent(terms.delisting, 0)} where prices end")
    return joined(said)


def _rate(value: float | str) -> str:
    return f"column {value}" if isinstance(value, str) else percent(value).lstrip("+")


def _limits(rule: Rule) -> str:
    limits = rule.limits
    if limits is None:
        return ""
    most = ((limits.per_name, "a ticker"), (limits.gross, "in all"))
    said = [f"at most {value:g} {what}" for value, what in most if value is not None]
    return "; ".join([*said, f"overlapping trades of a ticker: {limits.overlap}"])


def _events(found: Backtest) -> str:
    said = f"{count(len(found.book))} traded, {count(len(found.dropped))} not"
    if not len(found.dropped):
        return said
    reasons = found.dropped["reason"].astype(str).value_counts()
    return f"{said}: {joined([f'{n} {why}' for why, n in reasons.items()])}"


# ── the tables ───────────────────────────────────────────────────────────────────────────
def _tables(found: Backtest, f: dict[str, Any]) -> list[tuple[str, pd.DataFrame, Formats]]:
    parts: list[tuple[str, pd.DataFrame, Formats]] = [("Figures", figures_table(f), {})]
    if len(found.book):
        title, frame = trades_table(found.trades)
        parts.append((title, frame, TRADE_FORMATS))
    years = years_table(found.daily, found.trades, f["capital"])
    if len(years) > 1:
        parts.append(("By year, on the capital", years, YEAR_FORMATS))
    if len(found.ledger):
        told = reasons_table(found.ledger.rename(columns={"change": "reason"}))
        parts.append(("Not as the rule says", told.rename_axis("change"), {}))
    if len(found.dropped):
        parts.append(("Not traded", reasons_table(found.dropped), {}))
    return parts


# ── the notes ────────────────────────────────────────────────────────────────────────────
def _notes(found: Backtest, f: dict[str, Any]) -> list[str]:
    """Say what the events and the figures rest on, and what to doubt."""
    notes = [*found.remarks, CAPITAL]
    if f["tried"] == 1:
        notes.append(ALONE)
    if f["clusters"] < ENOUGH <= f["dates"] and not math.isnan(f["sharpe"]):
        interval = f"{number(f['sharpe_low'])} to {number(f['sharpe_high'])}"
        notes.append(f"{CHAINS} is {interval}.")
    if f["sessions"] < SHORT:
        notes.append(
            f"A record of {many(f['sessions'], 'session')} is less than half a year: figures a "
            f"year are extrapolated."
        )
    if f["best_three"] > MOST and f["trades"] >= FEW:
        notes.append(
            f"The three best trades made {share(f['best_three'])} of the net profit: without "
            f"them the rule is another."
        )
    if f["exit_days_worst"] > LONG_EXIT:
        notes.append(
            f"With {dollars(f['dollars'], signed=False)} of capital some positions take more than "
            f"a session to leave at 10 % of the volume; prices would move against them beyond the "
            f"costs counted."
        )
    return notes


def _ratio(f: dict[str, Any]) -> str:
    error = "" if math.isnan(f["sharpe_se"]) else f" ± {number(f['sharpe_se'])}"
    return f"{number(f['sharpe'])}{error}"


def _size(value: float) -> str:
    """Write how much, where a word says whether it was earned or lost."""
    return percent(value).lstrip("+-")
