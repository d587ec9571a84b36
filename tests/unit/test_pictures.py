"""Every picture keeps one contract, and those of single events show what their tables hold."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection, QuadMesh
from matplotlib.colors import to_hex
from picture_world import DAYS, HOSTILE, TICKERS, drawn_by, events, panel, result, study

import eventstudy
import eventstudy as es
from eventstudy.errors import OptionError
from eventstudy.report import draw_cars, draw_days, draw_specifications, draw_timeline
from eventstudy.report.drawing import DOWN, UP
from eventstudy.report.panels import split
from eventstudy.result.drawn import cars, timeline
from eventstudy.result.pictures import given
from eventstudy.windows import Window

mpl.use("Agg")
CHOICES: dict[str, Any] = {"estimation": [(-120, -11), (-200, -11)], "window": [(0, 0), (-1, 1)]}
#: what a picture must be told, beside the usual
ASKED = {"plot_vary": CHOICES}


def methods() -> list[tuple[str, str]]:
    """(class, method) of every public picture; those that only refuse are none."""
    found = []
    for module in pkgutil.walk_packages(eventstudy.__path__, "eventstudy."):
        if module.name.endswith("__main__"):
            continue
        for name, held in vars(importlib.import_module(module.name)).items():
            if inspect.isclass(held) and held.__module__ == module.name and name[0] != "_":
                found += [(name, key) for key in vars(held) if key.startswith("plot")]
    return sorted(set(found) - {("Activity", "plot_vary")})


PICTURES = methods()


@pytest.fixture(autouse=True)
def _nothing_is_shown_and_no_setting_stays(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    import matplotlib.pyplot as plt

    monkeypatch.setattr(plt, "show", lambda *_, **__: pytest.fail("a picture was shown"))
    plt.close("all")
    before = dict(mpl.rcParams)
    yield
    assert dict(mpl.rcParams) == before
    plt.close("all")


def first(found: object) -> Axes:
    """The Axes that a picture returned, or the first of several."""
    ax = found.flat[0] if isinstance(found, np.ndarray) else found
    assert isinstance(ax, Axes)
    return ax


def drawn(ax: Axes) -> Axes:
    """Draw, so that layout, ticks and texts are made (and warn if they must)."""
    ax.figure.canvas.draw()
    return ax


def many(rows: int) -> pd.DataFrame:
    """CARs of many events: half-widths 0.05, so that those beyond it exclude zero."""
    rng = np.random.default_rng(rows)
    estimate = rng.normal(0, 0.04, rows)
    numbers = {"estimate": estimate, "low": estimate - 0.05, "high": estimate + 0.05}
    day0 = pd.Timestamp("2026-01-05") + pd.to_timedelta(rng.integers(0, 300, rows), "D")
    return pd.DataFrame({"ticker": [f"T{k}" for k in range(rows)], "day0": day0, **numbers})


# ── the contract of all pictures ─────────────────────────────────────────────────────────
def test_there_are_the_pictures_that_the_pages_promise() -> None:
    of_result = {method for name, method in PICTURES if name == "Result"}
    assert of_result >= {"plot", "plot_bars", "plot_cars", "plot_heatmap", "plot_timeline"}
    assert len(PICTURES) >= 19


@pytest.mark.parametrize(("name", "method"), PICTURES)
def test_every_picture_takes_ax_and_title(name: str, method: str) -> None:
    call = inspect.signature(getattr(drawn_by(name), method))
    assert call.parameters["ax"].default is None
    title = call.parameters["title"]
    assert title.default is None
    assert title.kind is inspect.Parameter.KEYWORD_ONLY


@pytest.mark.parametrize(("name", "method"), PICTURES)
def test_every_picture_draws_into_the_given_ax(name: str, method: str) -> None:
    import matplotlib.pyplot as plt

    thing = drawn_by(name)
    figure, (left, right) = plt.subplots(1, 2, figsize=(16, 7), layout="constrained")
    found = getattr(thing, method)(ax=right, title=HOSTILE, **ASKED.get(method, {}))
    assert first(found) is right
    assert plt.get_fignums() == [figure.number]
    assert len(left.get_children()) == len(plt.figure().add_subplot().get_children())
    drawn(right)
    assert HOSTILE[:12].replace("$", r"\$") in right.get_title(loc="left")
    beside = left.get_position().x1
    assert all(ax.get_position().x0 > beside for ax in figure.axes if ax is not left)


@pytest.mark.parametrize(("name", "method"), PICTURES)
def test_every_picture_makes_a_figure_of_its_own(name: str, method: str) -> None:
    import matplotlib.pyplot as plt

    before = mpl.get_backend()
    ax = first(getattr(drawn_by(name), method)(**ASKED.get(method, {})))
    assert plt.get_fignums() == [ax.get_figure(root=True).number]  # type: ignore[union-attr]  # it has one
    assert mpl.get_backend() == before
    for one in drawn(ax).figure.axes:
        numbers = [*one.get_xticklabels(), *one.get_yticklabels()]
        assert not [text for text in numbers if "\N{MINUS SIGN}" in text.get_text()]


@pytest.mark.parametrize(("name", "method"), PICTURES)
def test_every_picture_fits_a_column_of_a_journal(name: str, method: str) -> None:
    """3.4 inches: the layout holds, and numbers below do not touch."""
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(3.4, 7.0), layout="constrained")
    getattr(drawn_by(name), method)(ax=ax, **ASKED.get(method, {}))
    drawn(ax)
    for one in figure.axes:
        labels = [text for text in one.get_xticklabels() if text.get_text()]
        low, high = one.bbox.x0 - 1, one.bbox.x1 + 1
        boxes = [text.get_window_extent() for text in labels if text.get_visible()]
        seen = sorted((b.x0, b.x1) for b in boxes if low <= 0.5 * (b.x0 + b.x1) <= high)
        assert all(a[1] <= b[0] for a, b in pairwise(seen))
        title = one.title if one.get_title() else one._left_title  # type: ignore[attr-defined]  # no getter of the artist
        assert title.get_window_extent().x1 <= 1.12 * figure.bbox.x1


@pytest.mark.parametrize("name", ["pdf", "svg"])
@pytest.mark.parametrize("method", ["plot_cars", "plot_heatmap", "plot_timeline", "plot_bars"])
def test_pictures_are_written_as_vectors(name: str, method: str, tmp_path: Any) -> None:
    target = tmp_path / f"picture.{name}"
    getattr(result(), method)().figure.savefig(target)
    assert 2_000 < target.stat().st_size < 300_000


@pytest.mark.parametrize("method", ["plot", "plot_cars", "plot_heatmap", "plot_timeline"])
def test_activity_is_drawn_in_its_own_words(method: str) -> None:
    found = drawn_by("Activity")
    ax = drawn(getattr(found, method)())
    words = " ".join([ax.get_title(loc="left"), ax.get_xlabel(), ax.get_ylabel()]).lower()
    if method != "plot_timeline":
        assert "log volume" in words
    ticks = [text.get_text() for one in ax.figure.axes for text in one.get_xticklabels()]
    assert not any("%" in tick for tick in ticks)


def test_activity_refuses_another_specification() -> None:
    with pytest.raises(OptionError) as refused:
        drawn_by("Activity").plot_vary()
    assert str(refused.value) == (
        "`plot_vary` is about returns, and these numbers are abnormal log volume: ask the result "
        "of `EventStudy.run` for it."
    )


@pytest.mark.parametrize("method", ["plot_cars", "plot_heatmap", "plot_timeline"])
def test_sums_cannot_show_single_events(method: str) -> None:
    kept = study().run(events(), panel(), store="aggregate")
    with pytest.raises(OptionError) as refused:
        getattr(kept, method)()
    assert str(refused.value) == (
        f"store=\"aggregate\" keeps sums over the events, and '{method}' needs each of them; run "
        f'with store="car" or "full".'
    )


@pytest.mark.parametrize(("name", "method"), PICTURES)
def test_every_picture_refuses_what_is_not_one_axes(name: str, method: str) -> None:
    import matplotlib.pyplot as plt

    draw, asked = getattr(drawn_by(name), method), ASKED.get(method, {})
    figure, axes = plt.subplots(1, 2)
    said = (
        "`ax` has to be one matplotlib Axes, and it is {}; give one, such as axes[0], or leave it "
        "out for a figure of its own."
    )
    for wrong, what in ((axes, "2 of them"), (figure, "a Figure"), ((0, 1), "2 of them")):
        with pytest.raises(OptionError) as refused:
            draw(ax=wrong, **asked)
        assert str(refused.value) == said.format(what)


# ── several pictures in the place of one ─────────────────────────────────────────────────
@pytest.mark.parametrize("placed", ["subplots", "by hand", "inset"])
def test_panels_keep_the_place_of_the_one_that_was_split(placed: str) -> None:
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(6, 4))
    make: dict[str, Callable[[], Axes]] = {
        "subplots": lambda: figure.add_subplot(1, 2, 2),
        "by hand": lambda: figure.add_axes((0.5, 0.1, 0.4, 0.8)),
        "inset": lambda: figure.add_subplot().inset_axes((0.3, 0.3, 0.6, 0.6)),
    }
    ax = make[placed]()
    before = ax.get_position()
    upper, lower = split(ax, 2, heights=(3, 1), share="x")
    assert upper is ax
    figure.canvas.draw()
    boxes = [upper.get_position(), lower.get_position()]
    np.testing.assert_allclose([b.x0 for b in boxes], before.x0)
    np.testing.assert_allclose([b.x1 for b in boxes], before.x1)
    np.testing.assert_allclose([boxes[0].y1, boxes[1].y0], [before.y1, before.y0])
    assert boxes[0].height == pytest.approx(3 * boxes[1].height)
    upper.set_xlim(3, 4)
    assert lower.get_xlim() == (3, 4)


def test_panels_stay_in_a_subfigure() -> None:
    import matplotlib.pyplot as plt

    both: Any = plt.figure(figsize=(14, 6), layout="constrained").subfigures(1, 2)
    left, right = both
    left.add_subplot()
    drawn_by("Curve").plot(right.add_subplot())
    assert (len(left.axes), len(right.axes)) == (1, 2)


# ── CARs of the events ───────────────────────────────────────────────────────────────────
def test_the_cars_are_those_of_the_tests_of_one_event() -> None:
    found = cars(result(), Window(-1, 1))
    one = found.iloc[4]
    asked = result().single(found.index[4], (-1, 1)).t
    np.testing.assert_allclose(
        one[["estimate", "low", "high"]].to_numpy(dtype=float), [asked.estimate, *asked.ci]
    )
    assert found.columns.tolist() == ["ticker", "day0", "estimate", "low", "high"]
    assert found.index.equals(result().events.index)


def test_cars_are_sorted_dots_with_whiskers_beside_the_mean() -> None:
    ax = drawn(result().plot_cars((-1, 1)))
    table = cars(result(), Window(-1, 1)).sort_values("estimate")
    (whiskers,) = [c for c in ax.collections if isinstance(c, LineCollection)]
    ends = np.array(whiskers.get_segments())
    np.testing.assert_allclose(ends[:, 0, 0], table["low"])
    np.testing.assert_allclose(ends[:, 1, 0], table["high"])
    dots = [c.get_offsets() for c in ax.collections if isinstance(c, PathCollection)]
    at = np.concatenate([np.asarray(d) for d in dots])
    np.testing.assert_allclose(at[np.argsort(at[:, 1]), 0], table["estimate"])
    labels = [t.get_text() for t in ax.get_yticklabels()]
    assert labels[-1].startswith(str(table["ticker"].iloc[-1])[:4].replace("$", r"\$")[:3])
    assert labels[-1].endswith(f"{table['day0'].iloc[-1]:%Y-%m-%d}")
    row = result().caar((-1, 1)).iloc[0]
    assert any(np.allclose(line.get_xdata(), row["estimate"]) for line in ax.get_lines())
    legend = ax.get_legend()
    assert legend is not None
    assert legend.get_texts()[-1].get_text().startswith("average ")


def test_dots_are_filled_where_the_interval_excludes_zero() -> None:
    table = many(9).assign(estimate=np.linspace(-0.08, 0.08, 9))
    table = table.assign(low=table["estimate"] - 0.05, high=table["estimate"] + 0.05)
    ax = drawn(draw_cars(table))
    hollow, filled = [c for c in ax.collections if isinstance(c, PathCollection)]
    x = np.asarray(filled.get_offsets())[:, 0]
    assert sorted(np.abs(x).round(2)) == [0.06, 0.06, 0.08, 0.08]
    colours = [to_hex(c) for c in filled.get_facecolors()]  # type: ignore[attr-defined]  # matplotlib's alias
    assert [c.upper() for c in colours] == [UP if value > 0 else DOWN for value in x]
    assert {to_hex(c) for c in hollow.get_facecolors()} == {"#ffffff"}  # type: ignore[attr-defined]  # matplotlib's alias
    assert ax.get_xlabel() == "abnormal return and its 95 % interval; 4 of 9 exclude zero"


def test_events_of_one_date_carry_no_date() -> None:
    table = many(3).assign(day0=pd.Timestamp("2026-02-26"))
    labels = [t.get_text() for t in draw_cars(table).get_yticklabels()]
    assert sorted(labels) == ["T0", "T1", "T2"]


@pytest.mark.parametrize("rows", [41, 150, 151, 5000])
def test_many_events_are_ranked_from_left_to_right(rows: int) -> None:
    table = many(rows)
    ax = drawn(draw_cars(table))
    dots = [c for c in ax.collections if isinstance(c, PathCollection)]
    y = np.concatenate([np.asarray(c.get_offsets())[:, 1] for c in dots])
    assert len(y) == rows
    share = float(((table["low"] > 0) | (table["high"] < 0)).mean())
    assert f"({100 * share:.0f} %; 5 % would by chance)" in ax.get_xlabel()
    assert ax.get_xlabel().startswith(f"{rows:,} events, lowest first; the 95 % interval; ")
    assert all(bool(c.get_rasterized()) == (rows > 1000) for c in dots)
    assert len(ax.collections) == 3


def test_events_without_a_number_are_said() -> None:
    table = many(5)
    table.loc[[1, 3], ["estimate", "low", "high"]] = np.nan
    figure: Any = drawn(draw_cars(table, source="simulated prices")).figure
    assert figure.get_supxlabel() == "simulated prices; 2 events without a number left out"


def test_cars_without_intervals_are_dots() -> None:
    table = many(5).assign(low=np.nan, high=np.nan)
    ax = drawn(draw_cars(table))
    assert ax.get_xlabel() == "abnormal return"
    assert ax.get_legend() is None


def test_one_event_has_no_mean() -> None:
    one = result().where(np.arange(len(result())) == 3)
    ax = drawn(one.plot_cars())
    assert len(ax.get_yticklabels()) == 1
    assert not [line for line in ax.get_lines() if line.get_linestyle() == "--"]
    drawn(one.plot_heatmap())
    assert drawn(one.plot_timeline()).get_xlabel() == "1 event on 1 date"


def test_no_number_at_all_is_refused() -> None:
    said = "`{}` is empty, so there is nothing to draw; give at least one row."
    nothing = many(2).assign(estimate=np.nan)
    ar = pd.DataFrame(np.nan, nothing.index, [0])
    asked: dict[str, Callable[[], Axes]] = {
        "cars": lambda: draw_cars(nothing),
        "heatmap": lambda: draw_days(ar, nothing),
        "timeline": lambda: draw_timeline(timeline(result()).head(0)),
    }
    for name, draw in asked.items():
        with pytest.raises(OptionError) as refused:
            draw()
        assert str(refused.value) == said.format(name)


# ── events × days ────────────────────────────────────────────────────────────────────────
def mesh(ax: Axes) -> QuadMesh:
    (found,) = [c for c in ax.collections if isinstance(c, QuadMesh)]
    return found


def test_the_heat_map_holds_every_ar_by_date_and_ticker() -> None:
    ax = drawn(result().plot_heatmap())
    labels = timeline(result())
    order = labels.sort_values(["day0", "ticker"]).index
    cells: Any = mesh(ax).get_array()
    np.testing.assert_array_equal(cells, result().ar.loc[order])
    low, high = map(float, mesh(ax).get_clim())
    assert low == -high
    assert high == np.abs(result().ar.to_numpy()).max()  # of fewer than a hundred cells, all
    assert ax.get_ylim() == (len(order) - 0.5, -0.5)
    assert ax.get_xlim() == (-3.5, 3.5)
    bar = ax.figure.axes[-1]
    assert any(t.get_text().endswith(" %") for t in bar.get_yticklabels())
    assert [t.get_text() for t in ax.get_yticklabels()][-1] == "AAA  2024-07-02"


def test_missing_cells_are_grey_and_said() -> None:
    ar = pd.DataFrame([[0.01, np.nan], [0.02, -0.03]], columns=[-1, 0])
    ax = drawn(draw_days(ar, many(2)))
    figure: Any = ax.figure
    assert figure.get_supxlabel() == "grey: no number"
    bad = mesh(ax).get_cmap()(np.ma.masked)
    assert len({round(part, 3) for part in bad[:3]}) == 1
    assert bad[0] < 0.9


def test_of_many_events_rows_are_taken_at_equal_steps() -> None:
    rng = np.random.default_rng(0)
    table = many(5000)
    ar = pd.DataFrame(rng.normal(0, 0.02, (5000, 5)), table.index, range(-2, 3))
    ax = drawn(draw_days(ar, table, source="simulated prices"))
    cells: Any = mesh(ax).get_array()
    assert cells.shape == (500, 5)
    order = table.sort_values(["day0", "ticker"], kind="stable").index
    np.testing.assert_array_equal(cells[[0, -1]], ar.loc[order[[0, -1]]])
    figure: Any = ax.figure
    assert figure.get_supxlabel() == (
        "simulated prices; 500 of 5,000 events, at equal steps through the dates"
    )
    assert mesh(ax).get_rasterized()
    assert ax.get_ylabel() == "events, by day 0 and ticker"
    labels = [t.get_text() for t in ax.get_yticklabels()]
    assert labels == sorted(labels)
    assert labels[0] == f"{table['day0'].min():%Y-%m-%d}"


def test_a_window_without_day_0_is_drawn() -> None:
    ar = pd.DataFrame([[0.01, 0.02, 0.0]], columns=[2, 3, 4])
    ax = drawn(draw_days(ar, many(1)))
    assert not ax.get_lines()
    assert ax.get_xlim() == (1.5, 4.5)


def test_abnormal_returns_of_zero_are_drawn() -> None:
    drawn(draw_days(pd.DataFrame([[0.0, 0.0]], columns=[0, 1]), many(1)))


# ── the timeline ─────────────────────────────────────────────────────────────────────────
def test_the_timeline_says_what_is_shared_and_what_overlaps() -> None:
    found = timeline(result())
    assert found["shared"].tolist() == [6] * 12 + [1]
    assert found["cluster"].tolist() == [0] * 12 + [1]
    at, before, after = (DAYS.get_indexer(pd.Index(found[c])) for c in ("day0", "first", "last"))
    np.testing.assert_array_equal(at, [331] * 6 + [335] * 6 + [391])
    np.testing.assert_array_equal(before, at - 3)
    np.testing.assert_array_equal(after, at + 3)


def test_windows_that_touch_no_day_in_common_are_two_clusters() -> None:
    dates = [es.events_on(DAYS[k], "AAA") for k in (300, 307, 313)]
    found = study().run(pd.concat(dates), panel())
    assert timeline(found)["cluster"].tolist() == [0, 1, 1]
    clusters = es.inference.valid(found.abnormal, found.abnormal.window).n_components
    assert clusters == 2


def test_tickers_are_rows_with_marks_and_windows() -> None:
    ax = drawn(result().plot_timeline())
    (windows,) = [c for c in ax.collections if isinstance(c, LineCollection)]
    assert len(windows.get_segments()) == 13
    marks = {line.get_label(): len(line.get_xdata()) for line in ax.get_lines()}  # type: ignore[arg-type]  # an array
    assert marks == {"shares its day 0": 12, "alone": 1}
    labels = [t.get_text() for t in ax.get_yticklabels()]
    assert labels[-1] == "AAA"
    assert len(labels) == len(TICKERS)
    assert len(ax.patches) == 1
    assert ax.get_xlabel() == "13 events on 3 dates, in 2 clusters of overlapping windows"


def test_of_many_tickers_events_are_counted_by_date() -> None:
    day0 = pd.to_datetime(["2026-01-05"] * 50 + ["2026-03-05"] * 20)
    table = pd.DataFrame(
        {
            "ticker": [f"T{k}" for k in range(70)],
            "day0": day0,
            "first": day0 - pd.Timedelta(days=2),
            "last": day0 + pd.Timedelta(days=2),
            "shared": [50] * 50 + [20] * 20,
            "cluster": [0] * 50 + [1] * 20,
        }
    )
    ax = drawn(draw_timeline(table))
    (stems,) = [c for c in ax.collections if isinstance(c, LineCollection)]
    assert [segment[1][1] for segment in stems.get_segments()] == [50, 20]
    assert ax.get_ylabel() == "events on the date"
    assert ax.get_xlabel() == "70 events on 2 dates; no windows of different dates overlap"


def test_a_single_day_is_drawn_among_days() -> None:
    short = es.EventStudy(estimation=(-120, -11), window=(0, 0))
    found = short.run(es.events_on(DAYS[330], "AAA"), panel())
    ax = drawn(found.plot_timeline())
    labels = [t.get_text() for t in ax.get_xticklabels()]
    assert f"{DAYS[330]:%Y-%m-%d}" in labels
    assert len(set(labels)) == len(labels)


# ── the specification curve ──────────────────────────────────────────────────────────────
def test_the_curve_is_that_of_the_events_as_given() -> None:
    """One event has too few days for the long estimation only."""
    early = es.events_on(DAYS[50], "AAA")
    table = pd.concat([events(), early])
    found = study().run(table, panel())
    assert found.dropped["reason"].tolist() == ["min_est"]
    assert set(given(found).index) == set(es.read_events(table).index)
    asked: dict[str, Any] = {"estimation": [(-120, -11), (-60, -11)]}
    told = found.study.vary(**asked).run(table, panel(), draws=0)
    assert told.table["n"].tolist() in ([13, 14], [14, 13])
    ax = drawn(found.plot_vary(**asked))
    (dots,) = [c for c in ax.collections if isinstance(c, PathCollection)]
    np.testing.assert_allclose(np.asarray(dots.get_offsets())[:, 1], told.table["estimate"])


def test_a_part_is_varied_on_its_own_events() -> None:
    table = pd.concat([events(), es.events_on(DAYS[50], "AAA")])
    whole = study().run(table, panel())
    part = whole.where(whole.events["ticker"] == "AAA")
    assert (whole.part, part.part) == (False, True)
    assert given(part).index.equals(part.events.index)
    assert not whole.where(np.ones(len(whole), dtype=bool)).part
    drawn(part.plot_vary(**CHOICES))


def test_print_tells_significant_from_not_by_shape() -> None:
    table = pd.DataFrame(
        {
            "model": ["a", "b", "c"],
            "estimate": [-0.05, 0.0, 0.05],
            "ci_low": [-0.09, -0.04, 0.01],
            "ci_high": [-0.01, 0.04, 0.09],
            "pvalue": [0.01, 0.9, 0.01],
        }
    )
    ax = drawn(draw_specifications(table, ["model"]))
    (dots,) = [c for c in ax.collections if isinstance(c, PathCollection)]
    shapes = [np.asarray(path.vertices) for path in dots.get_paths()]
    assert [len(shape) for shape in shapes] == [4, 26, 4]  # triangle, dot, triangle
    down, up = (shape[np.abs(shape[:, 0]) < 1e-9, 1][0] for shape in (shapes[0], shapes[2]))
    assert down < 0 < up
