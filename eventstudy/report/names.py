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
    "contrasts": "contrast",
    "welch_t": "Welch's t",
    "welch_scar": "Welch's t of standardised returns",
    "mann_whitney": "Mann–Whitney",
    "dates_paired": "paired t across dates",
    "dates_welch": "Welch's t clustered by date",
    "adj_welch": "adjusted Welch's t",
}

#: tests whose estimate is a return; the others estimate a mean SCAR, a rank, a share …
_RETURNS = frozenset(
    (
        *("single_t", "ts_t", "independent_t", "portfolio_t", "csect_t", "skew_t"),
        *("boot_residual", "placebo_window", "permutation", "sq", "dates_csect", "adj_csect"),
        "dates_cluster",
        *("gls_mean", "contrasts", "wild_events", "wild_dates", "sign_flip_dates"),
        *("welch_t", "dates_paired", "dates_welch", "adj_welch"),
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
    "peers": "{its} peers",
    "benchmark": "{its} benchmark",
}
#: counterfactuals made of many donors: the list would hide the sentence
_DONORS = {"SyntheticControl": "{its} synthetic control", "ElasticNetModel": "{its} donors"}

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
    """Whether a test, by key or name, compares the return itself: its statistic is one, too.

    >>> is_return_itself("sq"), is_return_itself("placebo windows"), is_return_itself("bmp")
    (True, True, False)
    """
    keys = ("sq", "placebo_window")
    return test in {*keys, *map(name_of_test, keys)}


def joined(words: Sequence[str]) -> str:
    """List words as in a sentence.

    >>> joined(["size", "value", "momentum"])
    'size, value and momentum'
    """
    words = list(words)
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def beyond(model: str, factors: Sequence[str] = (), firms: int = 1) -> str:
    """Say what the abnormal return of so many firms is measured against, to be appended to a move.

    >>> beyond("FactorModel", ("SPY", "IBIT"))
    'beyond what the market and Bitcoin explain'
    >>> beyond("MarketModel(market='SPY')", ("market",))
    'beyond what the market explains'
    >>> beyond("FactorModel", ("SPY", "peers")), beyond("BenchmarkPortfolio", ("peers",), 2)
    ('beyond what the market and its peers explain', 'beyond the move of their peers')
    >>> beyond("FactorModel", ("peers",), 2)
    'beyond what their peers explain'
    >>> beyond("RawReturn")
    ''
    """
    kind = model.partition("(")[0].strip()
    if kind == "RawReturn":
        return ""
    if kind == "MeanAdjusted":
        return "beyond the usual daily return"
    its = "its" if firms <= 1 else "their"
    names = [_FACTORS.get(name, name).replace("{its}", its) for name in dict.fromkeys(factors)]
    names = list(dict.fromkeys(names))
    if kind in ("MarketAdjusted", "BenchmarkPortfolio"):
        return f"beyond the move of {joined(names) or 'the market'}"
    if kind in _DONORS:
        return f"beyond the move of {_DONORS[kind].format(its=its)}"
    if not names:
        return f"beyond what {kind} expects"
    one = len(names) == 1 and not names[0].endswith("peers")
    return f"beyond what {joined(names)} explain{'s' if one else ''}"


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
