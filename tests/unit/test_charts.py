"""Charts of the report: what stands in the figures that Plotly draws, not how it draws them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import OptionError
from eventstudy.report import RETURNS, Measure, Multiple, charts
from eventstudy.report.charts import frame, scales
from eventstudy.report.document import Chart
from eventstudy.result import drawn, findings
from eventstudy.windows import Window

HOSTILE = '<img src=x onerror="alert(1)"><b>%{x} & $x_1$ =HYPERLINK("x")'
VOLUME = Multiple(noun="log volume")
DAILY = Multiple(noun="log volume", daily=True)
MEASURES = [RETURNS, VOLUME, DAILY]


# ── tables ───────────────────────────────────────────────────────────────────────────────
def path(n: int = 12, first: int = -10, last: int = 10, **columns: Any) -> pd.DataFrame:
    rng = np.random.default_rng(n)
    days = np.arange(first, last + 1)
    caar = np.cumsum(rng.normal(0, 0.01, len(days)))
    half = 0.02 * np.sqrt(np.arange(1, len(days) + 1))
    made = {"caar": caar, "low": caar - half, "high": caar + half, "n": n, **columns}
    return pd.DataFrame(made, index=pd.Index(days, name="day"))


def bars(count: int = 13, names: list[str] | None = None, **columns: Any) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    estimate, half = rng.normal(0, 0.05, count), rng.uniform(0.05, 0.1, count)
    made = {"estimate": estimate, "low": estimate - half, "high": estimate + half, **columns}
    return pd.DataFrame(made, index=names or [f"T{k:04d}" for k in range(count)])


def specifications(count: int = 18, name: str = "MarketModel") -> pd.DataFrame:
    rng = np.random.default_rng(5)
    estimate = np.sort(rng.normal(0, 0.03, count))
    return pd.DataFrame(
        {
            "model": [name if k % 2 else "MeanAdjusted" for k in range(count)],
            "min_obs": [str(k % 3) for k in range(count)],
            "estimate": estimate,
            "ci_low": estimate - 0.02,
            "ci_high": estimate + 0.02,
            "pvalue": np.where(np.abs(estimate) > 0.02, 0.01, 0.5),
        }
    )


def placed(count: int, tickers: int, name: str = "T") -> pd.DataFrame:
    """event_id → ticker, day0: several events a date once there are more than dates."""
    rng = np.random.default_rng(count)
    days = pd.bdate_range("2019-01-01", "2025-12-31")
    return pd.DataFrame(
        {
            "ticker": [f"{name}{k % tickers}" for k in range(count)],
            "day0": rng.choice(days.to_numpy(), count),
        },
        index=[f"e{k}" for k in range(count)],
    )


def cars(count: int = 20, **columns: Any) -> pd.DataFrame:
    rng = np.random.default_rng(count)
    estimate, half = rng.normal(0, 0.05, count), rng.uniform(0.02, 0.1, count)
    numbers = {"estimate": estimate, "low": estimate - half, "high": estimate + half}
    return placed(count, 7).assign(**numbers, **columns)


def days(count: int = 20, width: int = 21, name: str = "T") -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(count)
    labels = placed(count, 7, name)
    ar = pd.DataFrame(rng.normal(0, 0.02, (count, width)), labels.index, range(-10, width - 10))
    return ar, labels


def timeline(count: int = 20, tickers: int = 7, name: str = "T") -> pd.DataFrame:
    table = placed(count, tickers, name)
    reach = pd.Timedelta(days=14)
    return table.assign(
        first=table["day0"] - reach,
        last=table["day0"] + reach,
        shared=table.groupby("day0")["day0"].transform("size"),
        cluster=12 * table["day0"].dt.year + table["day0"].dt.month,
    )


def daily(sessions: int = 250) -> pd.DataFrame:
    rng = np.random.default_rng(sessions)
    index = pd.bdate_range("1950-01-02", periods=sessions, name="session")
    gross = rng.normal(0, 0.01, sessions)
    columns = {"gross": gross, "hedge": 0.001, "net": gross, "exposure": rng.random(sessions)}
    return pd.DataFrame(columns, index=index)


def trades(count: int = 20, name: str = "T") -> pd.DataFrame:
    table = placed(count, 7, name)
    net = np.random.default_rng(count).normal(0, 0.05, count)
    return pd.DataFrame(
        {
            "ticker": table["ticker"],
            "enter": table["day0"],
            "leave": table["day0"] + pd.Timedelta(days=7),
            "gross": net + 0.002,
            "cost": 0.001,
            "hedge": -0.001,
            "net": net,
        }
    )


def all_charts(name: str = "T", measure: Measure = RETURNS) -> list[Chart]:
    """One of every kind; ``name`` wherever a user's text can get."""
    groups = {name: path(), f"{name} too": path(5)}
    flags = {"flagged": [True, False] * 2, "flag_note": [name, ""] * 2, "n": 3}
    names = [f"{k}{name}" for k in range(4)]
    return [
        charts.path_chart({name: path()}, measure),
        charts.path_chart(groups, measure),
        charts.bars_chart(bars(4, names, **flags), 0.01, -0.02, 0.04, measure),
        charts.curve_chart(specifications(name=name), ["model", "min_obs"], measure),
        charts.heat_chart(*days(name=name), measure),
        charts.cars_chart(cars().assign(ticker=name), "[0,+1]", measure),
        charts.timeline_chart(timeline(name=name)),
        charts.timeline_chart(timeline(200, 100, name)),
        charts.equity_chart(daily()),
        charts.trades_chart(trades(name=name)),
    ]


