"""Every model and its loop (`MODELS`): what `tests/unit/test_oracle_matrix.py` compares."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import oracle
import oracle_firms
import oracle_garch
import oracle_lines
from oracle import NAN, Event, Floats, Study, length
from oracle_worlds import DAYS, DONORS, FACTORS, FIRMS, TICKERS, World

import eventstudy as es

#: the loop of a model; it sees our result only where parameters are to be the same (M.15)
Loop = Callable[[World, oracle.Setup, es.Result], Study]


def straight(world: World, setup: oracle.Setup, _: es.Result) -> Study:
    return oracle.run(world.data(), world.firms, world.days, setup)


@dataclass(frozen=True)
class Twin:
    """A model and its loop."""

    ours: Any
    theirs: oracle.Model = oracle.MARKET
    loop: Loop = straight
    #: whether the market holds the risk-free rate; whether the panel is made of prices
    total: bool = False
    prices: bool = False
    #: whether the study keeps the design, which resampling and leverages need
    design: bool = True
    rtol: float = 1e-10


def event_rows(event: Event) -> list[int]:
    first, last = event.setup.window
    return list(range(event.day0 + first, event.day0 + last + 1))


def bare(event: Event) -> dict[str, Any]:
    """An event whose variance has no part that comes from estimated parameters."""
    days = length(event.setup.window)
    return {"X": np.empty((0, 0)), "R": np.empty((0, 0)), "x": np.empty((days, 0))}


def own_series(series: Callable[[World], dict[int, Floats]]) -> Loop:
    """A factor that differs by firm, behind the others."""

    def run(world: World, setup: oracle.Setup, _: es.Result) -> Study:
        return oracle_firms.each(world.data(), series(world), world.events, setup)

    return run


def peers(world: World) -> dict[int, Floats]:
    members = range(len(FIRMS))
    return {firm: oracle_firms.peers(world.returns, firm, members) for firm in set(world.firms)}


#: benchmarks of the firms, by ticker; STALE has none
BENCHMARKS: dict[str, dict[str, float]] = {
    "F0": {"D0": 1.0},
    "F1": {"D1": 0.5, "D2": 0.5},
    "F2": {"D0": 0.75, "D3": 0.25},
    **{name: {"D1": 1.0} for name in ("F3", "F4", "F5", "F6", "F7", "LATE", "HALTED")},
}


def benchmarks(world: World) -> dict[int, Floats]:
    found = {}
    for firm in set(world.firms):
        parts = BENCHMARKS.get(TICKERS[firm])
        weights = {TICKERS.index(name): w for name, w in parts.items()} if parts else {}
        made = oracle_firms.portfolio(world.returns, weights)
        found[firm] = made if parts else np.full(DAYS, NAN)
    return found


def donors(kind: str, **options: Any) -> Loop:
    """Events that have all donors, each against its own counterfactual."""

    def run(world: World, setup: oracle.Setup, _: es.Result) -> Study:
        others = world.returns[-len(DONORS) :].T
        k = world.factors.shape[1]
        data = replace(world.data(), factors=np.column_stack([world.factors, others]))
        usable = oracle.Model(tuple(range(k, k + len(DONORS))))
        base = oracle.run(data, world.firms, world.days, replace(setup, model=usable))
        plain = replace(setup, model=setup.model)
        events = [_counterfactual(event, world, kind, options, plain) for event in base.events]
        return Study(plain, events, base.dropped)

    return run


def _counterfactual(
    event: Event, world: World, kind: str, options: dict[str, Any], setup: oracle.Setup
) -> Event:
    rows = [*event.rows, *event_rows(event)]
    others = world.returns[-len(DONORS) :, rows].T
    split = len(event.rows)
    found = oracle_firms.counterfactual(
        world.returns[event.firm, rows], others, split, kind, **options
    )
    theta = found.params if kind == "synthetic" else found.params[1:]
    alpha = 0.0 if kind == "synthetic" else float(found.params[0])
    return replace(
        event,
        setup=setup,
        params=found.params,
        residuals=found.residuals,
        sigma=found.sigma,
        dof=found.dof,
        ar=found.ar,
        expected=alpha + others[split:] @ theta,
        **bare(event),
    )


def conditional(kind: str, horizon: str) -> Loop:
    """GARCH at the parameters that were found: the rest of it is the loop's own (M.15)."""

    def run(world: World, setup: oracle.Setup, result: es.Result) -> Study:
        base = straight(world, setup, result)
        found = dict(zip(result.events.index, result.abnormal.params, strict=True))
        events = [
            _conditional(event, world, found[f"e{event.number}"], kind, horizon)
            for event in base.events
        ]
        return Study(setup, events, base.dropped)

    return run


