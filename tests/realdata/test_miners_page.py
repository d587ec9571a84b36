"""What the pages say of real prices is what the examples print on them.

Of docs/miners.md every block and every figure; of other pages the blocks under the headings that
tell of real prices.
"""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import pytest
from example_scripts import run

import eventstudy as es

mpl.use("Agg")
pytestmark = pytest.mark.realdata
DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "miners.md").read_text(encoding="utf-8")
BARS = "miners_and_benchmarks_ohlcv.csv.gz"

FENCE = re.compile(r"^```(\w*)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
PRINTED = re.compile(
    r"^`examples/(\w+)\.py` prints:\n\n```text\n(.*?)^```\n", re.MULTILINE | re.DOTALL
)
#: a percentage, or a number with decimals
FIGURE = re.compile(r"(?<![\d.])(\d+(?:\.\d+)? %|\d+\.\d+)")
#: what the page only supposes
SUPPOSED = {"0.04", "0.05"}


def sections() -> dict[str, str]:
    """Title → text, the first part under ""."""
    first, *others = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    return {"": first, **dict(part.split("\n", 1) for part in others)}


BLOCKS = [(title, *found) for title, text in sections().items() for found in PRINTED.findall(text)]
SCRIPTS = sorted({script for _, script, _ in BLOCKS})


@pytest.fixture(autouse=True)
def _no_figure_stays_open() -> Iterator[None]:
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


@cache
def printed(script: str, folder: Path, out: Path) -> str:
    """All that a script prints on the real prices."""
    file = (
        folder / BARS if script.startswith("07") else folder / "miners_and_benchmarks_adjclose.csv"
    )
    return run(script, "--prices", str(file), "--out", str(out))


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pictures")


def one_line(text: str) -> str:
    return " ".join(text.replace("\N{MINUS SIGN}", "-").split())


def test_every_block_of_figures_says_where_it_comes_from() -> None:
    fenced = [code for kind, code in FENCE.findall(PAGE) if kind == "text"]
    assert fenced == [block for _, _, block in BLOCKS]
    assert len(SCRIPTS) == 8


@pytest.mark.parametrize(("title", "script", "block"), BLOCKS)
def test_a_block_is_what_the_script_prints(
    title: str, script: str, block: str, data_folder: Path, out: Path
) -> None:
    text, at = printed(script, data_folder, out), 0
    for piece in block.split("[…]\n"):  # lines that are left out
        assert piece in text[at:] + "\n", (title, script)
        at = text.index(piece.rstrip("\n"), at)


@pytest.mark.parametrize("title", list(sections()))
def test_a_figure_of_the_prose_is_printed_by_a_script_of_its_section(
    title: str, data_folder: Path, out: Path
) -> None:
    section = sections()[title]
    named = set(re.findall(r"\b(\d\d_\w+)\.py\b", FENCE.sub("", section))) or SCRIPTS
    text = one_line(" ".join(printed(script, data_folder, out) for script in named))
    known = set(FIGURE.findall(text))
    known |= {figure.removesuffix(" %") for figure in known}
    said = set(FIGURE.findall(one_line(FENCE.sub("", section)))) - SUPPOSED
    assert said <= known, (title, said - known)


#: what the page says in other words than a number with decimals → what a script prints
SAYINGS = [
    ("44 deals of 12 miners on 39 dates", "02", "the 12 firms moved by +10.6 % on average over 44"),
    ("44 deals of 12 miners on 39 dates", "02", "44 events on 39 separate dates"),
    ("average reaction beyond ±1.12 %", "02", "only a move beyond ±1.12 %"),
    ("23 dates: −0.1 %", "02", "hyperscalers -0.1 % -1.2 % +1.0 % 0.888 262 23"),
    ("Of 21 deals without other news", "02", "own deals +11.3 % +2.6 % +20.0 % 0.014 21"),
    ("detectable from ±2.6 %", "02", "only a move beyond ±2.6 %"),
    ("34 events, each with its reason", "02", "484 events kept, 34 dropped"),
    ("interval of −7.3 % to +6.7 % (p = 0.99)", "01", "-7.3 % to +6.7 %, portfolio t); with"),
    ("interval of −7.3 % to +6.7 % (p = 0.99)", "01", "gives p = 0.99"),
    ("beyond ±7.1 % could have been told", "13", "only a move beyond ±7.1 % could"),
    ("the three with SPY alone have a median", "13", "8 negative (3 significantly)"),
    ("though even their intervals hold zero", "13", "In 3 of these the interval on returns holds"),
    ("a mean correlation of 0.43", "13", "mean correlation of residuals 0.43"),
    ("on 166 sessions without any news", "13", "each of 166 sessions without news, once"),
    ("have a median of −4.8 %", "13", "-4.8 % by MarketModel (SPY)"),
    ("from −8.52 % to +3.97 %, none of them", "13", "12 are positive (0 significantly at 5 %)"),
    ("from −8.52 % to +3.97 %, none of them", "13", "15 negative (0 significantly)"),
    ("with p < 0.001 if the miners of one day", "11", "pivoted 0.0191 0.00519 3.68 <0.001"),
    ("p = 0.019 with errors clustered by date", "11", "pivoted 0.0191 0.00775 2.46 0.019"),
    ("On 30 dates there were both kinds", "11", "difference on each of 30 dates"),
    ("The best of 34 entries and leavings", "05", "The best of 34 rules"),
    ("The three best trades made 103 %", "05", "three best trades made 103 % of the net profit"),
    ("Only 13 of the 48 holdings are over", "06", "13 of 48 holdings are over"),
    ("Counted as independent they have p = 0.004", "06", "gives p = 0.004 (holdings share days"),
    ("p = 0.125 by session and 0.85 by month", "06", "p = 0.125. Chance alone could have made it"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "number", "shown"), SAYINGS)
def test_a_saying_of_the_prose_is_what_the_script_shows(
    said: str, number: str, shown: str, data_folder: Path, out: Path
) -> None:
    assert one_line(said) in one_line(FENCE.sub("", PAGE))
    (script,) = (name for name in SCRIPTS if name.startswith(number))
    assert shown in one_line(printed(script, data_folder, out))


#: page, heading, script: text blocks there are the script's, paragraph by paragraph
ELSEWHERE = [
    ("trading", "The miners, traded", "05_trade_the_catalysts"),
    ("long_run", "The miners, a year after their deals", "06_long_run"),
    ("activity", "On real prices", "07_volume_and_overnight"),
]


@pytest.mark.parametrize(("page", "heading", "script"), ELSEWHERE)
def test_blocks_of_other_pages(
    page: str, heading: str, script: str, data_folder: Path, out: Path
) -> None:
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    section = re.split(r"^## ", text.split(f"## {heading}\n", 1)[1], flags=re.MULTILINE)[0]
    paragraphs = [p for _, code in FENCE.findall(section) for p in code.split("\n\n")]
    assert paragraphs
    shown = printed(script, data_folder, out)
    assert [p for p in paragraphs if p.rstrip("\n") not in shown] == []


def test_what_the_page_says_of_the_catalogue() -> None:
    every, page = es.catalysts.load(min_confidence="low"), one_line(PAGE)
    sure = every["confidence"].value_counts()
    assert f"{len(every)} items: the date of {sure['high']} was read on a page" in page
    assert f"{sure['medium']} rest on memory or inference, {sure['low']} are unsure" in page
    deals = es.catalysts.load(category="deal")
    deals = deals[deals["ticker"].isin(es.universe.MINERS)]
    with_results, with_a_sale = deals["own_earnings"].sum(), deals["concurrent_financing"].sum()
    assert f"Of the {len(deals)} own deals {with_results} came within a weekday" in page
    assert f"results and {with_a_sale} with a sale of securities" in page
    assert (deals["session"] == "unknown").sum() == 8
    assert "eight own deals have no known session" in page
    assert not deals["time_et"].notna().any()
    assert "No hour of a deal was seen" in page
    assert {deals["date"].min().strftime("%B %Y"), deals["date"].max().strftime("%B %Y")} == {
        "June 2024",
        "June 2026",
    }
    assert "a turn to AI; June 2024 to June 2026" in page


def test_what_the_page_says_of_the_prices(real_prices: Path, data_folder: Path) -> None:
    sessions = pd.read_csv(real_prices, index_col=0)["SPY"].dropna().index
    assert f"from {sessions[0]} to {sessions[-1]}" in one_line(PAGE)
    bars = pd.read_csv(data_folder / BARS, usecols=["date", "ticker"])
    assert f"Daily bars, to {bars['date'].max()}," in one_line(PAGE)
    assert set(es.universe.MINERS) - set(bars["ticker"]) == {"MARA", "GLXY"}


def test_the_picture_of_the_page_is_of_the_real_prices(real_prices: Path) -> None:
    figure = runpy.run_path(str(DOCS / "pictures_real.py"))["miners"](real_prices)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert "own deals (n = 44)" in titles
    assert "Yahoo's adjusted closes to 2026-07-31" in [text.get_text() for text in figure.texts]
