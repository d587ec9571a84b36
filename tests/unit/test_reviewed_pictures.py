"""Pictures of random studies: every number that is drawn is that of the table behind it."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

import eventstudy as es
from eventstudy.report import (
    RETURNS,
    Multiple,
    charts,
    draw_bars,
    draw_cars,
    draw_specifications,
    draw_timeline,
    flagged,
)
from eventstudy.report.bar_plot import ranked
from eventstudy.report.charts import frame
from eventstudy.report.charts.scales import Scale
from eventstudy.report.days_plot import reach_of
from eventstudy.report.document import Chart
from eventstudy.report.drawing import DOWN, PALE, UP
from eventstudy.result import drawn, findings, tables
from eventstudy.result.reporting import Asked, page
from eventstudy.windows import Window

mpl.use("Agg")
DAYS = pd.bdate_range("2022-01-03", periods=320)
WINDOW = Window(-3, 4)
SEEDS = range(4)


@cache
def study_of(seed: int) -> es.Result:
    """Random events of firms with holes; windows overlap, cross weekends, reach the last day."""
    rng = np.random.default_rng(seed)
    names = [f"T{k}" for k in range(6)]
    returns = rng.normal(0, 0.02, (len(DAYS), 7))
    returns[rng.random(returns.shape) < 0.01] = np.nan
    returns[:, -1] = np.nan_to_num(returns[:, -1])
    panel = es.Panel.from_returns(pd.DataFrame(returns, DAYS, [*names, "SPY"]), market="SPY")
    many = 12 + 5 * seed
    at = np.append(rng.integers(150, len(DAYS) - 5, many - 1), len(DAYS) - 5)
    table = pd.DataFrame({"ticker": rng.choice(names, many), "date": DAYS[at]})
    table["kind"] = rng.random(many) < 0.4
    table["own_earnings"] = rng.random(many) < 0.3
    table["merger_arbitrage"] = rng.random(many) < 0.2
    study = es.EventStudy(
        estimation=(-120, -11),
        window=(WINDOW.first, WINDOW.last),
        missing=("drop", "skip", "zero")[seed % 3],
    )
    return study.run(table.drop_duplicates(["ticker", "date"]), panel)


def numbers(shown: list[Any]) -> np.ndarray[Any, Any]:
    return np.array([np.nan if x is None else x for x in shown], dtype=float)


def same(shown: list[Any], table: Any, unit: float = 100.0) -> None:
    """Six significant digits of the same numbers."""
    np.testing.assert_allclose(numbers(shown), unit * np.asarray(table), rtol=6e-6, atol=1e-12)


def rows_of(table: pd.DataFrame) -> list[Any]:
    return list(table.itertuples())


def traces(chart: Chart) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = chart.figure["data"]
    return found


# ── Plotly ───────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("asked", [(0, 0), (-3, -1), (1, 4), (-3, 4)])
def test_the_cars_that_are_drawn(seed: int, asked: tuple[int, int]) -> None:
    window = Window(*asked)
    result = study_of(seed)
    table = drawn.cars(result, window).dropna(subset=["estimate"])
    table = table.sort_values("estimate", kind="stable")
    np.testing.assert_array_equal(
        drawn.cars(result, window)["estimate"], result.car(asked)[window.label]
    )
    chart = charts.cars_chart(drawn.cars(result, window), window.label)
    *dots, mean = traces(chart)
    seen = []
    for trace in dots:
        rows = table.iloc[[int(x) - 1 for x in trace["x"]]]
        seen += rows.index.tolist()
        same(trace["y"], rows["estimate"])
        same(trace["error_y"]["array"], rows["high"] - rows["estimate"])
        same(trace["error_y"]["arrayminus"], rows["estimate"] - rows["low"])
        side = {"below zero": rows["high"] < 0, "above zero": rows["low"] > 0}
        holds = (rows["low"] <= 0) & (rows["high"] >= 0)
        assert side.get(trace["name"], holds).all()
        for (event, span), row in zip(trace["customdata"], rows_of(rows), strict=True):
            assert event == f"{row.ticker} {row.day0:%Y-%m-%d}"
            assert span == Scale().span(row.low, row.high)
    assert sorted(seen) == sorted(table.index)
    same(mean["y"], [tables.answer(result.abnormal, window).estimate] * 2)
    sure = int(((table["low"] > 0) | (table["high"] < 0)).sum())
    assert chart.note.startswith(f"{sure} of {len(table)} interval")
    low, high = (f"{100 * table['estimate'].iloc[k]:+.1f} %" for k in (0, -1))
    assert f"of {len(table)} events, sorted: from {low} to {high}, median " in chart.alt


@pytest.mark.parametrize("seed", SEEDS)
def test_the_path_that_is_drawn(seed: int) -> None:
    result = study_of(seed)
    table = result.path().assign(aar=result.aar["aar"])
    band, line = traces(charts.path_chart({"": table}))
    same(line["y"], table["caar"])
    assert line["x"] == list(WINDOW.days)
    same(band["y"], [*table["low"], *table["high"][::-1]])
    for text, row in zip(line["hovertext"], rows_of(table), strict=True):
        assert f"AAR {Scale().text(row.aar)}<br>CAAR {Scale().text(row.caar)}<br>" in text
        assert text.endswith(f"95 % band {Scale().span(row.low, row.high)}<br>n = {row.n}")
    plain = traces(charts.path_chart({"": result.path()}))[1]["hovertext"]
    assert "AAR" not in "".join(plain).replace("CAAR", "")


@pytest.mark.parametrize("seed", SEEDS)
def test_groups_of_truth_values_and_of_one_event(seed: int) -> None:
    result = study_of(seed)
    alone = np.where(np.arange(len(result.events)) == 1, "alone", "others")
    for groups in (result.by("kind"), result.by(alone)):
        paths = {str(name): part.path() for name, part in groups.items()}
        found = traces(charts.path_chart(paths))[1::2]
        for trace, (name, table) in zip(found, paths.items(), strict=True):
            same(trace["y"], table["caar"])
            assert trace["name"].startswith(f"{name} (n = ")
            assert all(text.startswith(f"<b>{name}</b>, day ") for text in trace["hovertext"])


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bars_that_are_drawn(seed: int) -> None:
    result, window = study_of(seed), Window(0, 1)
    table = findings.bars(result, window)
    ranked = table.sort_values("estimate", kind="stable")
    mean = tables.answer(result.abnormal, window).estimate
    chart = charts.bars_chart(table, mean)
    seen = 0
    for trace in traces(chart):
        if trace["type"] != "bar" or trace["x"] == [None]:
            continue
        rows = ranked.iloc[trace["y"]]
        seen += len(rows)
        assert len(set(rows["flagged"])) == 1
        assert ("pattern" in trace["marker"]) == rows["flagged"].iloc[0]
        same(trace["x"], rows["estimate"])
        same(trace["error_x"]["array"], rows["high"] - rows["estimate"])
        same(trace["error_x"]["arrayminus"], rows["estimate"] - rows["low"])
        for text, row in zip(trace["hovertext"], rows_of(rows), strict=True):
            assert text.startswith(f"<b>{row.Index}</b> {Scale().text(row.estimate)}<br>")
            assert f"n = {row.n}" in text
            assert ("flagged: " in text) == row.flagged
    assert seen == len(table)
    assert f"from {ranked.index[0]} " in chart.alt
    assert f"to {ranked.index[-1]} " in chart.alt


@pytest.mark.parametrize("seed", SEEDS)
def test_the_cells_that_are_drawn(seed: int) -> None:
    result = study_of(seed)
    labels = drawn.timeline(result)[["ticker", "day0"]]
    order = labels.sort_values(["day0", "ticker"], kind="stable").index
    (heat,) = traces(charts.heat_chart(result.ar, labels))
    assert heat["x"] == list(WINDOW.days)
    for name, shown, event in zip(heat["y"], heat["z"], order, strict=True):
        assert name == f"{labels.loc[event, 'ticker']} {labels.loc[event, 'day0']:%Y-%m-%d}"
        np.testing.assert_allclose(numbers(shown), 100 * result.ar.loc[event], atol=6e-4)
    assert heat["zmax"] == -heat["zmin"] == pytest.approx(100 * reach_of(result.ar.to_numpy()))


def chains(rows: np.ndarray[Any, Any]) -> list[set[int]]:
    """Chains of event windows that share a session, by brute force."""
    found: list[set[int]] = []
    for k in range(len(rows)):
        near = {j for j in range(len(rows)) if abs(rows[k] - rows[j]) < len(WINDOW)}
        touched = [chain for chain in found if chain & near]
        found = [chain for chain in found if not chain & near] + [near.union(*touched)]
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_the_timeline_is_that_of_the_sessions(seed: int) -> None:
    result = study_of(seed)
    table = drawn.timeline(result)
    at = DAYS.get_indexer(pd.DatetimeIndex(table["day0"]))
    assert table["first"].tolist() == DAYS[at + WINDOW.first].tolist()
    assert table["last"].tolist() == DAYS[at + WINDOW.last].tolist()
    assert table["last"].max() == DAYS[-1]
    assert table["shared"].tolist() == [int((at == k).sum()) for k in at]
    brute = {frozenset(chain) for chain in chains(at)}
    groups = table.reset_index(drop=True).groupby("cluster").groups.values()
    assert brute == {frozenset(rows) for rows in groups}
    chart = charts.timeline_chart(table)
    windows, *marks = (trace for trace in traces(chart) if trace["x"] != [None])
    names = sorted(set(table["ticker"]), reverse=True)
    drawn_windows = set(zip(windows["x"][::3], windows["x"][1::3], windows["y"][::3], strict=True))
    assert drawn_windows == {
        (f"{row.first:%Y-%m-%d}", f"{row.last:%Y-%m-%d}", names.index(row.ticker))
        for row in rows_of(table)
    }
    points = {(x, y, m["name"]) for m in marks for x, y in zip(m["x"], m["y"], strict=True)}
    assert points == {
        (
            f"{row.day0:%Y-%m-%d}",
            names.index(row.ticker),
            "shares its day 0" if row.shared > 1 else "alone",
        )
        for row in rows_of(table)
    }
    spans = {
        (table["first"].iloc[list(chain)].min(), table["last"].iloc[list(chain)].max())
        for chain in brute
        if len(set(table["day0"].iloc[list(chain)])) > 1
    }
    shades = {(s["x0"], s["x1"]) for s in chart.figure["layout"]["shapes"]}
    assert shades == {(f"{a:%Y-%m-%d}", f"{b:%Y-%m-%d}") for a, b in spans}
    assert f"{len(table)} events on {table['day0'].nunique()} date" in chart.alt


def test_one_day_windows_overlap_only_on_their_date() -> None:
    result = study_of(3)
    panel, events = result.panel, result.events[["ticker", "date", "session"]]
    table = drawn.timeline(es.EventStudy(estimation=(-120, -11), window=(0, 0)).run(events, panel))
    assert (table["first"] == table["last"]).all()
    assert table["cluster"].nunique() == table["day0"].nunique()
    chart = charts.timeline_chart(table)
    assert chart.figure["layout"]["shapes"] == []
    assert chart.alt.endswith("; no windows of different dates overlap.")


@pytest.mark.parametrize("seed", SEEDS)
def test_the_curve_that_is_drawn(seed: int) -> None:
    result = study_of(seed)
    curve = result.study.vary(
        window=[(0, 0), (-3, -1), (0, 4)], model=[es.MarketModel(), es.MeanAdjusted()]
    ).run(result.events, result.panel, draws=0)
    table = curve.table.sort_values("estimate", kind="stable").reset_index(drop=True)
    chart = charts.curve_chart(curve.table, ["window", "model"])
    seen = 0
    for trace in traces(chart):
        if "error_y" in trace:
            rows = table.loc[trace["x"]]
            seen += len(rows)
            same(trace["y"], rows["estimate"])
            same(trace["error_y"]["array"], rows["ci_high"] - rows["estimate"])
            same(trace["error_y"]["arrayminus"], rows["estimate"] - rows["ci_low"])
            significant = (rows["pvalue"] <= 0.05).tolist()
            assert significant == [trace["name"] != "not significant"] * len(rows)
    assert seen == len(table) == 6
    (median,) = (trace for trace in traces(chart) if trace.get("name") == "median")
    same(median["y"], [table["estimate"].median()] * 2)
    found = int((table["pvalue"] <= 0.05).sum())
    assert chart.alt.endswith(f"; {found} with p ≤ 5 %.")


def test_values_of_a_choice_that_begin_alike_keep_different_names() -> None:
    values = ["FactorModel (SPY, Bitcoin, rates)", "FactorModel (SPY, Bitcoin, gold)"]
    numbers = {"estimate": [0.01, 0.02], "ci_low": 0.0, "ci_high": 0.03, "pvalue": 0.5}
    table = pd.DataFrame({"model": values, "again": values, **numbers})
    told = charts.curve_chart(table, ["model", "again"]).figure["layout"]["yaxis2"]["ticktext"]
    assert told == ["FactorModel (SPY, Bitco…", "FactorModel (SPY, Bitco… (2)"] * 2


# ── few events ───────────────────────────────────────────────────────────────────────────
def few(many: int) -> pd.DataFrame:
    estimate = np.linspace(0.02, 0.06, many)
    numbers = {"estimate": estimate, "low": estimate - 0.03, "high": estimate + 0.03}
    day0 = pd.Timestamp("2026-02-26")
    return pd.DataFrame({"ticker": [f"T{k}" for k in range(many)], "day0": day0, **numbers})


@pytest.mark.parametrize("many", [2, 6])
def test_ranks_of_few_events_are_whole(many: int) -> None:
    assert charts.cars_chart(few(many)).figure["layout"]["xaxis"]["dtick"] == 1


def test_one_event_is_no_mean_and_no_order() -> None:
    chart = charts.cars_chart(few(1), "[0,+1]")
    assert [trace["name"] for trace in traces(chart)] == ["the interval holds zero"]
    assert chart.figure["layout"]["xaxis"]["title"]["text"] == "1 event"
    assert chart.alt == "CAR [0,+1] of 1 event: +2.0 %. Its 95 % interval holds zero."
    sure = charts.cars_chart(few(1).assign(low=0.01))
    assert sure.note == "Its 95 % interval excludes zero."


def test_counts_of_intervals_are_said_in_the_singular_too() -> None:
    assert charts.cars_chart(few(2)).note == "1 of 2 intervals excludes zero."
    bare = few(2).assign(low=np.nan, high=np.nan)
    assert charts.cars_chart(bare).note == "No interval is known."
    assert (
        "0 of 20 intervals exclude zero (0 %; 5 %"
        in charts.cars_chart(few(20).assign(low=-1.0)).note
    )


@pytest.mark.parametrize(("cells", "share"), [(99, 1.0), (100, 0.99), (1000, 0.99)])
def test_colours_leave_out_one_in_a_hundred_cells_or_none(cells: int, share: float) -> None:
    values = np.append(np.arange(1.0, cells + 1), np.nan)[None, :]
    assert reach_of(values) == np.quantile(np.arange(1.0, cells + 1), share)
    assert reach_of(np.zeros((3, 3))) == 1e-6


# ── dates ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("days", "most"), [(0, 1), (2, 3), (30, 4), (120, 4), (121, 7), (9999, 7)])
def test_labels_that_are_days_are_fewer_than_months(days: int, most: int) -> None:
    assert frame.dates(days=days)["nticks"] == most


def test_the_dates_of_a_short_timeline_do_not_touch_on_a_phone() -> None:
    day0 = pd.Timestamp("2026-05-26")
    row = {"ticker": "IREN", "day0": day0, "first": day0 - pd.Timedelta(8, "D")}
    table = pd.DataFrame([{**row, "last": day0 + pd.Timedelta(7, "D"), "shared": 1, "cluster": 0}])
    assert charts.timeline_chart(table).figure["layout"]["xaxis"]["nticks"] == 4


def test_a_short_timeline_has_two_dates_in_a_column_of_a_journal() -> None:
    import matplotlib.pyplot as plt

    day0 = pd.Timestamp("2026-05-26")
    row = {"ticker": "IREN", "day0": day0, "first": day0 - pd.Timedelta(8, "D")}
    table = pd.DataFrame([{**row, "last": day0 + pd.Timedelta(7, "D"), "shared": 1, "cluster": 0}])
    figure, ax = plt.subplots(figsize=(3.4, 3.0), layout="constrained")
    draw_timeline(table, ax=ax)
    figure.canvas.draw()
    low, high = ax.get_xlim()
    assert sum(low <= x <= high for x in ax.get_xticks()) >= 2


# ── flags ────────────────────────────────────────────────────────────────────────────────
def flagged_bars() -> pd.DataFrame:
    notes = ["own deal", "", "own earnings; own deal", "own earnings"]
    estimate = [-0.02, -0.01, 0.01, 0.02]
    numbers = {"estimate": estimate, "low": -0.05, "high": 0.05}
    return pd.DataFrame(
        {**numbers, "flagged": [True, False, True, True], "flag_note": notes}, index=list("abcd")
    )


def test_each_reason_has_one_letter_from_the_top_down() -> None:
    table = flagged_bars()
    assert flagged.reasons(table) == ["own earnings", "own deal"]
    assert flagged.marks(table) == [" (b)", "", " (a,b)", " (a)"]
    assert flagged.legend(table) == "flagged: (a) own earnings; (b) own deal"


def test_a_reason_of_a_bar_that_is_not_flagged_is_none() -> None:
    table = flagged_bars().assign(flagged=[False, False, False, True])
    assert flagged.reasons(table) == ["own earnings"]
    assert flagged.marks(table) == [""] * 4
    assert flagged.legend(table) == "flagged: own earnings"
    nothing: list[Any] = [None, np.nan, pd.NA, None]
    missing = table.assign(flag_note=nothing)
    assert flagged.legend(missing) == "flagged"


def test_both_pictures_tell_every_reason_of_a_study() -> None:
    table = findings.bars(study_of(3), Window(0, 0))
    said = flagged.legend(table.sort_values("estimate"))
    assert "own earnings" in said
    assert "merger arbitrage" in said
    assert not said.endswith("…")
    entry = next(t for t in traces(charts.bars_chart(table)) if t["x"] == [None])
    assert entry["name"].replace("<br>", " ") == said
    legend = draw_bars(table).get_legend()
    assert legend is not None
    assert [t.get_text() for t in legend.get_texts()] == [said]


def test_a_reason_that_is_cut_says_so() -> None:
    table = flagged_bars().assign(flag_note="a very long reason " * 30)
    entry = traces(charts.bars_chart(table))[-1]
    assert entry["name"].endswith("…")
    assert len(re.split("<br>", entry["name"])) <= 5
    assert entry["name"].startswith("flagged: a very")


# ── other measures ───────────────────────────────────────────────────────────────────────
def test_log_volumes_are_drawn_as_they_are() -> None:
    result, window, measure = study_of(1), Window(0, 1), Multiple(noun="log volume")
    table = drawn.cars(result, window).dropna()
    *dots, mean = traces(charts.cars_chart(table, window.label, measure))
    shown = sorted(y for trace in dots for y in trace["y"])
    same(shown, np.sort(table["estimate"]), 1.0)
    assert mean["name"] == f"mean {measure.number(table['estimate'].mean(), 1)}"
    assert "%" not in mean["name"]
    assert not measure.number(0.5).endswith("%")
    assert Scale(RETURNS).unit == 100.0


# ── intervals that are longer on one side, and sides ─────────────────────────────────────
def uneven(many: int) -> pd.DataFrame:
    """CARs from -5 % to +5 %, 1 % down and 3 % up."""
    estimate = np.linspace(-0.05, 0.05, many)
    numbers = {"estimate": estimate, "low": estimate - 0.01, "high": estimate + 0.03}
    day0 = pd.Timestamp("2026-02-26")
    return pd.DataFrame({"ticker": [f"T{k}" for k in range(many)], "day0": day0, **numbers})


def test_whiskers_reach_as_far_as_they_should_on_either_side() -> None:
    table = uneven(11).set_index("ticker")
    table = table.assign(ci_low=table["low"], ci_high=table["high"], pvalue=0.5)
    made = [
        *traces(charts.cars_chart(uneven(11))),
        *traces(charts.bars_chart(table)),
        *traces(charts.curve_chart(table, [])),
    ]
    errors = [bar for t in made for bar in (t.get("error_x"), t.get("error_y")) if bar]
    assert len(errors) >= 4
    for error in errors:
        assert set(error["arrayminus"]) == {1.0}
        assert set(error["array"]) == {3.0}


def test_an_interval_that_ends_at_zero_holds_it() -> None:
    table = few(4).assign(estimate=[0.005, 0.02, -0.005, -0.02])
    table = table.assign(low=[0.001, 0.0, -0.01, -0.04], high=[0.01, 0.04, -0.001, 0.0])
    *dots, _ = traces(charts.cars_chart(table))
    assert {t["name"]: t["y"] for t in dots} == {
        "below zero": [-0.5],
        "the interval holds zero": [-2.0, 2.0],
        "above zero": [0.5],
    }
    assert charts.cars_chart(table).note == "2 of 4 intervals exclude zero."


def test_a_band_goes_along_the_lower_ends_and_back_along_the_upper_ones() -> None:
    table = uneven(151).sample(frac=1.0, random_state=3)
    table.iloc[7, 3:] = np.nan
    band, line, _ = traces(charts.cars_chart(table))
    ranked = table.sort_values("estimate")
    known = ranked.dropna()
    same(band["y"], [*known["low"], *known["high"][::-1]])
    rank = np.flatnonzero(ranked["low"].notna()) + 1
    assert band["x"] == [*rank, *rank[::-1]]
    same(line["y"], ranked["estimate"])
    assert line["x"] == list(range(1, 152))
    assert [event for event, _ in line["customdata"]] == [
        f"{ticker} 2026-02-26" for ticker in ranked["ticker"]
    ]


def test_printed_whiskers_are_uneven_too() -> None:
    from matplotlib.collections import LineCollection

    ax = draw_cars(uneven(5))
    (lines,) = (c for c in ax.collections if isinstance(c, LineCollection))
    ends = np.array([line[:, 0] for line in lines.get_segments()])
    np.testing.assert_allclose(ends, uneven(5)[["low", "high"]])
    ax = draw_bars(uneven(5).set_index("ticker"))
    (lines,) = (c for c in ax.collections if isinstance(c, LineCollection))
    ends = np.array([line[:, 0] for line in lines.get_segments()])
    np.testing.assert_allclose(ends, uneven(5)[["low", "high"]])


# ── what alt texts count ─────────────────────────────────────────────────────────────────
def test_the_alt_of_a_map_counts_neither_zero_nor_missing_on_day_0() -> None:
    ar = pd.DataFrame({-1: [0.5, 0.5, 0.5, 0.5], 0: [0.01, 0.0, -0.02, np.nan]}, list("abcd"))
    labels = few(4).set_index(ar.index)[["ticker", "day0"]]
    alt = charts.heat_chart(ar, labels).alt
    assert alt.endswith("; on day 0, 1 above zero and 1 below.")


def test_the_alt_of_groups_says_where_each_ends() -> None:
    day = pd.Index([-1, 0], name="day")
    paths = {
        name: pd.DataFrame({"caar": [0.07, end], "low": -0.1, "high": 0.1, "n": 3}, day)
        for name, end in (("deals", 0.031), ("others", -0.012))
    }
    alt = charts.path_chart(paths).alt
    assert alt == "CAAR of 2 groups from day -1 to 0; at its end: deals +3.1 %, others -1.2 %."


def test_each_button_saves_the_picture_it_stands_below() -> None:
    text = page(study_of(1), Asked([Window(0, 0)], by="kind"))
    pairs = re.findall(r'class="save" data-chart="([^"]+)" aria-describedby="chart-([^"]+)"', text)
    assert len(pairs) >= 6
    assert all(saved == told for saved, told in pairs)
    assert {f"chart-{name}" for name, _ in pairs} == set(re.findall(r'id="(chart-[^"]+)"', text))


# ── curve and backtest, at the edges ─────────────────────────────────────────────────────
def test_five_per_cent_is_significant_and_open_where_the_interval_holds_zero() -> None:
    rows = {
        "estimate": [0.01, 0.02, 0.03],
        "ci_low": [-0.01, 0.0, 0.01],
        "pvalue": [0.05, 0.5, 0.01],
    }
    table = pd.DataFrame({**rows, "ci_high": 0.06, "model": list("abc")})
    chart = charts.curve_chart(table, ["model"])
    faces = {
        trace["name"]: dict(zip(trace["x"], trace["marker"]["color"], strict=True))
        for trace in traces(chart)
        if "error_y" in trace
    }
    assert faces == {
        "positive, p ≤ 5 %": {0: frame.WHITE, 2: UP},
        "not significant": {1: PALE},
    }


def test_the_hover_of_a_date_names_six_tickers() -> None:
    many = 70
    day0 = pd.Series([pd.Timestamp("2026-02-26")] * 8 + [pd.Timestamp("2026-03-05")] * (many - 8))
    table = pd.DataFrame({"ticker": [f"T{k:02d}" for k in range(many)], "day0": day0})
    table = table.assign(first=day0, last=day0, cluster=0)
    table["shared"] = table.groupby("day0")["day0"].transform("size")
    heads = traces(charts.timeline_chart(table))[1]
    assert heads["y"] == [8, 62]
    assert heads["hovertext"][0] == (
        "<b>2026-02-26</b>: 8 events<br>T00, T01, T02<br>T03, T04, T05<br>and 2 more"
    )


def test_profits_before_costs_hold_the_hedge() -> None:
    rng = np.random.default_rng(0)
    daily = pd.DataFrame(rng.normal(0, 0.01, (30, 3)), DAYS[:30], ["gross", "hedge", "cost"])
    daily["net"] = daily["gross"] + daily["hedge"] - daily["cost"].abs()
    shown = {trace["name"]: trace for trace in traces(charts.equity_chart(daily, 2.0))}
    same(shown["before costs"]["y"], (daily["gross"] + daily["hedge"]).cumsum() / 2)
    same(shown["net of costs"]["y"], daily["net"].cumsum() / 2)
    fall = daily["net"].cumsum() - daily["net"].cumsum().cummax().clip(lower=0.0)
    same(shown["drawdown"]["y"], fall / 2)


def test_every_trade_says_its_own_name_and_none_above_zero_is_counted_twice() -> None:
    table = pd.DataFrame({"ticker": list("abcd"), "enter": DAYS[:4], "net": [-0.1, 0.0, -0.2, 0.3]})
    chart = charts.trades_chart(table)
    heads = [trace for trace in traces(chart) if "hovertext" in trace]
    told = {text[3]: y for t in heads for text, y in zip(t["hovertext"], t["y"], strict=True)}
    assert told == {"a": -10.0, "b": 0.0, "c": -20.0, "d": 30.0}
    assert "1 above zero" in chart.alt


@pytest.mark.parametrize(
    ("mean", "told"),
    [
        ((0.001, -0.0031, 0.0056), "average +0.10 % (95 % interval -0.31 % to +0.56 %)"),
        ((0.007, -0.013, 0.027), "average +0.7 % (95 % interval -1.3 % to +2.7 %)"),
    ],
)
def test_a_small_average_has_two_decimals(mean: tuple[float, float, float], told: str) -> None:
    legend = draw_cars(uneven(5), mean=mean).get_legend()
    assert legend is not None
    assert legend.get_texts()[-1].get_text().replace("\n", " ") == told


@pytest.mark.parametrize("seed", SEEDS)
def test_both_pictures_shade_the_same_clusters(seed: int) -> None:
    """Events of one date alone are no chain of windows, however many they are."""
    table = drawn.timeline(study_of(seed))
    day0 = pd.Timestamp("2022-01-10")
    pair = {"ticker": ["T0", "T1"], "day0": day0, "first": day0, "last": day0, "shared": 2}
    table = pd.concat([table, pd.DataFrame({**pair, "cluster": 99})])
    shades = charts.timeline_chart(table).figure["layout"]["shapes"]
    ax = draw_timeline(table)
    assert len(ax.patches) == len(shades)
    found = {
        tuple(str(np.datetime64(round(x), "D")) for x in (p.get_x(), p.get_x() + p.get_width()))
        for p in ax.patches
        if isinstance(p, Rectangle)
    }
    assert found == {(shade["x0"], shade["x1"]) for shade in shades}


def test_as_many_of_the_highest_as_of_the_lowest_bars_are_kept() -> None:
    table = uneven(90).set_index("ticker")
    assert ranked(table).index.tolist() == [f"T{k}" for k in [*range(30), *range(60, 90)]]


def test_the_printed_curve_has_the_same_intervals_and_the_same_five_per_cent() -> None:
    from matplotlib.collections import LineCollection, PathCollection
    from matplotlib.colors import to_hex

    table = uneven(3).assign(pvalue=[0.05, 0.5, 0.01], model=list("abc"))
    table = table.rename(columns={"low": "ci_low", "high": "ci_high"})
    ax = draw_specifications(table, ["model"])
    lines, dots = (
        next(c for c in ax.collections if isinstance(c, kind))
        for kind in (LineCollection, PathCollection)
    )
    assert isinstance(lines, LineCollection)
    ends = np.array([line[:, 1] for line in lines.get_segments()])
    np.testing.assert_allclose(ends, table[["ci_low", "ci_high"]])
    edges = [to_hex(colour).upper() for colour in np.asarray(dots.get_edgecolor())]
    assert edges == [DOWN, PALE, UP]