def _conditional(event: Event, world: World, params: Floats, kind: str, horizon: str) -> Event:
    rows = list(range(event.rows[0], event_rows(event)[-1] + 1))  # the days between count
    market = params[0] + params[1] * world.factors[:, 0]
    e = [float(world.returns[event.firm, row] - market[row]) for row in rows]
    used = np.flatnonzero(np.isfinite(event.residuals)).tolist()
    seen = [e[t] for t in used]
    level = float(np.mean(event.residuals[used] ** 2))  # of least squares
    variance = [float(v) for v in params[2:]]
    h = oracle_garch.variances(kind, variance, seen, level)[-1]
    later = e[used[-1] + 1 :]
    if horizon == "forecast":
        path = oracle_garch.forecast(kind, variance, h, len(later))
    else:
        path = oracle_garch.filtered(kind, variance, h, later)
    sigma2 = sum(u * u for u in seen) / (len(seen) - 2)
    residuals = np.full(len(event.rows), NAN)
    residuals[used] = seen
    days = event_rows(event)
    return replace(
        event,
        params=params,
        residuals=residuals,
        sigma=math.sqrt(sigma2),
        expected=market[days],
        ar=event.actual - market[days],
        variance=np.array(path[-len(days) :]) / sigma2,
        **bare(event),
    )


def trades(world: World, setup: oracle.Setup, _: es.Result) -> Study:
    """Returns from trade to trade; those over several sessions are no day's (A.5)."""
    setup = replace(setup, kind="log")
    prices, market, events, dropped = world.prices(), world.factors[:, 0], [], {}
    for number, (firm, day0) in enumerate(world.events):
        around = prices[firm, day0 + setup.window[0] : day0 + setup.window[1] + 1]
        past = prices[firm, day0 + setup.estimation[0] : day0 + setup.estimation[1] + 1]
        earlier = np.isfinite(prices[firm, : day0 + setup.estimation[0]]).any()
        if not np.isfinite(around).any():
            dropped[number] = "no_event_data"
        elif np.isfinite(past).sum() - (not earlier) < setup.needed:
            dropped[number] = "min_est"
        elif np.nanmax(past) == np.nanmin(past):
            dropped[number] = "zero_variance"
        else:
            events.append(_traded(world, setup, prices[firm], market, number))
    return Study(setup, events, dropped)


def _traded(
    world: World, setup: oracle.Setup, prices: Floats, market: Floats, number: int
) -> Event:
    firm, day0 = world.events[number]
    t = oracle_firms.trade_to_trade(prices, market, day0, setup.estimation, setup.window)
    covers, ar = np.array(t.covers), np.array(t.ar)
    rows = [day0 + k for k in range(setup.window[0], setup.window[1] + 1)]
    one_session = t.params[0] + t.params[1] * market[rows]  # of a day without a trade
    return Event(
        number=number,
        firm=firm,
        day0=day0,
        setup=setup,
        rows=[day0 + k for k in range(setup.estimation[0], setup.estimation[1] + 1)],
        residuals=t.residuals,
        params=t.params,
        X=t.X,
        R=oracle.least_squares(t.X, t.y)[0],
        sigma=t.sigma,
        dof=t.dof,
        n_obs=len(t.X),
        actual=np.array(t.actual),
        expected=np.where(covers > 0, t.x @ t.params, one_session),
        ar=np.where(covers == 1, ar, NAN),
        x=t.x,
        variance=covers.astype(float),
        covers=t.covers,
        bridged=ar,
    )


