"""Every sentence with which the library refuses an input, word for word.

The table holds the sentences about windows, options, models, studies, results and the command
line. Those about events, panels, catalysts, loaders and tests stand in the tests of these
parts; the last test here looks whether they do.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import importlib
import inspect
import io
import pickle
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy import errors
from eventstudy.cli import main
from eventstudy.errors import EventStudyError

HERE = Path(__file__)
DAYS = pd.bdate_range("2025-01-01", periods=300)
FRAME = pd.DataFrame(
    np.random.default_rng(7).normal(0, 0.01, (300, 3)), DAYS, ["IREN", "HUT", "SPY"]
)
EVENTS = pd.DataFrame(
    {
        "event_id": ["a", "b", "c"],
        "ticker": ["IREN", "HUT", "IREN"],
        "date": DAYS[[280, 280, 285]],
        "usd": [1.0, 2.0, 3.0],
        "category": ["deal", "deal", "capex"],
    }
)

NO_AXES: Any = []


@functools.cache
def panel() -> es.Panel:
    return es.Panel.from_returns(FRAME, market="SPY")


@functools.cache
def result() -> es.Result:
    return es.EventStudy().run(EVENTS, panel())


def run(table: pd.DataFrame = EVENTS, data: Any = None, **options: Any) -> es.Result:
    return es.EventStudy(**options).run(table, panel() if data is None else data)


def load(loader: Any) -> es.Panel:
    return es.EventStudy().load(EVENTS, loader, market="SPY")


def nobody(tickers: list[str], start: object, end: object) -> pd.DataFrame:
    """A loader that finds nothing."""
    return pd.DataFrame()


def without(module: str, act: Callable[[], object]) -> object:
    """Do something where a package is not installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, module, None)
        return act()


class Answer:
    """A model that gives whatever it is told to give."""

    needs = ("market",)

    def __init__(self, answer: Callable[[es.Block], Any]) -> None:
        self.fit = answer


def narrow(block: es.Block) -> es.Fit:
    return replace(es.MarketModel().fit(block), sigma=np.zeros((1, 1)))


def renamed(block: es.Block) -> es.Fit:
    """Parameters that bear the number of their date."""
    return replace(es.MarketModel().fit(block), names=("alpha", f"a{block.rows[-1]}"))


class Named(Answer):
    """A model with other needs."""

    def __init__(self, needs: Any) -> None:
        super().__init__(narrow)
        self.needs = needs


def silent() -> es.Result:
    """A study of firms that do not trade on day 0."""
    frame = FRAME.copy()
    frame.loc[frame.index[280], ["IREN", "HUT"]] = np.nan
    return run(EVENTS.iloc[:2], es.Panel.from_returns(frame, market="SPY"))


def typed(*arguments: str) -> None:
    """Raise what the command line says."""
    stderr = io.StringIO()
    with contextlib.redirect_stderr(stderr):
        code = main([*arguments])
    assert code == 2
    raise EventStudyError(stderr.getvalue().removeprefix("eventstudy: ").rstrip("\n"))


def typed_run(*more: str) -> None:
    typed("run", "--events", "events.csv", "--out", "out", *more)


def refuse(error: Exception) -> None:
    """Raise what the parser of the command line prints itself (tests/unit/test_cli_help.py)."""
    raise error


