"""The file of a ticker: its own on every disk, and always inside the folder."""

from __future__ import annotations

from pathlib import Path, PureWindowsPath
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eventstudy.loaders._cache_names import DEVICES, ENDING, LONGEST, file_name

NASTY = [
    "../../x",
    "^GSPC",
    "BRK.B",
    "brk.b",
    "CON",
    "con",
    "NUL",
    "A/B",
    "A\\B",
    "\0",
    ".",
    "..",
    "=",
    "%43ON",
    "A" * 300,
    "Ä",
    "ä",
    "ẞ",
    "ß",
    "ﬁ",
    "\ud800",
    "C:\\x",
    "~",
    " A",
    "A ",
    "A.parquet",
]
tickers = st.one_of(
    st.text(min_size=1, max_size=300),
    st.sampled_from(NASTY),
    st.sampled_from(NASTY).map(str.swapcase),
    st.text("ABab%.=/", min_size=1, max_size=140),
)  # fmt: skip


@pytest.mark.parametrize(
    ("ticker", "name"),
    [
        ("AAPL", "AAPL"),
        ("BTC-USD", "BTC-USD"),
        ("^GSPC", "%5EGSPC"),
        ("BRK.B", "BRK%2EB"),
        ("brk.b", "%62%72%6B%2E%62"),
        ("../../X", "%2E%2E%2F%2E%2E%2FX"),
        ("CON", "%43ON"),
        ("COM1", "%43OM1"),
        ("COMMON", "COMMON"),
        ("%43ON", "%2543ON"),
        ("A\0", "A%00"),
        ("Ä", "%C3%84"),
        ("\ud800", "%ED%A0%80"),
    ],
)
def test_names(ticker: str, name: str) -> None:
    assert file_name(ticker) == name + ENDING


@given(tickers)
@example("CON")
@example("A" * LONGEST)
@example("A" * (LONGEST + 1))
def test_a_name_is_plain_short_and_inside(ticker: str) -> None:
    name = file_name(ticker)
    stem = name.removesuffix(ENDING)
    assert stem
    assert stem.isascii()
    assert stem == stem.upper()  # so that no disk takes two names for one
    assert len(stem) <= LONGEST
    assert stem.upper() not in DEVICES
    assert not set(stem) - set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_%=")
    for path in (Path("folder", name), PureWindowsPath("folder", name)):
        assert path.parent == type(path)("folder")
        assert path.name == name


@given(tickers)
def test_a_name_gives_the_ticker_back(ticker: str) -> None:
    stem = file_name(ticker).removesuffix(ENDING)
    if "=" not in stem:
        assert unquote(stem, errors="surrogatepass") == ticker


@given(tickers, tickers)
@example("brk.b", "BRK.B")
@example("CON", "%43ON")
@example("A" * 200, "A" * 201)
@example("a" * 200, "A" * 200)
def test_two_tickers_never_share_a_name(one: str, other: str) -> None:
    assert (file_name(one) == file_name(other)) == (one == other)


def test_a_long_name_cannot_be_that_of_a_short_one() -> None:
    long = file_name("A" * 300)
    assert long.count("=") == 1
    assert file_name(long.removesuffix(ENDING)) != long
