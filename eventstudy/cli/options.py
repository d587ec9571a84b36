"""What can be typed after ``eventstudy``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from eventstudy.cli import values
from eventstudy.cli.helping import Parser, Version
from eventstudy.windows import Window

Arguments = argparse.Namespace

#: options whose values begin with a minus sign; argparse would take those for options
_SIGNED = ("--estimation", "--window", "--car", "--effects", "--estimations", "--enter", "--leave")

_EVENTS_HELP = "CSV or Parquet with ticker, date, …"


def parse(argv: Sequence[str]) -> Arguments:
    """Read the command line; wrong usage ends the program with exit code 2."""
    parser = _parser()
    parser.refuse_slips(argv)
    return parser.parse_args(_joined(argv))


def _joined(argv: Sequence[str]) -> list[str]:
    """Write ``--window -10:10`` as ``--window=-10:10``."""
    words: list[str] = []
    for word in argv:
        last = words[-1] if words else ""
        if last.startswith("--") and any(option.startswith(last) for option in _SIGNED):
            words[-1] = f"{words[-1]}={word}"
        else:
            words.append(word)
    return words


def _parser() -> Parser:
    parser = Parser(
        prog="eventstudy",
        description="Event studies: how prices reacted around dates, with tests that stay valid "
        "when events share dates.",
    )
    parser.add_argument("--version", action=Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_demo(commands)
    _add_run(commands)
    _add_calibrate(commands)
    _add_preview(commands)
    _add_vary(commands)
    _add_backtest(commands)
    _add_detect(commands)
    _add_catalysts(commands)
    return parser


_Commands = argparse._SubParsersAction  # noqa: SLF001  (argparse has no public name for it)


def _add_demo(commands: _Commands[Parser]) -> None:
    demo = commands.add_parser(
        "demo",
        help="the main job on the packaged simulated prices",
        description="How (simulated) Bitcoin miners reacted to AI catalysts: truth beside "
        "estimate, two pictures, a report. Works offline.",
    )
    demo.add_argument("--out", type=Path, default=Path("demo"), help="folder for pictures, report")


def _add_run(commands: _Commands[Parser]) -> None:
    run = commands.add_parser(
        "run",
        help="a study of your events and prices",
        description="Measure the reaction to the events of a file. Writes car.csv, caar.csv, "
        "tests.csv, dropped.csv, caar.png and provenance.json (where the prices came from).",
    )
    run.add_argument("--events", required=True, metavar="FILE", help=_EVENTS_HELP)
    _add_study(run)
    run.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the tables")
    _add_report(run)


def _add_calibrate(commands: _Commands[Parser]) -> None:
    calibrate = commands.add_parser(
        "calibrate",
        help="how far each test can be trusted on your events and prices",
        description="Place the events on dates without news, many times, and count how often "
        "each test rejects: without an effect (size) and with one (power). Writes "
        "calibration.csv and calibration.png.",
    )
    default = "; with `--prices sample` the packaged catalogue if left out"
    calibrate.add_argument("--events", metavar="FILE", help=_EVENTS_HELP + default)
    _add_study(calibrate)
    add = calibrate.add_argument
    add("--draws", type=int, default=1000, metavar="N", help="placebo draws (default 1000)")
    add(
        "--effects",
        type=values.numbers,
        default=(0.0, 0.01, 0.02),
        metavar="A,B",
        help="planted effects as fractions (default 0,0.01,0.02)",
    )
    add(
        "--strata",
        type=int,
        metavar="K",
        help="keep dates within the K parts of the market's volatility, such as 3",
    )
    add("--seed", type=int, default=0, metavar="N", help="of the random numbers (default 0)")
    add("--out", type=Path, required=True, metavar="DIR", help="folder for table and picture")


def _add_preview(commands: _Commands[Parser]) -> None:
    preview = commands.add_parser(
        "preview",
        help="before the event: how far prices must move to be significant",
        description="For events that lie after the prices: the move of each ticker and of the "
        "group that will be significant, and how often past events went that far. Writes "
        "tickers.csv, groups.csv and preview.png.",
    )
    default = "; with `--prices sample` Nvidia's reports if left out"
    preview.add_argument("--events", metavar="FILE", help=_EVENTS_HELP + default)
    _add_study(preview)
    add = preview.add_argument
    add("--as-of", metavar="DATE", help="use prices up to that evening only: a rehearsal")
    add("--by", metavar="COLUMN", help="of the events: a threshold for each group")
    add("--out", type=Path, required=True, metavar="DIR", help="folder for tables and picture")


def _add_vary(commands: _Commands[Parser]) -> None:
    vary = commands.add_parser(
        "vary",
        help="the same question under every reasonable choice",
        description="Run the study with every model, estimation window and test window that is "
        "given, and move all of them to the same placebo dates. Writes specifications.csv, "
        "joint.csv and specifications.png.",
    )
    default = "; with `--prices sample` the deals of the catalogue if left out"
    vary.add_argument("--events", metavar="FILE", help=_EVENTS_HELP + default)
    _add_study(vary)
    add = vary.add_argument
    add(
        "--models",
        type=values.models,
        metavar="A,B:X+Y",
        help="as MarketModel,FactorModel:SPY+IBIT",
    )
    add("--estimations", type=values.windows, metavar="A:B,C:D", help="estimation windows")
    add("--draws", type=int, default=199, metavar="N", help="placebo draws (default 199; 0: none)")
    add("--seed", type=int, default=0, metavar="N", help="of the random numbers (default 0)")
    add("--out", type=Path, required=True, metavar="DIR", help="folder for tables and picture")
    _add_report(vary)


def _add_backtest(commands: _Commands[Parser]) -> None:
    backtest = commands.add_parser(
        "backtest",
        help="what trading the events would have earned, net of costs, without look-ahead",
        description="Trade the events of a file: enter and leave around day 0, hedged by a model, "
        "net of costs. A rule that would know the news before the market is refused. Writes "
        "trades.csv, daily.csv, dropped.csv, ledger.csv, summary.json, provenance.json, "
        "equity.png and, with --placebo, placebo.png.",
    )
    default = "; with `--prices sample` Nvidia's reports if left out"
    backtest.add_argument("--events", metavar="FILE", help=_EVENTS_HELP + default)
    _add_model(backtest)
    backtest.set_defaults(model=None)
    add = backtest.add_argument
    moment = "close of that day around day 0, or open+1"
    add("--enter", default="0", metavar="DAY", help=f"{moment} (default 0)")
    add("--leave", default="5", metavar="DAY", help=f"{moment} (default 5)")
    add("--side", default="long", help="long (default), short, or a column of the events")
    add("--weight", default="equal", help="equal (default), inverse_sigma, or a column")
    add(
        "--hedge",
        type=values.hedge,
        metavar="MODEL[:X+Y]",
        help="as MarketModel, FactorModel:SPY+IBIT",
    )
    add("--costs", type=float, default=10.0, metavar="BPS", help="of each side (default 10)")
    add("--half-spread", type=values.rate, metavar="X", help="fraction of each side, or a column")
    add("--borrow", type=values.rate, default=0.0, metavar="X", help="a year, of short positions")
    add("--per-name", type=float, metavar="X", help="largest notional of a ticker")
    add("--gross", type=float, metavar="X", help="largest notional of all positions")
    add("--overlap", help="of trades in a ticker: add (default), extend, restart or ignore")
    add("--tried", type=int, default=1, metavar="N", help="rules tried before this one (default 1)")
    add("--capital", type=float, metavar="USD", help="for the days it takes to leave (volume)")
    add("--placebo", type=int, default=0, metavar="N", help="draws of random dates (default 0)")
    add("--seed", type=int, default=0, metavar="N", help="of the random numbers (default 0)")
    add("--calendar", metavar="XNYS", help="exchange that places times with a time zone")
    add("--duplicates", default="first", help="first (default), keep or raise")
    add("--out", type=Path, required=True, metavar="DIR", help="folder for tables and picture")
    _add_report(backtest)


def _add_detect(commands: _Commands[Parser]) -> None:
    detect = commands.add_parser(
        "detect",
        help="every day on which a ticker moved abnormally, and why",
        description="Look at every day of every ticker: which moved further than the model and "
        "chance explain, and which news of the catalogue fell on them. Writes detected.csv, an "
        "events file, and provenance.json.",
    )
    add = detect.add_argument
    everything = "default: all of a file; of `yahoo` and `sample` the miners"
    add("--tickers", type=values.names, default=(), metavar="A,B", help=everything)
    add("--z", type=float, default=4.0, metavar="Z", help="AR over its forecast error (default 4)")
    add("--since", metavar="DATE", help="first day to look at")
    add("--until", metavar="DATE", help="last day to look at")
    add("--direction", default="both", help="both (default), up or down")
    news = detect.add_mutually_exclusive_group().add_argument
    news("--catalysts", metavar="FILE", help="news of your own (events file), not the catalogue")
    news("--no-catalysts", action="store_true", help="name no news")
    _add_model(detect)
    add("--out", type=Path, required=True, metavar="DIR", help="folder for the tables")


def _add_study(parser: argparse.ArgumentParser) -> None:
    """Add what makes up a study: prices, model, windows, rules; every command has the same."""
    _add_model(parser)
    add = parser.add_argument
    usual = Window(-10, 10)
    add("--window", type=values.window, default=usual, metavar="A:B", help="default -10:10")
    add("--car", type=values.windows, default=[], metavar="A:B,C:D", help="windows of the CARs")
    add("--missing", default="drop", help="drop (default), skip or zero")
    add("--exclude-other-events", action="store_true", help="from the firm's estimation days")
    add("--duplicates", default="first", help="first (default), keep or raise")
    add("--calendar", metavar="XNYS", help="exchange that places times with a time zone")


def _add_model(parser: argparse.ArgumentParser) -> None:
    """Add prices, the model and how it is estimated."""
    add = parser.add_argument
    add(
        "--prices",
        required=True,
        metavar="FILE|yahoo|sample",
        help="adjusted closes: a file or folder, `yahoo`, or the simulated `sample`",
    )
    _add_cache(parser)
    add("--market", metavar="TICKER", help="the market, e.g. SPY; its dates are the sessions")
    add("--model", default="MarketModel", help="e.g. MarketModel (default), MeanAdjusted")
    add("--factors", type=values.names, default=(), metavar="A,B", help="factors of FactorModel")
    add("--factor-returns", metavar="FILE", help="CSV: date, factors and RF as fractions")
    add(
        "--estimation",
        type=values.intervals,
        default=Window(-250, -11),
        metavar="A:B",
        help="default -250:-11; several intervals with commas",
    )
    add("--min-obs", type=int, metavar="N", help="valid estimation days an event needs")
    add("--kind", default="simple", help="simple (default) or log returns")
    add("--own-since", action="store_true", help="leave out prices of a ticker's predecessor")


def _add_cache(parser: argparse.ArgumentParser) -> None:
    """Add where prices that were fetched are kept."""
    add = parser.add_mutually_exclusive_group().add_argument
    add("--cache", type=Path, metavar="DIR", help="keep prices here (yahoo: the user's cache)")
    add("--no-cache", action="store_true", help="ask for all prices anew and keep none")
    parser.add_argument("--offline", action="store_true", help="only prices that were kept")


def _add_report(parser: argparse.ArgumentParser) -> None:
    """Add the interactive report."""
    told = "also write report.html: interactive, complete in one file"
    parser.add_argument("--report", action="store_true", help=told)


def _add_catalysts(commands: _Commands[Parser]) -> None:
    listing = commands.add_parser(
        "catalysts",
        help="the packaged catalogue of AI and Bitcoin-mining catalysts",
        description="List the catalogue, or write it as an events file.",
    )
    add = listing.add_argument
    add("--category", help="deal, earnings, capex, nvidia, product or macro")
    add("--since", metavar="DATE", help="first date")
    add("--until", metavar="DATE", help="last date")
    add("--min-confidence", default="medium", help="low, medium (default) or high")
    add("--expand", choices=("sector", "peers"), help="one event per listed miner")
    add("--out", type=Path, metavar="FILE", help="write a CSV instead of a table")