TABLE: dict[str, tuple[Callable[[], object], str]] = {
    # ── windows
    "window_malformed": (
        lambda: result().car((-1.5, 1)),  # type: ignore[arg-type]  # what is refused
        ("(-1.5, 1) is not a window; give (first, last) in trading days around day 0, as in "
        "(-1, 1), or one day as an integer."),
    ),
    "window_backwards": (
        lambda: result().car((1, -1)),
        "The window (1, -1) ends before it begins; give (-1, 1).",
    ),
    "window_outside": (
        lambda: result().caar((-1, 20)),
        ("[-1,+20] is not inside the event window [-10,+10]; widen `window=` of the study or ask "
        "for fewer days."),
    ),
    "estimation_reaches_event": (
        lambda: es.EventStudy(estimation=(-100, -5)),
        ("The estimation window [-100,-5] reaches into the event window [-10,+10]; end it at -11 "
        "or earlier."),
    ),
    "interval_meets_event": (
        lambda: es.EventStudy(estimation=[(-100, -11), (5, 40)]),
        ("The estimation interval [+5,+40] meets the event window [-10,+10]; end it before the "
        "event window or begin it after."),
    ),
    "intervals_overlap": (
        lambda: es.EventStudy(estimation=[(-100, -11), (-20, -15)]),
        ("The estimation intervals [-100,-11] and [-20,-15] overlap; give intervals without "
        "common days."),
    ),
    # ── options
    "unknown_option": (
        lambda: es.EventStudy(missing="skp"),
        "missing='skp' is not known; choose one of 'drop', 'skip', 'zero'. Did you mean 'skip'?",
    ),
    # ── models and engine
    "no_risk_free": (
        lambda: run(model=es.FamaFrench3()),
        ("FamaFrench3 explains returns in excess of the risk-free rate, and the panel has none; "
        "give `risk_free=` to the Panel."),
    ),
    "empty_model": (
        lambda: es.FactorModel((), alpha=False),
        "FactorModel got no factor and no intercept; name a factor, or use RawReturn().",
    ),
    "factor_twice": (
        lambda: es.FactorModel(("SPY", "IBIT", "SPY")),
        "FactorModel got a factor twice: SPY, IBIT, SPY; name each once.",
    ),
    "garch_needs_arch": (
        lambda: without("arch.univariate", lambda: run(model=es.GarchMarketModel())),
        ("GarchMarketModel needs the package `arch`; run pip "
        'install arch.'),
    ),
    "wrong_shape": (
        lambda: run(model=Answer(narrow)),
        ("Answer.fit gave `sigma` with shape (1, 1) where (2,) was needed; see eventstudy.Fit for "
        "the shapes."),
    ),
    "not_a_fit": (
        lambda: run(model=Answer(lambda block: block.returns)),
        "Answer.fit gave a ndarray; it must return an eventstudy.Fit.",
    ),
    "parameters_renamed": (
        lambda: run(model=Answer(renamed)),
        ("Answer.fit named its parameters (alpha, a290) on one date and (alpha, a295) on another; "
        "all dates must have the same."),
    ),
    # ── study and result
    "nothing_to_draw": (
        lambda: silent().plot_bars((0, 0)),
        "`bars` is empty, so there is nothing to draw; give at least one row.",
    ),
    "not_an_axes": (
        lambda: result().plot(ax=NO_AXES),
        (
            "`ax` has to be one matplotlib Axes, and it is a list; give one, such as axes[0], or "
            "leave it out for a figure of its own."
        ),
    ),
    "negative_shift": (
        lambda: es.Timing(max_shift=-1),
        "max_shift=-1 is not a number of calendar days; give 0 or more.",
    ),
    "no_market": (
        lambda: run(data=es.Panel.from_returns(FRAME)),
        "MarketModel needs a market and the panel has none; give `market=` to the Panel.",
    ),
    "duplicate_event": (
        lambda: run(pd.concat([EVENTS, EVENTS[:1].assign(event_id="d")]),
                    timing=es.Timing(duplicates="raise")),
        ("Events 'a' and 'd' share ticker IREN and day 0; remove one, or use "
        "Timing(duplicates='first') or Timing(duplicates='keep')."),
    ),
    "not_a_session": (
        lambda: run(EVENTS.assign(date=DAYS[280] + pd.offsets.Week(weekday=5)),
                    timing=es.Timing(roll="raise")),
        ("Event 'a' of IREN falls on 2026-01-31, which is not a session (and 2 more); use "
        "Timing(roll='forward') to take the next one."),
    ),
    "not_a_model": (
        lambda: es.EventStudy(model="MarketModel"),  # type: ignore[arg-type]  # what is refused
        ("model='MarketModel' is not a model; give an object with `needs` and `fit(block)`, such "
        "as es.MarketModel()."),
    ),
    "model_is_a_class": (
        lambda: es.EventStudy(model=es.CAPM),  # type: ignore[arg-type]  # what is refused
        "model=CAPM is a class; give an instance: model=CAPM().",
    ),
    "needs_unreadable": (
        lambda: es.EventStudy(model=Named("market")),
        "Named.needs is 'market'; give a tuple of names of factors, such as ('market',).",
    ),
    "not_a_timing": (
        lambda: es.EventStudy(timing="keep"),  # type: ignore[arg-type]  # what is refused
        "timing='keep' is not a Timing; give an instance such as es.Timing(duplicates='keep').",
    ),
    "not_a_panel": (
        lambda: run(data=FRAME),
        "panel is a DataFrame; make one with es.Panel.from_prices(prices, market=...).",
    ),
    "min_obs_out_of_range": (
        lambda: es.EventStudy(min_obs=300),
        ("min_obs=300 does not fit an estimation window of 240 days; give a whole number from 1 "
        "to 240."),
    ),
    "estimation_too_short": (
        lambda: es.EventStudy(model=es.Carhart4(), estimation=(-19, -11)),
        "The estimation window has 9 days and Carhart4 needs at least 10; begin it earlier.",
    ),
    "nothing_left": (
        lambda: run(EVENTS.assign(ticker=["MARA", "MARA", "IREN"], date=DAYS[[280, 280, 0]])),
        ("Every event was dropped: 2 × unknown_ticker; 1 × before_data. The first: MARA "
        "2026-01-28, no prices for MARA."),
    ),
    "unknown_test_option": (
        lambda: result().test("bmp", (0, 0), alternativ="less"),
        "bmp has no option 'alternativ'; it has alternative, ref. Did you mean 'alternative'?",
    ),
    "test_option_missing": (
        lambda: result().tests((0, 0), names=["bmp", "contrasts"]),
        ("contrasts cannot be asked without `weights`; ask it alone, as in "
        "result.test('contrasts', window, weights=...)."),
    ),
    "no_such_group": (
        lambda: result().by("categories"),
        ("The events have no column 'categories'; they have ticker, date, session, scheduled, usd, "
        "category. Did you mean 'category'?"),
    ),
    "bad_mask": (
        lambda: result().where([True, False]),
        ("The mask has 2 entries for 3 events; give one truth value an event, in the order of "
        "result.events or with its index."),
    ),
    "labels_of_other_events": (
        lambda: result().by(np.array(["deal", "capex"])),
        ("2 labels came for 3 events; give one label an event, in the order of result.events, or "
        "the name of a column."),
    ),
    "mask_not_truth": (
        lambda: result().where([0, 1, 2]),
        ("The mask holds integer values; give one truth value an event, as in "
        "result.where(result.events['usd'] > 1e9)."),
    ),
    "no_such_part": (
        lambda: result().by("category")["deals"],
        "There is no group 'deals'; the groups are capex, deal. Did you mean 'deal'?",
    ),
    "bad_bins": (
        lambda: result().by("usd", bins=1),
        ("bins=1 cuts numbers into 2 or more groups, and the column is of type float64; leave bins "
        "out to group by value."),
    ),
    "empty_selection": (
        lambda: result().where(result().events["usd"] > 9),
        "The mask selects no event; choose at least one.",
    ),
    "not_a_loader": (
        lambda: load("yahoo"),
        ("loader='yahoo' cannot be called; give a loader such as es.loaders.sample or "
        "es.loaders.csv(path), or a function of (tickers, start, end)."),
    ),
    "load_without_series": (
        lambda: load(lambda *_: FRAME[["IREN", "HUT"]].add(10.0)),
        ("The loader gave no price of SPY, which the study needs as market or factor; "
        "check the name."),
    ),
    "load_without_start": (
        lambda: load(nobody),
        "nobody gave no prices; check the tickers and the dates of the events.",
    ),
    # ── command line
    "no_such_command": (
        lambda: refuse(errors.no_such_command("prewiev", ["run", "preview"])),
        "'prewiev' is no command; there are run, preview. Did you mean 'preview'?",
    ),
    "no_such_option": (
        lambda: refuse(errors.no_such_option("--evnets", "run", ["--events", "--out"])),
        ("`eventstudy run` has no option --evnets. Did you mean '--events'? "
        "`eventstudy run --help` lists all."),
    ),
    "no_such_prices": (
        lambda: typed_run("--prices", "prices.csv"),
        ("--prices prices.csv: there is no such file or folder; give a CSV or Parquet file of "
        "prices, `yahoo`, or `sample` for simulated ones."),
    ),
    "no_such_file": (
        lambda: typed("run", "--events", "none.csv", "--prices", "sample", "--out", "out"),
        "--events none.csv: there is no such file; check the path.",
    ),
    "offline_without_cache": (
        lambda: typed_run("--prices", "yahoo", "--no-cache", "--offline"),
        ("--offline uses prices that were kept, and none are kept here; name their folder with "
        "--cache DIR."),
    ),
    "one_window_only": (
        lambda: typed(
            *("preview", "--prices", "sample", "--market", "SPY"),
            *("--car", "0:1,0:2", "--out", "out"),
        ),
        "`preview` looks at one window and --car names 2; give one of them.",
    ),
    "path_unusable": (
        lambda: typed("demo", "--out", "events.csv"),
        "events.csv cannot be used (File exists); name another file or folder.",
    ),
    "events_left_out": (
        lambda: typed("calibrate", "--prices", "events.csv", "--out", "out"),
        "--events is needed with prices of your own; only `--prices sample` brings events.",
    ),
    "model_without_market": (
        lambda: typed("detect", "--prices", "sample", "--out", "out"),
        "MarketModel needs a market; name its ticker, as in --market SPY.",
    ),
    "model_without_factors": (
        lambda: typed_run("--prices", "sample", "--model", "FactorModel"),
        (
            "--model FactorModel needs `--factors`, as in --factors SPY,IBIT; in --models write "
            "FactorModel:SPY+IBIT."
        ),
    ),
    "factors_without_use": (
        lambda: typed_run("--prices", "sample", "--model", "CAPM", "--factors", "SPY"),
        ("--factors goes with models that take names, such as FactorModel, not with CAPM, whose "
        "factors are fixed."),
    ),
    "model_without_donors": (
        lambda: typed_run("--prices", "sample", "--model", "SyntheticControl"),
        ("--model SyntheticControl needs donors, tickers without events, as `--factors`: "
        "--factors A,B,C."),
    ),
    "model_needs_python": (
        lambda: typed_run("--prices", "sample", "--model", "BenchmarkPortfolio"),
        ("--model BenchmarkPortfolio needs a benchmark for each ticker, which the command line "
        "cannot say; use es.BenchmarkPortfolio(...) in Python."),
    ),
}  # fmt: skip