PEERS = es.factors.peers(FIRMS)
APART = oracle.Model(common=False)
NOTHING = oracle.Model((), estimated=False, common=False)


def robust(method: str = "huber", **options: Any) -> Twin:
    """A line that is not least squares: no regression of anybody's portfolio."""
    separate = options.get("intercept") == "separate"
    loop = oracle_lines.Robust(method=method, separate=separate)
    return Twin(es.RobustMarketModel(method=method, **options), loop, design=False)


MODELS: dict[str, Twin] = {
    "raw": Twin(es.RawReturn(), oracle.RAW),
    "raw, about zero": Twin(es.RawReturn(sigma_demean=False), replace(oracle.RAW, demean=False)),
    "mean": Twin(es.MeanAdjusted(), oracle.MEAN),
    "market-adjusted": Twin(es.MarketAdjusted(), oracle.MARKET_ADJUSTED),
    "market-adjusted, about zero": Twin(
        es.MarketAdjusted(sigma_demean=False), replace(oracle.MARKET_ADJUSTED, demean=False)
    ),
    "market": Twin(es.MarketModel()),
    "two factors": Twin(es.FactorModel(("SPY", "SMB")), oracle.Model((0, 1))),
    "capm": Twin(es.CAPM(), oracle.linear(1, excess=True), total=True),
    "capm without alpha": Twin(
        es.CAPM(alpha=False), oracle.linear(1, alpha=False, excess=True), total=True
    ),
    "three factors": Twin(es.FamaFrench3(), oracle.linear(3, excess=True)),
    "carhart": Twin(es.Carhart4(), oracle.Model((0, 1, 2, 5), excess=True)),
    "five factors": Twin(es.FamaFrench5(), oracle.linear(5, excess=True)),
    "six factors": Twin(es.FamaFrench6(), oracle.linear(6, excess=True)),
    "Scholes-Williams": Twin(es.ScholesWilliams(), oracle_lines.ScholesWilliams(), design=False),
    "Dimson": Twin(es.Dimson(), oracle_lines.Dimson(), design=False),
    "Dimson, three leads": Twin(es.Dimson(lags=3), oracle_lines.Dimson(n=3), design=False),
    "Dimson, full": Twin(
        es.Dimson(lags=2, mode="full"),
        oracle_lines.Dimson(n=2, full=True, common=True),
        design=False,
    ),
    "Fowler-Rorke": Twin(
        es.Dimson(weights="fowler-rorke"), oracle_lines.Dimson(fowler_rorke=True), design=False
    ),
    "Fowler-Rorke, two leads": Twin(
        es.Dimson(lags=2, weights="fowler-rorke"),
        oracle_lines.Dimson(n=2, fowler_rorke=True),
        design=False,
    ),
    "Huber": robust(),
    "LAD": robust("lad"),
    "Theil-Sen": robust("theil-sen"),
    "Theil-Sen, separate": robust("theil-sen", intercept="separate"),
    "GARCH": Twin(es.GarchMarketModel(), APART, conditional("garch", "forecast"), design=False),
    "EGARCH, filtered": Twin(
        es.GarchMarketModel(variance="egarch", horizon="filter"),
        APART,
        conditional("egarch", "filter"),
        design=False,
    ),
    "market and peers": Twin(
        es.FactorModel(("SPY", PEERS)),
        oracle.Model((0, len(FACTORS)), common=False),
        own_series(peers),
        design=False,
    ),
    "benchmark": Twin(
        es.BenchmarkPortfolio(BENCHMARKS),
        oracle.Model((len(FACTORS),), estimated=False),
        own_series(benchmarks),
        design=False,
    ),
    "synthetic control": Twin(
        es.SyntheticControl(DONORS), NOTHING, donors("synthetic"), design=False, rtol=1e-9
    ),
    "elastic net": Twin(
        es.ElasticNetModel(DONORS, penalty=0.05),
        NOTHING,
        donors("net", penalty=0.05),
        design=False,
        rtol=1e-9,
    ),
    "trade to trade": Twin(es.TradeToTrade(), APART, trades, prices=True, design=False),
}
