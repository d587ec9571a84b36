"""What the examples share: their two options, their prices, and how a picture is saved."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

import eventstudy as es
from eventstudy.report import percent, text_table, wrap

#: everything the examples look at; what a file does not have is left out
TICKERS = [*es.universe.MINERS, "SPY", "IBIT", "BTC-USD", "META", "MSFT", "SMH"]
SPAN = ("2021-01-01", "2026-12-31")
#: Bitcoin on all seven days, in a file beside the prices (columns ticker, date, close)
BITCOIN = "btc_gspc_close.csv.gz"

#: the folder of ``--out -``
NOWHERE = Path("-")
#: what a file of prices holds, as a rule
WIDE = "adjusted closes, a row a session, a column a ticker"


def options(about: str, holds: str = "") -> Namespace:
    """Read ``--out DIR`` and, where a file of prices ``holds`` something, ``--prices FILE``."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("out"),
        metavar="DIR",
        help="folder for the pictures; a dash: write none",
    )
    if not holds:
        return parser.parse_args()
    of_prices = f"CSV of {holds} (default: SIMULATED)"
    parser.add_argument("--prices", type=Path, metavar="FILE", help=of_prices)
    given = parser.parse_args()
    if given.prices and given.prices.is_dir():
        parser.error(f"{given.prices} is a folder; give the file in it that holds {holds}")
    if given.prices and not given.prices.is_file():
        parser.error(f"there is no file {given.prices}")
    return given


def read_prices(file: Path | None) -> pd.DataFrame:
    """Read a file of adjusted closes, or take the packaged sample, which is SIMULATED."""
    if file is None:
        prices = es.loaders.sample(TICKERS, *SPAN)
    else:
        prices = es.loaders.csv(file)(TICKERS, *SPAN)
        prices.attrs["source"] = file.name
        bitcoin = file.with_name(BITCOIN)
        if bitcoin.is_file():
            daily = es.loaders.csv(bitcoin)(["BTC-USD"], *SPAN)
            known = prices.attrs
            prices = prices.drop(columns="BTC-USD").join(daily, how="outer")
            prices.attrs = known
    return prices.dropna(axis="columns", how="all")


def begin(
    title: str, holds: str = WIDE, read: Callable[[Path | None], pd.DataFrame] = read_prices
) -> tuple[pd.DataFrame, Path]:
    """Read the options and the prices, print the title: the prices, the folder for pictures."""
    given = options(title, holds)
    prices = read(given.prices)
    head(title, prices, f"--prices FILE (a CSV of {holds})")
    return prices, given.out


def make_panel(prices: pd.DataFrame) -> es.Panel:
    """Turn prices into returns, with the factor Bitcoin: IBIT, before its listing BTC-USD."""
    panel = es.Panel.from_prices(prices, market="SPY", own_since=es.universe.OWN_SINCE)
    return panel.spliced("Bitcoin", *[name for name in ("IBIT", "BTC-USD") if name in prices])


def study(*factors: str | es.factors.FirmFactor) -> es.EventStudy:
    """Plan the study of all examples: a year of estimation, five days around day 0."""
    return es.EventStudy(es.FactorModel(factors), estimation=(-250, -11), window=(-5, 5))


def head(title: str, prices: pd.DataFrame, real: str = "") -> None:
    """Print the title, and loudly whether prices are simulated; ``real`` is how to give others."""
    print(f"{title}\n{'=' * len(title)}")
    if prices.attrs.get("simulated"):
        say(
            "SIMULATED PRICES. No number below comes from a market: the reactions were planted "
            "by code." + (f" Real prices: {real}." if real else "")
        )
    else:
        print(f"Prices: {prices.attrs['source']}")


def say(text: str) -> None:
    """Print a paragraph in 80 columns, after an empty line."""
    print("\n" + "\n".join(wrap(text)))


def pc(change: float) -> str:
    """Write a return as a percentage with one decimal."""
    return percent(change, 1)


def show(title: str, table: pd.DataFrame, returns: Iterable[str] = ()) -> None:
    """Print a table under its title; the columns ``returns`` in percent."""
    print("\n" + text_table(table, title=title, formats=dict.fromkeys(returns, pc)))


def save(axes: Axes | NDArray[np.object_], path: Path) -> None:
    """Write the picture that ``axes`` (one or several) belong to, and leave it open.

    Nothing is written into the folder "-": a gallery shows the pictures that are open.
    """
    if path.parent == NOWHERE:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    np.array(axes, dtype=object).flat[0].figure.savefig(path, dpi=150, bbox_inches="tight")
    print(f"\nPicture: {path}")


def report(result: es.Result, path: Path, *windows: tuple[int, int], by: str | None = None) -> None:
    """Write the interactive page of a result: everything that was found, in one file."""
    if path.parent == NOWHERE:
        return
    try:
        print(f"\nReport: {result.to_html(path, *windows, by=by)}")
    except es.errors.OptionError as why:  # plotly or jinja2 is not installed
        say(str(why))