@pytest.fixture
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty folder with a file of events."""
    import matplotlib.pyplot as plt

    monkeypatch.chdir(tmp_path)
    EVENTS.to_csv("events.csv", index=False)
    yield
    plt.close("all")


@pytest.mark.usefixtures("_folder")
@pytest.mark.parametrize("name", TABLE)
def test_the_sentence(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    call, sentence = TABLE[name]
    make, made = getattr(errors, name), []

    def noted(*args: Any, **kwargs: Any) -> EventStudyError:
        made.append(make(*args, **kwargs))
        error: EventStudyError = made[-1]
        return error

    monkeypatch.setattr(errors, name, noted)
    with pytest.raises(EventStudyError) as caught:
        call()
    assert str(caught.value) == sentence
    assert [str(error) for error in made] == [sentence]


# ── all of them ──────────────────────────────────────────────────────────────────────────
def makers() -> dict[str, Callable[..., EventStudyError]]:
    """Name → function, of all that make a sentence."""
    kinds = {
        name
        for name, kind in vars(errors).items()
        if inspect.isclass(kind) and issubclass(kind, EventStudyError)
    }
    return {
        name: function
        for name, function in inspect.getmembers(errors, inspect.isfunction)
        if function.__annotations__.get("return") in kinds
    }


def literals(function: Callable[..., Any]) -> list[str]:
    """What a sentence says between the values put into it: its longer pieces."""
    body = ast.parse(inspect.getsource(function)).body[0]
    assert isinstance(body, ast.FunctionDef)
    statements = body.body[1:] if ast.get_docstring(body) else body.body
    found = [
        node.value
        for statement in statements
        for node in ast.walk(statement)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return [text for text in found if len(text.split()) >= 3]


@functools.cache
def asserted() -> str:
    """All texts of all tests, as Python reads them: pieces on several lines are one."""
    texts: list[str] = []
    for path in sorted(HERE.parents[1].rglob("test_*.py")):
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        constants = [node.value for node in nodes if isinstance(node, ast.Constant)]
        texts += [value for value in constants if isinstance(value, str)]
    return "\n".join(texts)


def section_of(name: str) -> str:
    """The file in which a function stands."""
    return Path(inspect.getfile(getattr(errors, name))).stem


MINE = ("windows", "options", "models", "studies", "command_line")
FOLDER = Path(errors.__file__).parent


@pytest.mark.parametrize("file", [file for file in FOLDER.glob("*.py") if file.stem != "__init__"])
def test_every_sentence_is_asked_for_under_its_name(file: Path) -> None:
    """What stands in a file of `eventstudy/errors/` is in both lists of its `__init__.py`."""
    told = ast.parse((FOLDER / "__init__.py").read_text(encoding="utf-8")).body
    home = f"eventstudy.errors.{file.stem}"
    imports = [node for node in told if isinstance(node, ast.ImportFrom) and node.module == home]
    imported = {alias.name for node in imports for alias in node.names}
    module = importlib.import_module(home)
    made = {
        name
        for name, thing in vars(module).items()
        if (inspect.isfunction(thing) and thing.__module__ == home)
        or (inspect.isclass(thing) and file.stem == "kinds" and issubclass(thing, EventStudyError))
    }
    own = {name for name in made if not name.startswith("_")} - {"by_status", "kind_of"}
    assert imported == own
    assert own <= set(errors.__all__)
    assert all(getattr(errors, name) is getattr(module, name) for name in own)


def test_an_error_is_named_after_the_place_that_it_is_imported_from() -> None:
    kinds = [vars(errors)[name] for name in errors.__all__ if name[0].isupper()]
    assert len(kinds) >= 9
    for kind in kinds:
        assert f"{kind.__module__}.{kind.__qualname__}" == f"eventstudy.errors.{kind.__name__}"
    sent = pickle.loads(pickle.dumps(errors.unknown_option("x", 1, (2,))))  # noqa: S301  (our own)
    assert type(sent) is errors.OptionError


def test_the_table_holds_its_sections() -> None:
    assert {name for name in makers() if section_of(name) in MINE} == set(TABLE)


@pytest.mark.parametrize("name", [name for name in makers() if name not in TABLE])
def test_the_sentences_of_other_sections_are_asserted(name: str) -> None:
    """Panels: a test of their own provokes each. The others: every piece stands in a test."""
    if section_of(name) in ("panel", "series"):
        assert name.startswith("panel_")
        assert "test_every_sentence_of_the_panel_is_asserted" in (
            HERE.parent / "test_panel_refusals.py"
        ).read_text(encoding="utf-8")
        return
    pieces = literals(makers()[name])
    assert pieces
    missing = [piece for piece in pieces if piece.strip("() ") not in asserted()]
    assert missing == []


@pytest.mark.parametrize("name", makers())
def test_a_sentence_stays_on_its_line(name: str) -> None:
    for piece in literals(makers()[name]):
        assert "\n" not in piece
        assert "  " not in piece


def test_every_error_is_a_value_error_of_the_library() -> None:
    assert issubclass(EventStudyError, ValueError)
    kinds = {function.__annotations__["return"] for function in makers().values()}
    for kind in kinds:
        assert issubclass(getattr(errors, kind), EventStudyError)
    assert len(kinds) >= 7


def test_near_names_are_offered_and_far_ones_not() -> None:
    assert errors.did_you_mean("MarketModl", ["CAPM", "MarketModel"]) == (
        " Did you mean 'MarketModel'?"
    )
    assert errors.did_you_mean("xyz", ["CAPM", "MarketModel"]) == ""
    assert errors.did_you_mean("iren", ["IRE", "IREN"]) == " Did you mean 'IREN'?"


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", 1, None], "a, 1, None"),
        (list("abcdefg"), "a, b, c, d, e and 2 more"),
    ],
)
def test_lists_are_short(names: list[object], text: str) -> None:
    assert errors.listed(names) == text
