"""``eventstudy backtest``: what trading the events would have earned."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd

from eventstudy import catalysts, errors, universe
from eventstudy.align import Timing
from eventstudy.backtest import Backtest, Costs, Limits, Rule
from eventstudy.cli.options import Arguments
from eventstudy.cli.pricing import source_of
from eventstudy.cli.studying import (
    events_of,
    model_of,
    panel_of,
    report_possible,
    save_picture,
    write_report,
)
from eventstudy.one_line import spelled
from eventstudy.panel.provenance import record
from eventstudy.report import wrap
from eventstudy.study import EventStudy

#: the market, where none is named
MARKET = "SPY"


def backtest_files(arguments: Arguments) -> None:
    """Trade the events by the rule that was asked for, write its tables, print its summary."""
    report_possible(arguments)
    rule = rule_of(arguments)
    study, events = _study(rule, arguments), _events(arguments)
    if arguments.market is None:
        arguments.market = _market(arguments.prices)
    fields = ("open", "close") if any(m.at_open for m in rule.moments) else ()
    if arguments.capital is not None:
        fields = tuple(dict.fromkeys((*fields, "close", "volume")))
    panel = panel_of(study, events, arguments, fields=fields)
    folder = arguments.out
    folder.mkdir(parents=True, exist_ok=True)
    try:
        found = rule.run(events, panel, study)
    except errors.NothingLeft as nothing:
        nothing.dropped.to_csv(folder / "dropped.csv")
        raise
    luck = _luck(found, arguments)
    write_tables(found, folder, arguments, luck)
    print(found.summary(arguments.tried, capital=arguments.capital))
    for told in luck.values():
        print("\n" + "\n".join(wrap(told["sentence"])))
    print(f"\nTables and picture: {folder}")
    if arguments.report:
        write_report(found.study.run(events, panel), arguments, backtest=found)


def rule_of(arguments: Arguments) -> Rule:
    """Make the rule that was asked for."""
    hedge = None
    if arguments.hedge is not None:
        name, factors = arguments.hedge
        hedge = model_of(name, factors)
    limited = (arguments.per_name, arguments.gross, arguments.overlap) != (None, None, None)
    limits = Limits(
        per_name=arguments.per_name, gross=arguments.gross, overlap=arguments.overlap or "add"
    )
    costs = Costs(bps=arguments.costs, half_spread=arguments.half_spread, borrow=arguments.borrow)
    return Rule(
        enter=arguments.enter,
        leave=arguments.leave,
        side=arguments.side,
        weight=arguments.weight,
        hedge=hedge,
        costs=costs,
        limits=limits if limited else None,
    )


def _study(rule: Rule, arguments: Arguments) -> EventStudy:
    """Make the study that measures the trades: the model of the hedge unless another is named."""
    model = rule.hedge
    if arguments.model is not None or model is None:
        model = model_of(arguments.model or "MarketModel", arguments.factors)
    elif arguments.factors:
        raise errors.factors_without_use(type(model).__name__)
    enter, leave = rule.moments
    return EventStudy(
        model=model,
        estimation=arguments.estimation,
        window=(enter.day, leave.day),
        min_obs=arguments.min_obs,
        timing=Timing(duplicates=arguments.duplicates),
    )


def _market(prices: str) -> str | None:
    """SPY where the prices have it; a file without it needs ``--market``."""
    known = getattr(source_of(prices), "tickers", (MARKET,))
    return MARKET if MARKET in (known() if callable(known) else known) else None


def _events(arguments: Arguments) -> pd.DataFrame:
    """Read the events file; left out, Nvidia's reports go with the sample."""
    if arguments.events is None and arguments.prices == "sample":
        return catalysts.expand(catalysts.load(category="nvidia"), universe.MINERS)
    return events_of(arguments)


def _luck(found: Backtest, arguments: Arguments) -> dict[str, dict[str, Any]]:
    """Hold the rule against luck: clusters of trades drawn anew, and dates without news."""
    import matplotlib as mpl

    drawn = found.bootstrap(rng=arguments.seed)
    told: dict[str, dict[str, Any]]
    told = {"bootstrap": {**_by_row(drawn.table), "sentence": drawn.sentence()}}
    if arguments.placebo:
        chance = found.placebo(arguments.placebo, rng=arguments.seed)
        told["placebo"] = {**_by_row(chance.table), "sentence": chance.sentence()}
        with mpl.rc_context({"backend": "agg"}):
            save_picture(chance.plot(), arguments.out / "placebo.png")
    return told


def _by_row(table: pd.DataFrame) -> dict[str, Any]:
    return {str(name): row.to_dict() for name, row in table.iterrows()}


def write_tables(
    found: Backtest, folder: Path, arguments: Arguments, luck: dict[str, dict[str, Any]]
) -> None:
    """Write trades.csv, daily.csv, dropped.csv, ledger.csv, both JSON files and equity.png."""
    import matplotlib as mpl

    figures = found.figures(arguments.tried, capital=arguments.capital)  # before it leaves files
    for name in ("trades", "daily", "dropped", "ledger"):
        getattr(found, name).to_csv(folder / f"{name}.csv")
    summary = {"rule": spelled(found.rule), **{str(k): v for k, v in figures.items()}, **luck}
    _write(folder / "summary.json", summary)
    _write(folder / "provenance.json", record(found.panel))
    with mpl.rc_context({"backend": "agg"}):
        save_picture(found.plot(), folder / "equity.png")


def _write(path: Path, content: dict[str, Any]) -> None:
    """Write JSON; what is not a number there is null."""
    told = json.dumps(_plain(content), indent=2, default=str, allow_nan=False)
    path.write_text(told + "\n", encoding="utf-8")


def _plain(value: Any) -> Any:  # noqa: ANN401  (whatever stands in a summary)
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
