"""What people call things: tests, factors, windows, kinds of samples."""

from __future__ import annotations

from collections.abc import Sequence

from eventstudy.windows import WindowLike, as_window

#: key of a test → what it is called in a sentence
TESTS: dict[str, str] = {
    "single_t": "t test of one event",
    "ts_t": "time-series t",
    "independent_t": "t of independent events",
    "portfolio_t": "portfolio t",
    "csect_t": "cross-sectional t",
    "adj_csect": "adjusted cross-sectional t",
    "patell": "Patell",
    "adj_patell": "adjusted Patell",
    "bmp": "BMP",
    "adj_bmp": "adjusted BMP",
    "skew_t": "skewness-adjusted t",
    "rank": "Corrado rank",
    "cumrank_t": "cumulated rank t",
    "rank_cz": "Corrado–Zivney rank",
    "grank_t": "generalised rank t",
    "grank_z": "generalised rank z",
    "sign": "sign",
    "gen_sign": "generalised sign",
    "corrado_sign": "Corrado–Zivney sign",
    "wilcoxon": "Wilcoxon signed-rank",
    "jackknife": "jackknife",
    "wild_events": "wild bootstrap over events",
    "wild_dates": "wild bootstrap over dates",
    "boot_residual": "residual bootstrap",
    "sign_flip_dates": "sign flips by date",
    "placebo_window": "placebo windows",
    "permutation": "permutation",
    "sq": "sample quantile, SQ",
    "dates_csect": "t across dates",
    "dates_cluster": "t clustered by date",
    "dates_bmp": "BMP across dates",
    "dates_patell": "Patell across dates",
    "sur_F": "joint F",
    "gls_mean": "GLS mean",
}

#: tests whose estimate is a return; the others estimate a mean SCAR, a rank, a share …
_RETURNS = frozenset(
    (
        *("single_t", "ts_t", "independent_t", "portfolio_t", "csect_t", "skew_t"),
        *("boot_residual", "placebo_window", "permutation", "sq", "dates_csect", "adj_csect"),
        "dates_cluster",
        "gls_mean",
    )
)

_FACTORS = {
    "market": "the market",
    "SPY": "the market",
    "Mkt-RF": "the market",
    "IBIT": "Bitcoin",
    "BTC-USD": "Bitcoin",
    "bitcoin": "Bitcoin",
    "sector": "the sector",
    "SMB": "size",
    "HML": "value",
    "RMW": "profitability",
    "CMA": "investment",
    "Mom": "momentum",
}

_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)


def name_of_test(key: str) -> str:
    """Return what a test is called; an unknown key (a user's own test) stays as it is.

    >>> name_of_test("adj_bmp"), name_of_test("my_test")
    ('adjusted BMP', 'my_test')
    """
    return TESTS.get(key, key)


def is_return(test: str) -> bool:
    """Whether the estimate of a test is a return, to be written as a percentage.

    >>> is_return("portfolio_t"), is_return("gen_sign")
    (True, False)
    """
    return test in _RETURNS


def is_return_itself(test: str) -> bool:
    """Whether a test compares the return itself: its statistic is a return, too.

    >>> is_return_itself("sq"), is_return_itself("portfolio_t")
    (True, False)
    """
    return test == "sq"


def joined(words: Sequence[str]) -> str:
    """List words as in a sentence.

    >>> joined(["size", "value", "momentum"])
    'size, value and momentum'
    """
    words = list(words)
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def beyond(model: str, factors: Sequence[str] = ()) -> str:
    """Say what the abnormal return is measured against, to be appended to a move.

    >>> beyond("FactorModel", ("SPY", "IBIT"))
    'beyond what the market and Bitcoin explain'
    >>> beyond("MarketModel(market='SPY')", ("market",))
    'beyond what the market explains'
    >>> beyond("RawReturn")
    ''
    """
    kind = model.partition("(")[0].strip()
    if kind == "RawReturn":
        return ""
    if kind == "MeanAdjusted":
        return "beyond the usual daily return"
    names = list(dict.fromkeys(_FACTORS.get(name, name) for name in factors))
    if kind == "MarketAdjusted":
        return f"beyond the move of {joined(names) or 'the market'}"
    if not names:
        return f"beyond what {kind} expects"
    return f"beyond what {joined(names)} explain{'s' if len(names) == 1 else ''}"


def when(window: WindowLike) -> str:
    """Say a window in words, to begin a sentence.

    >>> when("[0,0]"), when("[-1,+1]")
    ('On the event day (day 0)', 'From one trading day before to one after the event')
    >>> when("[0,+5]")
    'From the event day to five trading days after it'
    """
    w = as_window(window)
    if w.first == w.last:
        if w.first == 0:
            return "On the event day (day 0)"
        return f"{_days(abs(w.first)).capitalize()} {_side(w.first)} the event"
    if w.first == 0:
        return f"From the event day to {_days(w.last)} after it"
    if w.last == 0:
        return f"From {_days(-w.first)} before the event to the event day"
    if (w.first < 0) == (w.last < 0):
        return f"From {_word(abs(w.first))} to {_days(abs(w.last))} {_side(w.first)} the event"
    return f"From {_days(-w.first)} before to {_word(w.last)} after the event"


def _word(n: int) -> str:
    return _SMALL[n] if n < len(_SMALL) else str(n)


def _days(n: int) -> str:
    return f"{_word(n)} trading day{'s' if n != 1 else ''}"


def _side(day: int) -> str:
    return "before" if day < 0 else "after"
