"""Night and day apart: what was in the opening price, and what came after it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import oracle
import oracle_halves
import pandas as pd
import pytest
from oracle import Floats

import eventstudy as es
from eventstudy.activity import NightAndDay, night_words, overnight
from eventstudy.errors import (
    ModelError,
    NothingLeft,
    OptionError,
    PanelError,
    WindowError,
)

mpl.use("Agg")
T = 300
DAYS = pd.bdate_range("2024-01-02", periods=T)
TICKERS = ["SPY", "IBIT", "AAA", "BBB", "CCC"]
ESTIMATION, WINDOW = (-150, -11), (-3, 3)
WINDOWS = [(0, 0), (-1, 1), (-3, 3)]
#: row of the firm, day 0
EVENTS = [(2, 200), (3, 200), (4, 200), (2, 240), (3, 260), (4, 285)]


@pytest.fixture(autouse=True)
def _no_figure_stays_open() -> Iterator[None]:
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


def bars(jump: float = 0.0) -> tuple[Floats, Floats, Floats]:
    """(S, T) adjusted closes, opens and closes: a dividend payer, and a jump in each night."""
    rng = np.random.default_rng(11)
    market = rng.normal(0, 0.008, (2, 2, T))
    night, day = rng.normal(0, 0.015, (2, 5, T)) * 0.7
    night[:2], day[:2] = market
    night[2:] += 0.9 * market[0, 0] + 0.5 * market[0, 1]
    day[2:] += 1.6 * market[1, 0] + 0.4 * market[1, 1]
    for firm, row in EVENTS:
        night[firm, row] += jump
    adjusted = 40 * np.cumprod((1 + night) * (1 + day), axis=1)
    closed = adjusted * np.where(np.arange(T) < 120, 2.04, 1.0)
    return adjusted, closed / (1 + day), closed


def prices(jump: float = 0.0) -> pd.DataFrame:
    return frame(*bars(jump))


def frame(*values: Floats) -> pd.DataFrame:
    tables = zip(("adj_close", "open", "close"), values, strict=True)
    return pd.concat({name: pd.DataFrame(v.T, DAYS, TICKERS) for name, v in tables}, axis=1)


def panel(table: pd.DataFrame | None = None, **options: Any) -> es.Panel:
    given = {"market": "SPY", **options}
    return es.Panel.from_prices(prices() if table is None else table, **given)


def events(session: str | list[str] = "before_open") -> pd.DataFrame:
    rows = [
        {"event_id": f"e{k}", "ticker": TICKERS[firm], "date": DAYS[row]}
        for k, (firm, row) in enumerate(EVENTS)
    ]
    return pd.DataFrame(rows).assign(session=session)


def study(model: Any = None, **options: Any) -> es.EventStudy:
    given = {"estimation": ESTIMATION, "window": WINDOW, **options}
    return es.EventStudy(es.MarketModel() if model is None else model, **given)


def found(jump: float = 0.0, session: str | list[str] = "before_open") -> NightAndDay:
    return overnight(events(session), panel(prices(jump)), study())


def at_zero(mine: NightAndDay) -> dict[str, dict[str, Any]]:
    """Half → the row of day 0."""
    table: Any = mine.table.xs("[0,0]", level="window")
    rows: dict[str, dict[str, Any]] = table.to_dict("index")
    return rows


def one_line(text: str) -> str:
    return " ".join(text.split())


# ── the numbers ──────────────────────────────────────────────────────────────────────────────
def close(one: Any, other: Any) -> None:
    np.testing.assert_allclose(np.asarray(one, float), other, rtol=0, atol=1e-10)


@pytest.mark.parametrize("kind", ["simple", "log"])
@pytest.mark.parametrize(
    ("model", "columns", "rate"),
    [
        (es.MarketModel(), (0,), None),
        (es.FactorModel(("SPY", "IBIT")), (0, 1), None),
        (es.CAPM(), (0,), 2e-4),
    ],
)
def test_each_half_is_what_a_plain_loop_finds(
    kind: str, model: Any, columns: tuple[int, ...], rate: float | None
) -> None:
    changing = None if rate is None else pd.Series(rate * (1 + np.arange(T) % 7), DAYS)
    made = panel(kind=kind, risk_free=changing)
    mine = overnight(events(), made, study(model), windows=WINDOWS)
    rates = None if rate is None else np.asarray(made.risk_free)
    data = oracle.Data(made.returns, np.empty((T, len(columns))), rates)
    setup = oracle.Setup(
        oracle.Model(columns, excess=rate is not None), ESTIMATION, WINDOW, kind=kind
    )
    loops = oracle_halves.studies(data, bars()[1:], EVENTS, setup)
    for half, loop in zip((mine.night, mine.day), loops, strict=True):
        assert len(half) == len(loop.events) == len(EVENTS)
        for window in WINDOWS:
            label = es.Window(*window).label
            close(half.car(window)[label], [e.car(window) for e in loop.events])
            close(half.scar(window)[label], [e.scar(window) for e in loop.events])
    for window in WINDOWS:
        label = es.Window(*window).label
        close(
            mine.table.loc[("night", label), "estimate"], oracle.mean(oracle.cars(loops[0], window))
        )
        close(
            mine.table.loc[("day", label), "estimate"], oracle.mean(oracle.cars(loops[1], window))
        )


def test_one_firm_by_hand() -> None:
    made, (_, opened, closed) = panel(), bars()
    mine = overnight(events().iloc[:1], made, study())
    parts = [
        oracle_halves.halves(r.tolist(), o.tolist(), c.tolist(), "simple")
        for r, o, c in zip(made.returns, opened, closed, strict=True)
    ]
    for k, half in enumerate((mine.night, mine.day)):
        firm, market = np.array(parts[2][k]), np.array(parts[0][k])
        by_hand = oracle_halves.market_model(firm, market, 200, *ESTIMATION)
        close(half.ar.loc["e0", 0], by_hand)


def test_the_whole_is_the_study_itself() -> None:
    mine, itself = found(), study().run(events(), panel())
    for window in WINDOWS:
        pd.testing.assert_frame_equal(mine.whole.caar(window), itself.caar(window))
    whole = mine.table.loc["whole"]
    pd.testing.assert_series_equal(
        whole["estimate"].astype(float), itself.caar()["estimate"], check_names=False
    )


@pytest.mark.parametrize("model", [es.RawReturn(), es.MeanAdjusted(), es.MarketAdjusted()])
def test_log_halves_of_a_model_without_betas_add_up(model: Any) -> None:
    mine = overnight(events(), panel(kind="log"), study(model), windows=WINDOWS)
    total = mine.night.ar + mine.day.ar
    np.testing.assert_allclose(total, mine.whole.ar, rtol=0, atol=1e-14)
    for window in WINDOWS:
        assert abs(mine.rest(window)) < 1e-14


def test_simple_raw_halves_compound() -> None:
    mine = overnight(events(), panel(), study(es.RawReturn()))
    night, day, whole = mine.night.ar, mine.day.ar, mine.whole.ar
    np.testing.assert_allclose((1 + night) * (1 + day) - 1, whole, rtol=0, atol=1e-14)
    close(mine.rest(), (night * day)[0].mean())


def test_a_jump_at_the_open_is_in_the_night() -> None:
    still, moved = (
        overnight(events(), panel(prices(jump)), study(es.RawReturn())) for jump in (0.0, 0.05)
    )
    night, day, whole = np.subtract(moved.means(es.Window(0, 0)), still.means(es.Window(0, 0)))
    assert night == pytest.approx(0.05, abs=1e-9)
    assert day == pytest.approx(0.0, abs=1e-9)
    assert whole == pytest.approx(0.05, abs=2e-3)


def test_shares_and_the_rest() -> None:
    mine = found(0.05)
    night, day, whole = mine.means(es.Window(0, 0))
    assert mine.rest() == whole - night - day
    wanted = night / (night + day) if night * day > 0 else np.nan
    np.testing.assert_equal(mine.share(), wanted)
    shares = [
        one.share() for one in (mine.where(mine.whole.events.index == e) for e in mine.hours.index)
    ]
    assert any(np.isnan(shares))  # opposite ways: no share
    known = [share for share in shares if np.isfinite(share)]
    assert known
    assert all(0 <= share <= 1 for share in known)


# ── what was planted in the sample ───────────────────────────────────────────────────────────
def deals(session: list[str]) -> NightAndDay:
    news = es.catalysts.expand(es.catalysts.load(category="deal"), es.universe.MINERS)
    news = news[news["own_news"] & news["session"].isin(session)]
    model = es.EventStudy(es.FactorModel(("SPY", "IBIT")), window=(-2, 2))
    made = model.load(news, es.loaders.sample, market="SPY", fields=("open", "close"))
    return overnight(news, made, model, windows=(0, 0))


def test_planted_news_out_of_hours_is_in_the_opening_price() -> None:
    mine = deals(["before_open", "after_close"])
    planted = es.loaders.sample.planted()
    deal = planted[(planted["category"] == "deal") & (planted["day"] == 0)]
    total = deal.set_index("event_id")["total"].reindex(mine.whole.events["catalyst"].index)
    assert len(mine) >= 30
    night, day, whole = (at_zero(mine)[half] for half in ("night", "day", "whole"))
    assert night["ci_low"] < float(total.mean()) < night["ci_high"]
    assert day["ci_low"] < 0 < day["ci_high"]
    assert night["pvalue"] < 1e-6
    # a night is less than half as wild as a session: the same effect is found more surely
    assert night["ci_high"] - night["ci_low"] < 0.6 * (whole["ci_high"] - whole["ci_low"])


def test_planted_news_of_the_session_is_in_the_day() -> None:
    mine = deals(["intraday", "unknown"])
    night, day, _ = mine.means(es.Window(0, 0))
    assert abs(night) < 0.015
    assert day == pytest.approx(0.06, abs=0.025)
    assert set(mine.hours) == {"intraday", "unknown"}


# ── when the news came ───────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("date", "session", "hours"),
    [
        (DAYS[200], "before_open", "out of hours"),
        (DAYS[200], "after_close", "out of hours"),
        (DAYS[200], "intraday", "intraday"),
        (DAYS[200], "unknown", "unknown"),
        # a Saturday: known on Monday, whatever the hour
        (pd.Timestamp("2024-10-12"), "unknown", "out of hours"),
        (pd.Timestamp("2024-10-12"), "intraday", "out of hours"),
    ],
)
def test_hours_of_the_news(date: pd.Timestamp, session: str, hours: str) -> None:
    news = pd.DataFrame({"event_id": ["e"], "ticker": "AAA", "date": date, "session": session})
    mine = overnight(news, panel(), study())
    assert mine.hours.to_dict() == {"e": hours}


def test_a_session_before_the_news_is_later() -> None:
    news = pd.DataFrame({"ticker": "AAA", "date": [pd.Timestamp("2024-10-12")]})
    backward = study(timing=es.Timing(roll="backward"))
    mine = overnight(news.assign(session="before_open"), panel(), backward)
    assert set(mine.hours) == {"later"}
    assert "1 event with news after the close of day 0" in one_line(mine.summary()).lower()


MIXED = ["before_open", "after_close", "intraday", "unknown", "before_open", "before_open"]


def test_news_out_of_hours_leads_and_the_others_stand_apart() -> None:
    mine = found(0.05, MIXED)
    assert len(mine) == 6
    assert len(mine.lead) == 4
    text = one_line(mine.summary())
    assert "News 4 out of hours, 1 during the session and 1 of unknown hour" in text
    for title in (
        "4 events with news out of hours",
        "1 event with news during the session",
        "1 event with news of unknown hour",
    ):
        assert title in text
    assert "News of unknown hour counts as news of the day itself" in text
    assert "News of the session came after the night of day 0." in text


def test_without_news_out_of_hours_all_lead() -> None:
    mine = found(session="intraday")
    assert mine.lead is mine
    assert "came overnight, and" in mine.sentence()


# ── nothing is lost ──────────────────────────────────────────────────────────────────────────
def test_a_firm_without_opens_is_dropped_with_its_reason() -> None:
    table = prices()
    table[("open", "BBB")] = np.nan
    news = pd.concat([events(), pd.DataFrame({"event_id": ["x"], "ticker": "ZZZ", "date": DAYS[200],
                                              "session": "unknown"})])  # fmt: skip
    mine = overnight(news, panel(table), study())
    assert len(mine) + len(mine.dropped) == len(news)
    lost = mine.dropped
    assert lost.index.tolist() == ["x", "e1", "e4"]
    assert lost["reason"].tolist() == ["unknown_ticker", "no_event_data", "no_event_data"]
    assert lost.loc["e1", "detail"] == "night: no return on any day of [-3,+3]"
    for result in (mine.night, mine.day, mine.whole):
        assert result.events.index.tolist() == ["e0", "e2", "e3", "e5"]
        assert result.dropped.equals(lost)


def test_a_day_without_an_open_leaves_all_three() -> None:
    table = prices()
    table.loc[DAYS[240], ("open", "AAA")] = 0.0
    mine = overnight(events(), panel(table), study())
    assert len(mine) == 6
    assert [row["n"] for row in at_zero(mine).values()] == [5, 5, 5]
    whole = mine.whole.where(mine.whole.events.index != "e3").caar((0, 0))
    assert at_zero(mine)["whole"]["estimate"] == whole["estimate"].iloc[0]
    assert "1 event lacks an open or a close on a day of [0,0]." in one_line(mine.summary())
    assert "over 5 events" in mine.sentence()


def test_a_window_that_no_event_has() -> None:
    table = prices()
    table.loc[DAYS[[200, 240, 260, 285]], "open"] = np.nan
    mine = overnight(events(), panel(table), study())
    assert mine.sentence() == (
        "On the event day (day 0) no event has an open, a close and a return on every day."
    )
    assert np.isnan(mine.share())
    assert max(map(len, mine.summary().splitlines())) <= 80


def test_all_dropped_is_told() -> None:
    table = prices()
    for ticker in ("AAA", "BBB", "CCC"):
        table[("open", ticker)] = np.nan
    with pytest.raises(NothingLeft, match=r"6 × no_event_data.*, night: no return on"):
        overnight(events(), panel(table), study())


# ── other panels and models ──────────────────────────────────────────────────────────────────
def test_the_half_that_lost_all_events_is_named() -> None:
    adjusted, _, closed = bars()
    with pytest.raises(NothingLeft, match=r"6 × collinear\. .*, day: the factors are collinear"):
        overnight(events(), panel(frame(adjusted, closed, closed)), study())


def test_firms_without_events_change_nothing() -> None:
    few = prices().drop(columns=["BBB", "CCC"], level=1)
    news = events().iloc[[0, 3]]
    one = overnight(news, panel(few), study()).caar(*WINDOWS)
    pd.testing.assert_frame_equal(one, overnight(news, panel(), study()).caar(*WINDOWS))


def test_order_of_events_changes_nothing() -> None:
    turned = overnight(events().iloc[::-1], panel(), study())
    close(turned.table["estimate"], found().table["estimate"])


@pytest.mark.parametrize(("dtype", "near"), [("float64", 0.0), ("float32", 1e-6)])
def test_a_saved_panel_gives_the_same(tmp_path: Path, dtype: str, near: float) -> None:
    panel().save(tmp_path / "panel", dtype=dtype)
    mine = overnight(events(), es.Panel.open(tmp_path / "panel"), study())
    columns = ["estimate", "ci_low", "ci_high"]
    np.testing.assert_allclose(
        mine.table[columns].to_numpy(float), found().table[columns].to_numpy(float),
        rtol=0, atol=near,
    )  # fmt: skip


def test_factors_that_are_tickers_are_parted() -> None:
    both = study(es.FactorModel(("SPY", "IBIT")))
    one = overnight(events(), panel(factors=["SPY", "IBIT"]), both)
    other = overnight(events(), panel(), both)
    pd.testing.assert_frame_equal(one.table, other.table)
    assert set(one.night.estimates.columns) >= {"SPY", "IBIT"}


def test_peers_are_parted_with_their_firms() -> None:
    peers, made = es.factors.peers(["AAA", "BBB", "CCC"]), panel()
    mine = overnight(events(), made, study(es.FactorModel(("SPY", peers))))
    parts = {
        ticker: oracle_halves.halves(r.tolist(), o.tolist(), c.tolist(), "simple")[0]
        for ticker, r, o, c in zip(TICKERS, made.returns, *bars()[1:], strict=True)
    }
    night = es.Panel.from_returns(pd.DataFrame(parts, DAYS), market="SPY")
    itself = study(es.FactorModel(("SPY", peers))).run(events(), night)
    close(mine.night.car((0, 0)), itself.car((0, 0)))


def test_the_masked_years_of_another_company_are_told() -> None:
    own = {"AAA": DAYS[150]}
    mine = overnight(events(), panel(own_since=own), study(min_obs=100))
    assert mine.dropped["reason"].to_dict() == {"e0": "not_own_price", "e3": "not_own_price"}


def test_a_market_around_the_clock_is_told() -> None:
    table = prices()
    table[("open", "IBIT")] = table[("close", "IBIT")].shift(1)
    mine = overnight(events(), panel(table), study(es.FactorModel(("SPY", "IBIT"))))
    assert mine.clocks == ("IBIT",)
    assert "IBIT trades around the clock: its night is empty" in one_line(mine.summary())
    assert found().clocks == ()


def test_a_fund_with_quiet_nights_has_nights() -> None:
    table = prices()
    night = np.random.default_rng(1).normal(0, 0.0007, T)  # a tenth of the day
    table[("open", "IBIT")] = table[("close", "IBIT")].shift(1) * (1 + night)
    mine = overnight(events(), panel(table), study(es.FactorModel(("SPY", "IBIT"))))
    assert mine.clocks == ()


def test_a_session_without_a_return_is_in_neither_half() -> None:
    """Its open and close are known, yet the night is not: both halves have the same days."""
    table = prices()
    table.loc[DAYS[100], ("adj_close", "AAA")] = np.nan
    mine = overnight(events(), panel(table), study())
    first = mine.whole.events.index.get_loc("e0")
    counts = [r.abnormal.n_obs[first] for r in (mine.night, mine.day, mine.whole)]
    assert counts == [138.0, 138.0, 138.0]


def test_without_study_it_is_the_market_model() -> None:
    mine = overnight(events().iloc[5:], panel())
    assert mine.whole.study == es.EventStudy()
    assert [w.label for w in mine.windows] == ["[0,0]", "[-1,+1]", "[-10,+10]"]


# ── what is refused ──────────────────────────────────────────────────────────────────────────
def test_a_panel_without_opens() -> None:
    with pytest.raises(PanelError, match="The panel has no field `open`"):
        overnight(events(), panel(prices().drop(columns="open", level=0)), study())


def test_a_factor_that_is_no_ticker() -> None:
    factor = pd.DataFrame({"Mkt-RF": bars()[0][0]}, DAYS).pct_change()
    made = panel(factors=factor, market="SPY", risk_free=0.0)
    with pytest.raises(PanelError, match="`Mkt-RF` has no session with both an open and a close"):
        overnight(events(), made, study(es.FactorModel(("Mkt-RF",))))
    # a factor that the model does not read needs no halves
    assert len(overnight(events(), made, study())) == 6


def test_returns_across_gaps() -> None:
    made = panel(kind="log", across_gaps=True)
    with pytest.raises(ModelError) as told:
        overnight(events(), made, study(es.TradeToTrade()))
    assert str(told.value) == (
        "TradeToTrade measures returns over several sessions, which have no night and day of their "
        "own; use another model, such as es.MarketModel()."
    )


def test_what_is_no_study_or_panel() -> None:
    with pytest.raises(OptionError, match="study is a MarketModel"):
        overnight(events(), panel(), es.MarketModel())  # type: ignore[arg-type]  # refused
    with pytest.raises(PanelError, match="panel is a DataFrame"):
        overnight(events(), prices(), study())  # type: ignore[arg-type]  # refused


@pytest.mark.parametrize("windows", [(0, 9), [(0, 0), (-8, 0)]])
def test_windows_outside_the_event_window(windows: Any) -> None:
    with pytest.raises(WindowError):
        overnight(events(), panel(), study(), windows=windows)


# ── words and pictures ───────────────────────────────────────────────────────────────────────
def test_the_sentence_says_what_could_be_traded() -> None:
    mine = found(0.05)
    rows = at_zero(mine)
    night, day, whole = (f"{100 * row['estimate']:+.1f} %" for row in rows.values())
    low, high = (f"{100 * rows['night'][end]:+.1f} %" for end in ("ci_low", "ci_high"))
    assert mine.sentence().startswith(
        f"On the event day (day 0) the 3 firms moved by {whole} on average over 6 events beyond "
        f"what the market explains: {night} (95 % interval {low} to {high}, p < 0.001) was in the "
        f"opening price, and {day} (95 % interval "
    )
    assert mine.sentence().endswith(
        ") came between open and close, which is all that a trade at the open could have earned."
    )
    longer = mine.sentence((-1, 1))
    assert "came overnight, and" in longer
    assert longer.startswith("From one trading day before to one after the event the 3 firms moved")


def test_the_sentence_of_one_firm_names_it() -> None:
    mine = overnight(events().iloc[:1], panel(prices(0.05)), study())
    assert mine.sentence().startswith("On the event day (day 0) AAA moved by +")
    assert "on average" not in mine.sentence()


def test_the_share_is_told_where_the_move_is_significant() -> None:
    adjusted, opened, closed = bars(0.05)
    for firm, row in EVENTS:  # and as much again in the session
        adjusted[firm, row:] *= 1.05
        closed[firm, row:] *= 1.05
        opened[firm, row + 1 :] *= 1.05
    table = frame(adjusted, opened, closed)
    mine = overnight(events(), panel(table), study())
    share = f"The night has {100 * mine.share():.0f} % of the two."
    assert share in one_line(mine.summary())
    assert 0.4 < mine.share() < 0.6
    assert "of the two" not in one_line(found().summary())


def test_the_summary_fits_a_page() -> None:
    mine = found(0.05, MIXED)
    assert str(mine) == mine.summary()
    assert max(map(len, mine.summary().splitlines())) <= 80
    assert "nan" not in mine.summary()
    text = one_line(mine.summary())
    assert "simple returns compound, and each half has betas of its own." in text
    logs = overnight(events(), panel(kind="log"), study())
    assert "compound" not in logs.summary()


def test_the_page_shows_what_was_lost_and_what_no_test_can_tell() -> None:
    news = events()
    news["ticker"] = ["ZZZ", *news["ticker"][1:]]
    text = overnight(news, panel(), study()).summary()
    assert "unknown_ticker" in text.partition("Dropped events")[2]
    assert "Dropped events" not in found().summary()
    one_date = overnight(events().iloc[:3], panel(), study()).summary()
    assert "a shock to the whole sector on those days cannot be told" in one_line(one_date)


def test_a_summary_of_other_windows() -> None:
    mine = found(0.05)
    text = mine.summary((0, 1))
    assert text.startswith("Night and day")
    assert "From the event day to one trading day after it" in one_line(text)
    assert "[0,+1]" in text
    assert "[-1,+1]" not in text
    assert mine.summary() == mine.summary(*mine.windows)


def test_groups_of_events() -> None:
    mine = found(0.05)
    parts = mine.by("ticker")
    assert set(parts) == set(mine.events["ticker"].unique())
    for ticker, part in parts.items():
        alone = mine.where(mine.events["ticker"] == ticker)
        pd.testing.assert_frame_equal(part.table, alone.table)


def test_an_interval_and_a_p_that_disagree_are_told_apart() -> None:
    table = found(0.05).caar((0, 0)).droplevel("window")
    agree = night_words._proof(table, "night", 1)
    assert "p < 0.001" in agree
    assert "adjusted" not in agree
    for name, value in {"ci_low": -0.01, "ci_high": 0.09, "pvalue": 0.016}.items():
        table.loc["night", name] = value
    table.loc["night", "test"] = "adj_bmp"
    assert night_words._proof(table, "night", 1) == (
        "95 % interval -1.0 % to +9.0 %, p = 0.016, adjusted BMP"
    )


def test_hostile_names_stay_text() -> None:
    bad = "<b>$x^2$"
    table = prices(0.05).rename(columns={"AAA": bad}, level=1)
    news = events().replace({"ticker": {"AAA": bad}})
    mine = overnight(news.iloc[[0]], panel(table), study())
    assert bad in mine.sentence()
    html = mine._repr_html_()
    assert "<b>" not in html
    assert "&lt;b&gt;$x^2$" in html
    mine.plot(title=bad).figure.canvas.draw()


def test_the_picture_has_two_bars_a_day() -> None:
    mine = found(0.05, MIXED)
    ax: Any = mine.plot()
    assert len(ax.patches) == 2 * 7
    heights = [bar.get_height() for bar in ax.patches]
    table = mine.lead.caar(*range(-3, 4))["estimate"]
    np.testing.assert_allclose(heights, [*table["night"], *table["day"]])
    assert ax.get_title(loc="left") == "Night and day, 4 events with news out of hours"
    assert [t.get_text() for t in ax.get_legend().get_texts()] == [
        "night: close to open", "day: open to close",
    ]  # fmt: skip


def test_the_picture_goes_where_it_is_told() -> None:
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    assert found().plot(ax, title="Mine") is ax
    assert ax.get_title(loc="left") == "Mine"


def test_nothing_given_is_changed() -> None:
    news, made = events(), panel()
    before = news.copy(), made.fingerprint, made.fields["open"].copy()
    overnight(news, made, study()).plot()
    pd.testing.assert_frame_equal(news, before[0])
    np.testing.assert_array_equal(made.fields["open"], before[2])
    assert es.Panel.from_prices(prices(), market="SPY").fingerprint == before[1]


def test_it_is_public() -> None:
    assert es.activity.overnight is overnight