def texts(value: object) -> Iterator[str]:
    """Every text in a figure, also the keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


def layout(chart: Chart) -> dict[str, Any]:
    found: dict[str, Any] = chart.figure["layout"]
    return found


def traces(chart: Chart) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = chart.figure["data"]
    return found


def named(chart: Chart, name: str) -> dict[str, Any]:
    return next(trace for trace in traces(chart) if trace.get("name") == name)


# ── all of them ──────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("measure", MEASURES, ids=["returns", "volume", "daily"])
def test_a_figure_is_plain_json(measure: Measure) -> None:
    for chart in all_charts(measure=measure):
        again = json.loads(json.dumps(chart.figure, allow_nan=False))
        assert again == chart.figure
        assert re.fullmatch(r"[a-z]+", chart.name)
        assert {trace["type"] for trace in traces(chart)} <= {"scatter", "bar", "heatmap"}
        assert chart.alt.endswith(".")
        assert "nan" not in chart.alt


def test_a_figure_fits_its_page() -> None:
    for chart in all_charts():
        frame_of = layout(chart)
        assert frame_of["autosize"] is True
        assert "width" not in frame_of
        assert "title" not in frame_of
        assert frame_of["dragmode"] is False
        assert 200 <= frame_of["height"] <= 1400
        axes = [value for key, value in frame_of.items() if re.fullmatch(r"[xy]axis\d?", key)]
        assert len(axes) >= 2
        for axis in axes:
            assert axis["fixedrange"] is True
            assert axis["automargin"] is True


def test_only_colours_that_the_colour_blind_tell_apart() -> None:
    """Blue, orange, greys and white outside the paths of several groups."""
    greys = re.compile(r"#([0-9A-F]{2})\1\1")
    for chart in all_charts():
        if chart.name == "path":
            continue
        found = {text for text in texts(chart.figure) if re.fullmatch(r"#[0-9A-F]{6}", text)}
        assert {c for c in found if not greys.fullmatch(c)} <= {"#0072B2", "#D55E00"}, chart.name


def test_hostile_text_is_no_markup() -> None:
    tags = re.compile(r"</?(b|br|extra)>")
    for chart in all_charts(HOSTILE):
        for text in texts(chart.figure):
            assert "<" not in tags.sub("", text)
            template = re.sub(r"%\{(x|y|z|customdata\[\d\])(:[^}]*)?\}", "", text)
            assert "%{" not in template
        shown = " ".join(texts(chart.figure))
        nameless = chart.name == "equity" or layout(chart).get("meta") == {"groups": []}
        if not nameless:
            assert "&lt;" in shown, chart.name


def test_alt_and_note_are_plain_text() -> None:
    """The page escapes them: escaped twice they would show their entities."""
    for chart in all_charts(HOSTILE):
        assert "&lt;" not in chart.alt + chart.note
        assert "<br>" not in chart.alt + chart.note


def test_names_are_short() -> None:
    for chart in all_charts("a very long name of a ticker " * 20):
        parts = [part for text in texts(chart.figure) for part in text.split("<br>")]
        assert max(map(len, parts)) < 80, chart.name


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: charts.path_chart({}), "paths"),
        (lambda: charts.path_chart({"a": path().head(0)}), "paths"),
        (lambda: charts.bars_chart(bars(0)), "bars"),
        (lambda: charts.curve_chart(specifications(0), ["model"]), "specifications"),
        (
            lambda: charts.curve_chart(specifications().assign(estimate=np.nan), []),
            "specifications",
        ),
        (lambda: charts.heat_chart(*days(0)), "heatmap"),
        (lambda: charts.heat_chart(days(3)[0] * np.nan, days(3)[1]), "heatmap"),
        (lambda: charts.cars_chart(cars(0)), "cars"),
        (lambda: charts.cars_chart(cars(3).assign(estimate=np.inf)), "cars"),
        (lambda: charts.timeline_chart(timeline(0)), "timeline"),
        (lambda: charts.equity_chart(daily(0)), "sessions"),
        (lambda: charts.trades_chart(trades(0)), "trades"),
        (lambda: charts.trades_chart(trades(3).assign(net=np.nan)), "trades"),
    ],
)
def test_nothing_is_refused(make: Callable[[], Chart], name: str) -> None:
    with pytest.raises(OptionError) as refusal:
        make()
    assert str(refusal.value) == (
        f"`{name}` is empty, so there is nothing to draw; give at least one row."
    )


def test_one_row_is_enough() -> None:
    one = [
        charts.path_chart({"": path(1, 0, 0)}),
        charts.bars_chart(bars(1)),
        charts.curve_chart(specifications(1), ["model"]),
        charts.heat_chart(*days(1, 1)),
        charts.cars_chart(cars(1)),
        charts.timeline_chart(timeline(1)),
        charts.equity_chart(daily(1)),
        charts.trades_chart(trades(1)),
    ]
    for chart in one:
        json.dumps(chart.figure, allow_nan=False)
        assert "1 events" not in chart.alt + chart.note
        assert "1 bars" not in chart.alt


def test_numbers_that_are_missing_or_without_end() -> None:
    holes = path().assign(
        caar=lambda t: t["caar"].where(t.index != -3),
        low=lambda t: t["low"].where(t.index < 5, -np.inf),
        high=lambda t: t["high"].where(t.index < 5, np.inf),
    )
    nothing = path().assign(caar=np.nan, low=np.nan, high=np.nan)
    gaps = bars(5, estimate=[0.1, np.nan, -0.2, np.inf, 0.3], low=[np.nan] * 5)
    ar, labels = days(5)
    for chart in (
        charts.path_chart({"a": holes, "b": nothing}),
        charts.path_chart({"": nothing}),
        charts.bars_chart(gaps, float("nan")),
        charts.heat_chart(ar.where(ar > 0, np.nan), labels),
        charts.heat_chart(ar * 0.0, labels),
        charts.cars_chart(cars(5).assign(low=np.nan, high=np.nan)),
        charts.cars_chart(cars(400).assign(low=np.nan, high=np.nan)),
        charts.cars_chart(cars(5).assign(estimate=[1e300, -1e300, 0.0, 1e-300, np.nan])),
        charts.equity_chart(daily(5) * 0.0, capital=0.0),
    ):
        json.dumps(chart.figure, allow_nan=False)


def test_twenty_thousand_rows_stay_small() -> None:
    sizes = {
        chart.name: len(json.dumps(chart.figure))
        for chart in (
            charts.bars_chart(bars(20_000)),
            charts.heat_chart(*days(20_000)),
            charts.cars_chart(cars(20_000), "[0,+1]"),
            charts.timeline_chart(timeline(20_000, 3_000)),
            charts.equity_chart(daily(20_000)),
            charts.trades_chart(trades(20_000)),
        )
    }
    assert max(sizes.values()) < 600_000, sizes
    assert sum(sizes.values()) < 2_000_000, sizes


# ── paths ────────────────────────────────────────────────────────────────────────────────
def test_a_path_is_a_line_and_a_band() -> None:
    table = path()
    chart = charts.path_chart({"all events": table})
    band, line = traces(chart)
    assert line["x"] == [float(day) for day in range(-10, 11)]
    np.testing.assert_allclose(line["y"], 100 * table["caar"], rtol=1e-5)
    np.testing.assert_allclose(band["y"][:21], 100 * table["low"], rtol=1e-5)
    np.testing.assert_allclose(band["y"][21:], 100 * table["high"][::-1], rtol=1e-5)
    assert band["x"] == line["x"] + line["x"][::-1]
    assert layout(chart)["meta"] == {"groups": []}
    assert "legendgroup" not in line
    assert [shape["x0"] for shape in layout(chart)["shapes"]] == [0, 0]


def test_the_hover_of_a_path_says_day_aar_caar_band_and_n() -> None:
    table = pd.DataFrame(
        {"caar": [0.0, 0.02, -0.01], "low": [-0.01, 0.01, np.nan], "high": [0.01, 0.03, np.nan],
         "n": [12, 12, 11]}, index=[-1, 0, 1],
    )  # fmt: skip
    known = table.assign(aar=[0.0, 0.021, -0.031])
    hover = named(charts.path_chart({"x": known}), "CAAR")["hovertext"]
    assert hover[1] == (
        "<b>day 0</b><br>AAR +2.10 %<br>CAAR +2.00 %<br>95 % band +1.0 % to +3.0 %<br>n = 12"
    )
    assert hover[2] == "<b>day +1</b><br>AAR -3.10 %<br>CAAR -1.00 %<br>95 % band –<br>n = 11"
    # a difference of the CAAR is no AAR where a return is missing
    unknown = named(charts.path_chart({"x": table}), "CAAR")["hovertext"]
    assert unknown[2] == "<b>day +1</b><br>CAAR -1.00 %<br>95 % band –<br>n = 11"


def test_the_path_of_a_daily_mean_has_no_second_number() -> None:
    chart = charts.path_chart({"": path()}, DAILY)
    assert "AAR" not in " ".join(named(chart, "mean")["hovertext"])
    assert not any("%" in text for text in layout(chart)["yaxis"]["ticktext"])


def test_a_band_with_a_hole_is_two_outlines_and_a_day_alone_a_box() -> None:
    table = path(first=-2, last=2)
    table.loc[-1, ["low", "high"]] = np.nan
    band = traces(charts.path_chart({"": table}))[0]
    assert band["x"] == [-2.15, -1.85, -1.85, -2.15, None, 0.0, 1.0, 2.0, 2.0, 1.0, 0.0]
    assert band["y"].index(None) == 4


def test_each_group_can_be_isolated() -> None:
    groups = {"deals": path(12), "capex": path(5), "deals ": path(7)}
    chart = charts.path_chart(groups)
    found = layout(chart)["meta"]["groups"]
    assert [group["name"] for group in found] == ["All groups", "deals", "capex", "deals (2)"]
    assert found[0]["visible"] == [True] * 6
    assert found[2]["visible"] == [False, False, True, True, False, False]
    together = [trace["legendgroup"] for trace in traces(chart)]
    assert together == ["deals", "deals", "capex", "capex", "deals (2)", "deals (2)"]
    for key in ("range", "tickvals", "ticktext"):
        assert found[0]["layout"][f"yaxis.{key}"] == layout(chart)["yaxis"][key]
    for group in found:
        low, high = group["layout"]["yaxis.range"]
        shown = [t for t, on in zip(traces(chart), group["visible"], strict=True) if on]
        values = [y for trace in shown for y in trace["y"]]
        assert low <= min(values) <= max(values) <= high


def test_groups_differ_in_colour_and_dash() -> None:
    chart = charts.path_chart({f"g{k}": path(k + 2) for k in range(12)})
    lines = [trace for trace in traces(chart) if "fill" not in trace]
    assert len({(line["line"]["color"], line["line"]["dash"]) for line in lines}) == 12


def test_many_groups_hide_their_bands_until_one_is_alone() -> None:
    chart = charts.path_chart({f"g{k}": path(k + 2) for k in range(15)})
    assert chart.note == (
        "12 of 15 groups are drawn, those with the most events. Bands show when a group is alone."
    )
    assert [trace["visible"] for trace in traces(chart)] == [False, True] * 12
    assert named(chart, "g14 (n = 16)")["visible"]
    every, first = layout(chart)["meta"]["groups"][:2]
    assert every["visible"] == [False, True] * 12
    assert first["visible"] == [True, True, *[False] * 22]


def test_alt_text_of_a_path_says_its_numbers() -> None:
    table = path()
    alt = charts.path_chart({"": table}).alt
    assert alt.startswith("CAAR of 12 events from day -10 to +10: ")
    caar = 100 * table["caar"].to_numpy()
    assert f"{caar[10]:+.2f} % at day 0, 95 % band " in alt
    assert f"{caar[20]:+.2f} % at day +10" in alt
    after = charts.path_chart({"": path(1, 1, 3)}).alt
    assert after.startswith("CAAR of 1 event from day +1 to +3: no number at day 0; ")


# ── bars ─────────────────────────────────────────────────────────────────────────────────
def test_bars_are_sorted_with_whiskers_mean_and_values() -> None:
    table = bars()
    chart = charts.bars_chart(table, 0.01, -0.02, 0.04)
    bar, mean = traces(chart)
    ranked = table.sort_values("estimate")
    assert layout(chart)["yaxis"]["ticktext"] == ranked.index.tolist()
    np.testing.assert_allclose(bar["x"], 100 * ranked["estimate"], rtol=1e-5)
    whisker = bar["error_x"]
    np.testing.assert_allclose(whisker["array"], 100 * (ranked["high"] - ranked["estimate"]), 1e-4)
    assert set(bar["marker"]["color"]) == {"#0072B2", "#D55E00"}
    assert mean["name"] == "average +1.0 % (95 %: -2.0 % to +4.0 %)"
    assert mean["x"] == [1.0, 1.0]
    band = next(shape for shape in layout(chart)["shapes"] if shape["type"] == "rect")
    assert (band["x0"], band["x1"]) == (-2.0, 4.0)
    written = [note["text"] for note in layout(chart)["annotations"]]
    assert written == [f"{100 * x:+.1f} %" for x in ranked["estimate"]]


def test_flagged_bars_are_hatched_and_say_why() -> None:
    table = bars(4, flagged=[True, False, True, False], flag_note=["own earnings", "", "deal", ""])
    chart = charts.bars_chart(table)
    full, hollow, entry = traces(chart)
    assert "pattern" not in full["marker"]
    assert hollow["marker"]["pattern"]["shape"] == "/"
    assert len(hollow["y"]) == 2
    assert all("<br>flagged: " in text for text in hollow["hovertext"])
    assert entry["name"].startswith("flagged: (a) ")
    assert sum(text.endswith(("(a)", "(b)")) for text in layout(chart)["yaxis"]["ticktext"]) == 2
    assert chart.note == "Hatched bars are flagged: hover over them for the reason."


def test_above_sixty_bars_the_highest_and_lowest() -> None:
    table = bars(73)
    chart = charts.bars_chart(table)
    assert chart.note == "13 bars in the middle are left out."
    shown = layout(chart)["yaxis"]["ticktext"]
    ranked = table.sort_values("estimate").index.tolist()
    assert shown == ranked[:30] + ranked[-30:]
    assert "73 bars" in chart.alt


def test_tickers_that_look_the_same_keep_their_rows() -> None:
    chart = charts.bars_chart(bars(3, ["a" * 50, "a" * 60, "a" * 70]))
    assert len(set(layout(chart)["yaxis"]["ticktext"])) == 3


# ── the specification curve ──────────────────────────────────────────────────────────────
def test_a_curve_has_an_estimate_and_its_choices_in_each_column() -> None:
    table = specifications()
    chart = charts.curve_chart(table, ["model", "min_obs"])
    points = [trace for trace in traces(chart) if "error_y" in trace]
    pairs = sorted((x, y) for t in points for x, y in zip(t["x"], t["y"], strict=True))
    np.testing.assert_allclose([y for _, y in pairs], 100 * table["estimate"], rtol=1e-4)
    dots = next(trace for trace in traces(chart) if trace.get("yaxis") == "y2")
    assert len(dots["x"]) == 2 * len(table)
    names = dict(
        zip(layout(chart)["yaxis2"]["tickvals"], layout(chart)["yaxis2"]["ticktext"], strict=True)
    )
    chosen = {(x, names[y]) for x, y in zip(dots["x"], dots["y"], strict=True)}
    assert {(k, table["model"][k]) for k in range(18)} <= chosen
    heads = [note["text"] for note in layout(chart)["annotations"]]
    assert heads == ["<b>model</b>", "<b>min obs</b>"]
    upper, lower = layout(chart)["yaxis"]["domain"], layout(chart)["yaxis2"]["domain"]
    assert lower[1] < upper[0]


def test_the_hover_of_a_curve_names_the_specification() -> None:
    chart = charts.curve_chart(specifications(), ["model", "min_obs"])
    first = next(t for t in traces(chart) if t.get("name") == "negative, p ≤ 5 %")["hovertext"][0]
    lines = first.split("<br>")
    assert lines[0].startswith("<b>-")
    assert lines[0].endswith("</b>, p = 0.010")
    assert lines[2:] == ["model: MeanAdjusted", "min obs: 0", "specification 1 of 18"]
    tiny = specifications().assign(pvalue=1e-9)
    text = traces(charts.curve_chart(tiny, ["model"]))[0]["hovertext"][0]
    assert "p &lt; 0.001" in text


def test_open_marks_and_silent_specifications_are_explained() -> None:
    table = specifications()
    table.loc[0, ["ci_low", "ci_high", "pvalue"]] = [-0.2, 0.2, 0.01]
    table.loc[17, "estimate"] = np.nan
    chart = charts.curve_chart(table, ["model"])
    assert "open: the interval holds 0" in [trace.get("name") for trace in traces(chart)]
    assert chart.note.endswith("1 specification gave no answer.")
    assert chart.alt.startswith("17 specifications: estimates from ")


# ── heat map ─────────────────────────────────────────────────────────────────────────────
def test_a_heat_map_is_sorted_and_symmetric() -> None:
    ar, labels = days(30)
    chart = charts.heat_chart(ar, labels)
    (trace,) = traces(chart)
    order = labels.sort_values(["day0", "ticker"], kind="stable")
    np.testing.assert_allclose(trace["z"], 100 * ar.loc[order.index], atol=1e-3)
    assert trace["y"][0] == f"{order['ticker'].iloc[0]} {str(order['day0'].iloc[0])[:10]}"
    assert trace["zmin"] == -trace["zmax"]
    assert [colour for _, colour in trace["colorscale"]] == ["#D55E00", "#FFFFFF", "#0072B2"]
    reach = np.quantile(np.abs(ar.to_numpy()), 0.99)
    assert trace["zmax"] == pytest.approx(100 * reach, rel=1e-5)
    assert f"The colours end at ±{100 * reach:.1f} %, where 99 % of the cells lie." in chart.note
    assert "%{y}" in trace["hovertemplate"]
    assert layout(chart)["yaxis"]["type"] == "category"
    assert layout(chart)["yaxis"]["autorange"] == "reversed"


def test_missing_cells_are_grey() -> None:
    ar, labels = days(5)
    ar.iloc[2, 3] = np.nan
    chart = charts.heat_chart(ar, labels)
    assert sum(row.count(None) for row in traces(chart)[0]["z"]) == 1
    assert chart.note.endswith("Grey: no number.")
    assert layout(chart)["plot_bgcolor"] == "#BDBDBD"


def test_the_same_ticker_and_day_twice_are_two_rows() -> None:
    labels = pd.DataFrame(
        {"ticker": "IREN", "day0": pd.to_datetime(["2026-02-26", "2026-02-26", "2026-02-27"])}
    )
    ar = pd.DataFrame([[0.01], [0.02], [0.03]], columns=[0])
    (trace,) = traces(charts.heat_chart(ar, labels))
    assert trace["y"] == ["IREN 2026-02-26", "IREN 2026-02-26 (2)", "IREN 2026-02-27"]


@pytest.mark.parametrize(("width", "rows"), [(21, 400), (1001, 39)])
def test_many_events_are_sampled_evenly_and_it_is_said(width: int, rows: int) -> None:
    ar, labels = days(1_000, width)
    chart = charts.heat_chart(ar, labels)
    (trace,) = traces(chart)
    order = labels.sort_values(["day0", "ticker"], kind="stable").index
    assert len(trace["y"]) == len(trace["z"]) == rows
    np.testing.assert_allclose(trace["z"][0], 100 * ar.loc[order[0]], atol=1e-3)
    np.testing.assert_allclose(trace["z"][-1], 100 * ar.loc[order[-1]], atol=1e-3)
    assert chart.note.startswith(
        f"{rows} of 1,000 events are drawn, evenly spaced in the order of day 0 and ticker."
    )


# ── CARs ─────────────────────────────────────────────────────────────────────────────────
def test_cars_have_whiskers_and_are_filled_where_zero_is_excluded() -> None:
    table = cars(60)
    chart = charts.cars_chart(table, "[0,+1]")
    ranked = table.sort_values("estimate")
    points = [trace for trace in traces(chart) if "error_y" in trace]
    pairs = sorted((x, y) for t in points for x, y in zip(t["x"], t["y"], strict=True))
    assert [x for x, _ in pairs] == list(range(1, 61))
    np.testing.assert_allclose([y for _, y in pairs], 100 * ranked["estimate"], rtol=1e-4)
    above = (table["low"] > 0).sum()
    assert len(named(chart, "above zero")["x"]) == above
    assert named(chart, "the interval holds zero")["marker"]["color"] == "#FFFFFF"
    sure = int(above + (table["high"] < 0).sum())
    assert chart.note.startswith(f"{sure} of 60 intervals exclude zero (")
    assert layout(chart)["yaxis"]["title"]["text"] == "CAR [0,+1]"


def test_above_150_events_the_whiskers_are_a_band() -> None:
    chart = charts.cars_chart(cars(400))
    band, line, mean = traces(chart)
    assert len(line["x"]) == 400
    assert len(band["x"]) == 800
    assert line["customdata"][0][1].count("%") == 2
    assert mean["name"].startswith("mean ")


def test_a_few_enormous_intervals_do_not_flatten_the_rest() -> None:
    table = cars(400)
    table.loc["e5", "high"] = 50.0
    chart = charts.cars_chart(table)
    top = layout(chart)["yaxis"]["range"][1]
    assert 100 * table["estimate"].max() < top < 100
    cut = (100 * table["high"] > top) | (100 * table["low"] < layout(chart)["yaxis"]["range"][0])
    many = "interval reaches" if cut.sum() == 1 else "intervals reach"
    assert chart.note.endswith(f"{cut.sum()} {many} beyond the picture.")


def test_above_5000_events_are_sampled_by_rank() -> None:
    table = cars(7_000)
    table.loc[table.index[:3], "estimate"] = np.nan
    chart = charts.cars_chart(table)
    line = named(chart, "CAR")
    assert len(line["x"]) == 5_000
    assert (line["x"][0], line["x"][-1]) == (1, 6_997)
    assert "5,000 of 6,997 events are drawn, evenly spaced by rank." in chart.note
    assert chart.note.endswith("3 events without a number left out.")


# ── timeline ─────────────────────────────────────────────────────────────────────────────
def test_a_timeline_fills_shared_days_and_shades_clusters() -> None:
    day0 = pd.to_datetime(["2026-02-26", "2026-02-26", "2026-03-02", "2026-05-07"])
    reach = pd.Timedelta(days=7)
    table = pd.DataFrame(
        {
            "ticker": ["IREN", "HUT", "HUT", "CIFR"],
            "day0": day0,
            "first": day0 - reach,
            "last": day0 + reach,
            "shared": [2, 2, 1, 1],
            "cluster": [0, 0, 0, 1],
        }
    )
    chart = charts.timeline_chart(table)
    assert layout(chart)["yaxis"]["ticktext"] == ["IREN", "HUT", "CIFR"]
    shared, alone = named(chart, "shares its day 0"), named(chart, "alone")
    assert list(zip(shared["x"], shared["y"], strict=True)) == [
        ("2026-02-26", 0),
        ("2026-02-26", 1),
    ]
    assert alone["x"] == ["2026-03-02", "2026-05-07"]
    (shade,) = layout(chart)["shapes"]
    assert (shade["x0"], shade["x1"]) == ("2026-02-19", "2026-03-09")
    assert shared["hovertext"][0] == (
        "<b>IREN</b> 2026-02-26<br>window 2026-02-19 to 2026-03-05<br>"
        "2 events on this day 0<br>3 events in its cluster"
    )
    assert alone["hovertext"][1].endswith("alone on its day 0<br>no window overlaps")
    windows = named(chart, "event window")
    assert windows["x"][:3] == ["2026-02-19", "2026-03-05", None]


@pytest.mark.parametrize(("count", "tickers"), [(200, 61), (3_001, 5)])
def test_of_many_tickers_or_events_the_dates_are_counted(count: int, tickers: int) -> None:
    table = timeline(count, tickers)
    chart = charts.timeline_chart(table)
    heads = next(trace for trace in traces(chart) if "hovertext" in trace)
    counts = table["day0"].value_counts().sort_index()
    assert heads["y"] == counts.tolist()
    assert heads["x"] == [str(day)[:10] for day in counts.index]
    busiest = heads["hovertext"][int(np.argmax(heads["y"]))]
    assert f"{counts.max()} events" in busiest


# ── trading ──────────────────────────────────────────────────────────────────────────────
def test_equity_and_drawdown_are_on_the_capital() -> None:
    table = daily()
    chart = charts.equity_chart(table, capital=2.0)
    equity = 50 * table["net"].cumsum()
    np.testing.assert_allclose(named(chart, "net of costs")["y"], equity, atol=1e-3)
    fall = equity - equity.cummax().clip(lower=0)
    np.testing.assert_allclose(named(chart, "drawdown")["y"], fall, atol=1e-3)
    assert chart.alt.endswith(f"largest fall {fall.min():+.2f} %.")
    domains = [layout(chart)[f"yaxis{k}"]["domain"] for k in ("", "2", "3")]
    assert domains[0][0] > domains[1][1] > domains[1][0] > domains[2][1]
    assert not any("+" in text for text in layout(chart)["yaxis3"]["ticktext"])


def test_equity_without_exposure_or_costs_has_two_panels() -> None:
    chart = charts.equity_chart(daily()[["net"]])
    assert [trace["name"] for trace in traces(chart)] == ["net of costs", "drawdown"]
    assert "yaxis3" not in layout(chart)


def test_many_sessions_and_trades_are_sampled() -> None:
    table = daily(6_000)
    chart = charts.equity_chart(table)
    assert chart.note == "5,000 of 6,000 sessions are drawn, evenly spaced."
    end = named(chart, "net of costs")["y"][-1]
    assert end == pytest.approx(100 * table["net"].sum(), rel=1e-5)
    chart = charts.trades_chart(trades(6_000))
    assert chart.note == "2,000 of 6,000 trades are drawn, evenly spaced."
    assert chart.alt.startswith("Net profit of 6,000 trades from ")


def test_the_hover_of_a_trade_adds_up() -> None:
    table = trades(1).assign(net=0.05, gross=0.06, hedge=-0.007, cost=0.003)
    head = next(t for t in traces(charts.trades_chart(table)) if t.get("name") == "gain")
    enter, leave = (str(table[name].iloc[0])[:10] for name in ("enter", "leave"))
    parts = ["gross +6.00 %", "hedge -0.70 %", "cost -0.30 %", "<b>net +5.00 %</b>"]
    assert head["hovertext"][0].split("<br>") == ["<b>T0</b>", f"{enter} to {leave}", *parts]


# ── numbers and names ────────────────────────────────────────────────────────────────────
def test_six_digits_are_kept() -> None:
    values = [np.pi * 10.0**k for k in range(-8, 9)]
    np.testing.assert_allclose(np.array(scales.rounded(values), dtype=float), values, rtol=5e-6)
    assert max(len(repr(x)) for x in scales.rounded(values)) <= 12
    assert scales.rounded([np.nan, np.inf, 1e308, 5e-324])[:2] == [None, None]


@pytest.mark.parametrize(
    ("values", "most", "told"),
    [
        ([-0.04, 0.06], 7, ["-4 %", "-2 %", "0 %", "+2 %", "+4 %", "+6 %"]),
        ([0.001, 0.004], 6, ["0 %", "+0.1 %", "+0.2 %", "+0.3 %", "+0.4 %"]),
        ([np.nan], 4, ["-1 %", "0 %", "+1 %"]),
        ([-2.0], 4, ["-200 %", "-100 %", "0 %"]),
    ],
)
def test_ticks_are_said_as_in_the_tables(values: list[float], most: int, told: list[str]) -> None:
    assert scales.Scale().ticks(values, most)["ticktext"] == told


def test_ticks_of_logarithms_are_plain_numbers() -> None:
    ticks = scales.Scale(VOLUME).ticks([-0.3, 0.5], 5)
    assert ticks["ticktext"] == ["-0.25", "0", "+0.25", "+0.50"]
    assert ticks["tickvals"] == [-0.25, 0.0, 0.25, 0.5]
    assert scales.Scale(VOLUME).ticks([-3.0, 12.0], 5)["ticktext"] == ["0", "+5", "+10"]


def test_even_rows_hold_both_ends() -> None:
    for n, most in ((10, 20), (1_000, 7), (20_000, 5_000)):
        rows = frame.evenly(n, most)
        assert len(rows) == len(set(rows.tolist())) == min(n, most)
        assert (rows[0], rows[-1]) == (0, n - 1)
        assert np.ptp(np.diff(rows)) <= 1


# ── of a study ───────────────────────────────────────────────────────────────────────────
def test_the_charts_of_a_study_of_volume() -> None:
    """The tables as the report takes them, of a measure that is no return."""
    index = pd.bdate_range("2025-01-01", periods=320)
    rng = np.random.default_rng(2)
    prices = pd.DataFrame(
        100 * np.exp(np.cumsum(rng.normal(0, 0.02, (320, 4)), axis=0)), index, list("ABCM")
    )
    volume = pd.DataFrame(rng.lognormal(10, 0.4, (320, 4)), index, list("ABCM"))
    panel = es.Panel.from_prices(prices, market="M", fields={"volume": volume})
    events = pd.concat(
        [es.events_on(index[k], list("ABC"), session="before_open") for k in (280, 300)]
    )
    result = es.activity.volume(events, panel, es.EventStudy(window=(-3, 3)))
    window = Window(0, 0)
    for chart in (
        charts.path_chart({"": result.path()}, result.measure),
        charts.bars_chart(findings.bars(result, window), measure=result.measure),
        charts.heat_chart(result.ar, drawn.timeline(result), result.measure),
        charts.cars_chart(drawn.cars(result, window), window.label, result.measure),
        charts.timeline_chart(drawn.timeline(result)),
    ):
        json.dumps(chart.figure, allow_nan=False)
        numbers = [t for t in texts(chart.figure) if re.search(r"\d %", t) and "95 %" not in t]
        assert not numbers, (chart.name, numbers)
