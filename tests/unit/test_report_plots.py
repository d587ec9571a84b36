"""Pictures: what stands in them, not how their pixels look."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from eventstudy.errors import OptionError
from eventstudy.report import draw_bars, draw_paths

mpl.use("Agg")
TICKERS = (
    *("IREN", "CIFR", "HUT", "WULF", "CORZ", "RIOT", "MARA"),
    *("CLSK", "BTDR", "BITF", "HIVE", "APLD", "GLXY"),
)
BAR = 0.62


@pytest.fixture(autouse=True)
def _settings_stay_as_they_were() -> Iterator[None]:
    import matplotlib.pyplot as plt

    before = dict(mpl.rcParams)
    yield
    assert dict(mpl.rcParams) == before
    plt.close("all")


def path(n: int = 12, first: int = -10, last: int = 10) -> pd.DataFrame:
    rng = np.random.default_rng(n)
    days = np.arange(first, last + 1)
    caar = np.cumsum(rng.normal(0, 0.01, len(days)))
    half = 0.02 * np.sqrt(np.arange(1, len(days) + 1))
    columns = {"caar": caar, "low": caar - half, "high": caar + half, "n": n}
    return pd.DataFrame(columns, index=pd.Index(days, name="day"))


def bars(**columns: Any) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    estimate, half = rng.normal(0, 0.05, 13), rng.uniform(0.05, 0.1, 13)
    made = {"estimate": estimate, "low": estimate - half, "high": estimate + half, **columns}
    return pd.DataFrame(made, index=pd.Index(TICKERS, name="ticker"))


def one(result: object) -> Axes:
    assert isinstance(result, Axes)
    return result


def drawn(ax: Axes) -> Axes:
    """Draw, so that layout, ticks and texts are made (and warn if they must)."""
    ax.figure.canvas.draw()
    return ax


def line(ax: Axes, label: str) -> Any:
    return next(x for x in ax.get_lines() if x.get_label() == label)


def bodies(ax: Axes) -> list[Rectangle]:
    """The bars, from the bottom up."""
    found = [p for p in ax.patches if isinstance(p, Rectangle) and is_bar(p)]
    return sorted(found, key=lambda p: p.get_y())


def is_bar(patch: Rectangle) -> bool:
    return abs(patch.get_height() - BAR) < 1e-9


# ── paths ────────────────────────────────────────────────────────────────────────────────
def test_a_path_is_a_line_a_band_and_day_zero() -> None:
    frame = path()
    ax = drawn(one(draw_paths({"deals": frame}, title="Miners", source="simulated prices")))
    drawn_line = line(ax, "CAAR")
    np.testing.assert_array_equal(drawn_line.get_xdata(), frame.index)
    np.testing.assert_array_equal(drawn_line.get_ydata(), frame["caar"])
    assert list(line(ax, "day 0").get_xdata()) == [0.0, 0.0]
    (band,) = ax.collections
    vertices = np.asarray(band.get_paths()[0].vertices)
    assert vertices[:, 1].min() == frame["low"].min()
    assert vertices[:, 1].max() == frame["high"].max()
    assert ax.get_title(loc="left") == "Miners – deals (n = 12)"
    assert ax.get_xlabel() == "trading days around day 0"
    assert ax.get_ylabel() == "CAAR"
    legend = ax.get_legend()
    assert legend is not None
    assert {t.get_text() for t in legend.get_texts()} == {"CAAR", "95 % band", "day 0"}


def test_axes_are_in_signed_percent() -> None:
    ax = drawn(one(draw_paths({"": path()})))
    write = ax.yaxis.get_major_formatter()
    assert [write(x) for x in (-0.05, 0.0, 1e-18, 0.025)] == ["-5 %", "0 %", "0 %", "+2.5 %"]


def test_days_are_whole_numbers() -> None:
    ax = drawn(one(draw_paths({"g": path(first=0, last=2)})))
    assert all(tick == round(tick) for tick in ax.get_xticks())


def test_the_rows_may_come_in_any_order() -> None:
    ax = one(draw_paths({"g": path().iloc[::-1]}))
    assert list(line(ax, "CAAR").get_xdata()) == sorted(path().index)


def test_n_that_changes_is_a_range() -> None:
    frame = path().assign(n=[10, *[12] * 20])
    assert one(draw_paths({"deals": frame})).get_title(loc="left") == "deals (n = 10–12)"


def test_groups_are_small_multiples_with_the_same_axes() -> None:
    groups = {name: path(n) for n, name in enumerate(("deals", "reports", "capex", "x", "y"), 5)}
    axes = draw_paths(groups, title="By category", source="simulated prices")
    assert isinstance(axes, np.ndarray)
    assert axes.shape == (5,)
    drawn(axes[0])
    assert [ax.get_title(loc="left") for ax in axes][:2] == ["deals (n = 5)", "reports (n = 6)"]
    assert len({ax.get_ylim() for ax in axes}) == 1
    assert len({ax.get_xlim() for ax in axes}) == 1
    assert [ax.get_legend() is not None for ax in axes] == [True, *[False] * 4]
    figure = axes[0].figure
    assert figure.get_suptitle() == "By category"
    assert figure.get_supxlabel() == "simulated prices"
    assert len(figure.axes) == 5


def test_a_given_ax_is_used_and_its_figure_left_alone() -> None:
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2)
    assert draw_paths({"g": path()}, ax=left, source="simulated prices") is left
    assert draw_bars(bars(), ax=right, source="simulated prices") is right
    assert plt.get_fignums() == [figure.number]
    left, right = one(left), one(right)
    assert left.get_xlabel().endswith("\nsimulated prices")
    assert right.get_xlabel().endswith("\nsimulated prices")
    assert figure.get_supxlabel() == ""


def test_one_day_is_drawn_as_a_point_with_its_interval() -> None:
    ax = drawn(one(draw_paths({"g": path(first=0, last=0)})))
    (interval,) = ax.collections
    assert len(interval.get_paths()) == 1
    assert ax.get_xlim() == (-1.0, 1.0)


def test_missing_numbers_do_not_stop_the_picture() -> None:
    empty = path().assign(caar=np.nan, low=np.nan, high=np.nan)
    ax = drawn(one(draw_paths({"g": empty})))
    assert "no data" in [t.get_text() for t in ax.texts]
    half = path()
    half.loc[:-3, ["low", "high"]] = np.nan
    assert not drawn(one(draw_paths({"g": half}))).texts


def test_no_group_is_refused() -> None:
    with pytest.raises(OptionError) as refused:
        draw_paths({})
    assert str(refused.value) == (
        "`paths` is empty, so there is nothing to draw; give at least one row."
    )


def test_several_groups_split_the_place_of_one_ax() -> None:
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, layout="constrained")
    groups = {"a": path(3), "b": path(4), "c": path(5)}
    axes = draw_paths(groups, ax=right, title="By kind", source="simulated prices")
    assert isinstance(axes, np.ndarray)
    drawn(left)
    assert axes[0] is right
    assert len(figure.axes) == 4
    assert axes[0].get_title(loc="left") == "By kind\na (n = 3)"
    middle = left.get_position().x1
    assert all(ax.get_position().x0 > middle for ax in axes)
    assert axes[2].get_xlabel().endswith("\nsimulated prices")
    assert len({ax.get_ylim() for ax in axes}) == 1


# ── bars ─────────────────────────────────────────────────────────────────────────────────
def test_bars_are_sorted_with_the_highest_on_top() -> None:
    frame = bars()
    ax = drawn(draw_bars(frame, title="AR of day 0"))
    ranked = frame["estimate"].sort_values()
    assert [t.get_text() for t in ax.get_yticklabels()] == list(ranked.index)
    np.testing.assert_allclose([p.get_x() + p.get_width() for p in bodies(ax)], ranked)
    assert ax.get_title(loc="left") == "AR of day 0"


def test_whiskers_and_values_stand_beside_their_bar() -> None:
    frame = bars()
    ax = drawn(draw_bars(frame))
    order = frame.sort_values("estimate")
    segments = np.array(ax.collections[0].get_segments())  # type: ignore[attr-defined]  # hlines make a LineCollection
    np.testing.assert_allclose(segments[:, 0, 0], order["low"])
    np.testing.assert_allclose(segments[:, 1, 0], order["high"])
    np.testing.assert_array_equal(segments[:, 0, 1], np.arange(13))
    assert [t.get_text() for t in ax.texts] == [
        f"{x:+.1%}".replace("%", " %") for x in order.estimate
    ]


def test_colours_tell_up_from_down() -> None:
    found = bodies(draw_bars(bars()))
    up = {p.get_facecolor() for p in found if p.get_width() > 0}
    down = {p.get_facecolor() for p in found if p.get_width() < 0}
    assert len(up) == len(down) == 1
    assert up != down


def test_flagged_bars_are_hollow_hatched_and_explained() -> None:
    frame = bars(flagged=[t == "HUT" for t in TICKERS], flag_note="own earnings")
    ax = draw_bars(frame)
    at = list(frame.sort_values("estimate").index).index("HUT")
    found = [bool(p.get_hatch()) for p in bodies(ax)]
    assert found == [i == at for i in range(13)]
    colour: Any = bodies(ax)[at].get_facecolor()
    assert colour[3] == 0.0
    legend = ax.get_legend()
    assert legend is not None
    assert [t.get_text() for t in legend.get_texts()] == ["flagged: own earnings"]


def test_several_reasons_get_letters() -> None:
    notes = {"HUT": "own earnings", "RIOT": "new notes"}
    frame = bars(
        flagged=[t in notes for t in TICKERS], flag_note=[notes.get(t, "") for t in TICKERS]
    )
    ax = drawn(draw_bars(frame))
    labels = {t.get_text() for t in ax.get_yticklabels()}
    top, low = sorted(notes, key=lambda t: -frame["estimate"][t])
    assert {f"{top} (a)", f"{low} (b)"} <= labels
    legend = ax.get_legend()
    assert legend is not None
    assert legend.get_texts()[0].get_text() == f"flagged: (a) {notes[top]}; (b) {notes[low]}"


@pytest.mark.parametrize("flagged", [False, pd.NA, None])
@pytest.mark.parametrize("mean", [None, float("nan")])
def test_without_flags_and_mean_there_is_no_legend(flagged: object, mean: float | None) -> None:
    assert draw_bars(bars(flagged=[flagged] * 13), mean=mean).get_legend() is None


def test_the_mean_is_a_line_with_a_band() -> None:
    ax = draw_bars(bars(), mean=-0.008, mean_low=-0.089, mean_high=0.073)
    assert any(np.array_equal(x.get_xdata(), [-0.008] * 2) for x in ax.get_lines())
    spans = [p for p in ax.patches if isinstance(p, Rectangle) and not is_bar(p)]
    assert [(p.get_x(), round(p.get_width(), 9)) for p in spans] == [(-0.089, 0.162)]
    legend = ax.get_legend()
    assert legend is not None
    assert legend.get_texts()[0].get_text() == ("average -0.8 % (95 % interval -8.9 % to +7.3 %)")


def test_a_mean_without_interval_has_no_band() -> None:
    ax = draw_bars(bars(), mean=-0.008)
    assert len(ax.patches) == 13
    legend = ax.get_legend()
    assert legend is not None
    assert legend.get_texts()[0].get_text() == "average -0.8 %"


def test_a_missing_estimate_keeps_its_label_below_all_others() -> None:
    frame = bars()
    frame.loc["MARA", ["estimate", "low", "high"]] = np.nan
    ax = drawn(draw_bars(frame))
    assert ax.get_yticklabels()[0].get_text() == "MARA"
    assert ax.texts[0].get_text() == "–"
    assert len(bodies(ax)) == 12


def test_no_bars_are_refused() -> None:
    with pytest.raises(OptionError) as refused:
        draw_bars(bars().head(0))
    assert str(refused.value) == (
        "`bars` is empty, so there is nothing to draw; give at least one row."
    )


def test_too_many_bars_are_cut_in_the_middle_and_counted() -> None:
    estimate = np.linspace(-0.1, 0.1, 200)
    frame = pd.DataFrame({"estimate": estimate, "low": estimate - 0.1, "high": estimate + 0.1})
    ax = draw_bars(frame, source="simulated prices")
    figure: Any = ax.figure
    assert len(bodies(ax)) == 60
    assert figure.get_supxlabel() == "simulated prices; 140 bars in the middle left out"


# ── both ─────────────────────────────────────────────────────────────────────────────────
def texts_of(ax: Axes) -> list[Text]:
    return [t for t in ax.figure.findobj(Text) if isinstance(t, Text) and t.get_text().strip()]


@pytest.mark.parametrize("mark", [(False, ""), (True, "own earnings")])
def test_labels_do_not_overlap_and_can_be_read_on_a_slide(mark: tuple[bool, str]) -> None:
    flagged, note = mark
    frame = bars(flagged=flagged, flag_note=note)
    ax = drawn(draw_bars(frame, title="AR of day 0", mean=0.01, mean_low=0.0, mean_high=0.02))
    legend = ax.get_legend()
    assert legend is not None
    title = next(t for t in texts_of(ax) if t.get_text() == "AR of day 0")
    boxes = [t.get_window_extent() for t in [*ax.get_yticklabels(), *legend.get_texts(), title]]
    overlapping = [(a, b) for i, a in enumerate(boxes) for b in boxes[:i] if a.overlaps(b)]
    assert overlapping == []
    assert min(float(t.get_fontsize()) for t in texts_of(ax)) >= 9
    figure: Any = ax.figure
    assert tuple(figure.get_size_inches()) == (8.0, 4.5)


HOSTILE = "$x^2$ \\frac{1}{ _under ^ % & # " + "long " * 20


def test_hostile_labels_stay_text() -> None:
    frame = bars().head(2)
    frame.index = pd.Index([HOSTILE, "$\\broken{$"])
    flagged = frame.assign(flagged=True, flag_note=HOSTILE)
    ax = drawn(draw_bars(flagged, title=HOSTILE, source="a $ b $"))
    labels = {t.get_text() for t in ax.get_yticklabels()}
    assert labels == {"\\$x^2\\$ \\frac{1}{ _under ^ %…", "\\$\\broken{\\$"}
    groups = {HOSTILE: path(), "$y$": path(), "_z": path()}
    axes = draw_paths(groups, title=HOSTILE)
    assert isinstance(axes, np.ndarray)
    drawn(axes[0])
    assert axes[1].get_title(loc="left") == "\\$y\\$ (n = 12)"
    drawn(one(draw_paths({HOSTILE: path()}, title="t")))


def test_importing_the_layer_does_not_import_matplotlib() -> None:
    code = "import sys, eventstudy.report; print('matplotlib' in sys.modules)"
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own line
    assert ran.stdout.strip() == "False"


def test_the_backend_of_the_caller_stays() -> None:
    before = mpl.get_backend()
    draw_bars(bars())
    assert mpl.get_backend() == before
