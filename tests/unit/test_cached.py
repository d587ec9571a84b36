"""A cache over any loader: asks for what it lacks, and never gives another number."""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import filelock
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from cache_market import DAYS, Clock, Market
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet as pq

import eventstudy as es
from eventstudy import errors
from eventstudy.loaders import _cache_files, cached, csv, sample, sql
from eventstudy.loaders._cache_calls import key_of, name_of, takes_fields
from eventstudy.loaders._cache_files import META, UNFINISHED
from eventstudy.loaders._cache_names import file_name
from eventstudy.loaders._cache_ranges import PIECES, final_through

YEAR = ("2025-01-02", "2025-12-31")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("eventstudy.loaders._cached._now", lambda: clock.now)
    return clock


@pytest.fixture
def market(clock: Clock) -> Market:
    return Market(clock)


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """Two frames are the same bits, said by the same attrs."""
    pd.testing.assert_frame_equal(one, other, check_exact=True, check_freq=False)
    assert one.attrs == other.attrs
    assert one.to_numpy().tobytes() == other.to_numpy().tobytes()


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(errors.LoaderError) as caught:
        act()
    return str(caught.value)


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.name == "eventstudy"]


# ── what is served ───────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("fields", [("adj_close",), ("close", "adj_close", "volume")])
def test_the_second_answer_is_the_first_and_comes_from_disk(
    market: Market, tmp_path: Path, fields: tuple[str, ...]
) -> None:
    asked = (["BBB", "AAA", "OLD"], *YEAR, fields)
    first = cached(market, tmp_path)(*asked)
    assert len(market.calls) == 1
    same(cached(market, tmp_path)(*asked), first)
    same(cached(market, tmp_path, offline=True)(*asked), first)
    assert len(market.calls) == 1
    same(market(*asked), first)
    assert sorted(file.name for file in tmp_path.glob("*")) == [
        ".lock", "AAA.parquet", "BBB.parquet", "OLD.parquet",
    ]  # fmt: skip


def test_the_frame_says_what_the_loader_said(market: Market, tmp_path: Path) -> None:
    market.clock.at("2026-07-01T12:00:00")
    store = cached(market, tmp_path)
    store("AAA", *YEAR)
    market.clock.at("2026-07-02T12:00:00")
    store("BBB", *YEAR)
    attrs = store(["AAA", "BBB"], *YEAR).attrs
    assert attrs["source"] == "memory 1.0"
    assert attrs["fetched"] == "2026-07-02T12:00:00Z"
    assert attrs["options"] == {"adjusted": "dividends"}
    assert attrs["report"]["AAA"] == {
        "status": "ok", "rows": 260, "first": "2025-01-02", "last": "2025-12-31", "dividends": 0,
    }  # fmt: skip


def test_a_part_of_what_is_kept_is_served_too(market: Market, tmp_path: Path) -> None:
    store = cached(market, tmp_path)
    store(["AAA", "BBB"], *YEAR, ("adj_close", "close"))
    market.calls.clear()
    part = store("BBB", "2025-03-01", "2025-04-30", "close")
    assert market.calls == []
    same(part, market("BBB", "2025-03-01", "2025-04-30", "close"))


def test_one_parquet_file_a_ticker_that_anybody_can_read(market: Market, tmp_path: Path) -> None:
    cached(market, tmp_path)("AAA", *YEAR, ("adj_close", "volume"))
    table = pq.read_table(tmp_path / "AAA.parquet")
    assert table.column_names == ["date", "adj_close", "volume"]
    assert table.schema.field("date").type == pa.date32()
    meta = json.loads(table.schema.metadata[META])
    assert meta["ticker"] == "AAA"
    assert meta["asked"] == list(YEAR)
    assert meta["pieces"] == [[*YEAR, "2026-07-01T12:00:00Z"]]
    assert meta["told"] == {"dividends": 0}


def test_a_study_is_the_same_from_the_cache(tmp_path: Path) -> None:
    events = es.catalysts.load(category="nvidia", since="2025-06-01", until="2025-12-31")
    events = es.catalysts.expand(events, es.universe.MINERS, who="sector")
    study = es.EventStudy()
    store, offline = cached(sample, tmp_path), cached(sample, tmp_path, offline=True)
    loaders: list[Callable[..., pd.DataFrame]] = [sample, store, store, offline]
    panels = [study.load(events, loader, market="SPY") for loader in loaders]
    assert len({panel.fingerprint for panel in panels}) == 1
    assert panels[1].provenance == panels[3].provenance
    frame = cached(sample, tmp_path, offline=True)("SPY", "2025-08-01", "2025-09-01")
    assert frame.attrs["simulated"] is True


# ── what is asked ────────────────────────────────────────────────────────────────────────
def stretches(market: Market) -> list[tuple[str, str]]:
    return [(first, last) for _, first, last, _ in market.calls]


@pytest.mark.parametrize(
    ("then", "asked"),
    [
        (("2025-02-01", "2025-05-31"), []),
        (("2025-03-01", "2025-09-30"), [("2025-06-17", "2025-09-30")]),
        (("2024-11-01", "2025-03-31"), [("2024-11-01", "2025-01-14")]),
        (("2024-12-01", "2025-08-31"), [("2024-12-01", "2025-08-31")]),  # one call, not two
        (("2026-02-01", "2026-03-31"), [("2025-06-17", "2026-03-31")]),  # no gap is left
        (("2024-02-01", "2024-03-31"), [("2024-02-01", "2025-01-14")]),
    ],
)
def test_only_the_missing_days_are_asked(
    market: Market, tmp_path: Path, then: tuple[str, str], asked: list[tuple[str, str]]
) -> None:
    store = cached(market, tmp_path)
    store(["AAA", "BBB"], "2025-01-01", "2025-06-30")
    market.calls.clear()
    got = store(["AAA", "BBB"], *then)
    assert stretches(market) == asked
    again = store(["AAA", "BBB"], *then)
    assert stretches(market) == asked
    same(got, again)
    pd.testing.assert_frame_equal(got, market(["AAA", "BBB"], *then), check_exact=True)


def test_equal_gaps_are_one_call(clock: Clock, tmp_path: Path) -> None:
    names = tuple(f"T{k:02}" for k in range(60))
    market = Market(clock, tickers=names)
    store = cached(market, tmp_path)
    store(names[:58], "2025-01-01", "2025-06-30")
    market.calls.clear()
    store(names, "2025-01-01", "2025-09-30")
    assert [(len(tickers), *days) for tickers, *days, _ in market.calls] == [
        (58, "2025-06-17", "2025-09-30"),
        (2, "2025-01-01", "2025-09-30"),
    ]


def test_a_thin_ticker_is_compared_on_three_days_of_its_own(market: Market, tmp_path: Path) -> None:
    store = cached(market, tmp_path)
    kept = store("THIN", "2025-01-01", "2025-06-30").index
    market.calls.clear()
    store("THIN", "2025-01-01", "2025-07-31")
    store("THIN", "2024-06-01", "2025-07-31")
    assert stretches(market) == [
        (f"{kept[-3]:%Y-%m-%d}", "2025-07-31"),
        ("2024-06-01", f"{kept[2]:%Y-%m-%d}"),
    ]


def test_days_without_data_are_not_asked_again(market: Market, tmp_path: Path) -> None:
    store = cached(market, tmp_path)
    first = store(["OLD", "NEW"], *YEAR)  # one ends in the year, one begins in it
    market.calls.clear()
    same(store(["OLD", "NEW"], *YEAR), first)
    assert store("NEW", "2025-02-20", "2025-03-10").index[0] == pd.Timestamp("2025-03-03")
    store(["NEW", "OLD"], "2025-03-01", "2025-12-30")
    assert market.calls == []
    assert "Not one price was found" in refusal(lambda: store("OLD", "2025-06-01", "2025-07-01"))
    assert market.calls == []


def test_a_further_field_is_fetched_with_the_others(market: Market, tmp_path: Path) -> None:
    store = cached(market, tmp_path)
    store("AAA", *YEAR)
    market.calls.clear()
    store("AAA", "2025-05-01", "2025-06-30", ("volume",))
    assert market.calls == [(("AAA",), *YEAR, ("adj_close", "volume"))]
    store("AAA", "2025-12-01", "2026-01-31")
    assert market.calls[1:] == [
        (("AAA",), "2025-12-18", "2026-01-31", ("adj_close", "volume"))
    ]  # fmt: skip


def test_the_list_of_fetches_stays_short(market: Market, tmp_path: Path) -> None:
    store = cached(market, tmp_path)
    for k in range(PIECES + 20):
        market.clock.now += timedelta(days=1)
        store("AAA", "2025-01-01", DAYS[270 + k])
    kept = _cache_files.read(tmp_path, "AAA")
    assert kept is not None
    assert len(kept.pieces) == PIECES
    for before, after in zip(kept.pieces, kept.pieces[1:], strict=False):
        assert before.days.last + 1 == after.days.first
        assert before.fetched < after.fetched
    assert (kept.pieces[0].days.first, kept.pieces[-1].days.last) == tuple(kept.asked)


# ── the past changes ─────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("start", "end"), [("2025-01-02", "2026-06-30"), ("2024-06-01", YEAR[1])])
def test_a_dividend_fetches_the_history_anew(
    market: Market, tmp_path: Path, caplog: pytest.LogCaptureFixture, start: str, end: str
) -> None:
    store = cached(market, tmp_path)
    market.clock.at("2026-01-15T12:00:00")
    store(["AAA", "BBB"], *YEAR)
    market.clock.at("2026-07-01T12:00:00")
    market.dividends["AAA"] = "2026-03-02"
    market.calls.clear()
    with caplog.at_level(logging.WARNING, "eventstudy"):
        got = store(["AAA", "BBB"], start, end)
    assert len(market.calls) == 2
    whole = (min(start, YEAR[0]), max(end, YEAR[1]))
    assert market.calls[1] == (("AAA",), *whole, ("adj_close",))
    pd.testing.assert_frame_equal(got, market(["AAA", "BBB"], start, end), check_exact=True)
    said = (
        "the kept prices are no longer those of the source, as after a split or a dividend"
        "; fetched anew"
    )
    assert warnings_of(caplog) == [f"cache: 'AAA': {said}"]
    assert got.attrs["report"]["AAA"]["cache"] == said
    assert got.attrs["report"]["AAA"]["dividends"] == 1
    assert "cache" not in got.attrs["report"]["BBB"]
    assert "cache" not in store(["AAA"], start, end).attrs["report"]["AAA"]


@pytest.mark.parametrize(("noise", "calls"), [(4e-7, 1), (-4e-7, 1), (4e-6, 2), (-1e-3, 2)])
def test_rounding_is_no_change(market: Market, tmp_path: Path, noise: float, calls: int) -> None:
    store = cached(market, tmp_path)
    before = store("AAA", *YEAR)
    market.calls.clear()
    market.noise = noise
    after = store("AAA", "2025-01-02", "2026-01-31")
    assert len(market.calls) == calls
    assert after.loc[:"2025-12-31"].equals(before) is (calls == 1)


@pytest.mark.parametrize("at", [-3, -1])
def test_a_day_that_came_or_went_is_a_change(market: Market, tmp_path: Path, at: int) -> None:
    gone = pd.Timestamp(DAYS[: DAYS.searchsorted(pd.Timestamp(YEAR[1]), "right")][at])

    def holed(tickers: Any, start: Any, end: Any) -> pd.DataFrame:
        frame = market(tickers, start, end)
        return frame[frame.index != gone] if len(market.calls) == 1 else frame

    store = cached(holed, tmp_path)
    assert gone not in store("AAA", *YEAR).index
    assert gone in store("AAA", YEAR[0], "2026-01-31").index
    assert len(market.calls) == 3


def test_the_old_history_is_served_whole_where_the_new_one_cannot_be_had(
    market: Market, tmp_path: Path
) -> None:
    market.clock.at("2026-01-15T12:00:00")
    store = cached(market, tmp_path)
    before = store("AAA", *YEAR)
    market.dividends["AAA"] = "2026-03-02"
    market.clock.at("2026-07-01T12:00:00")

    def failing(tickers: Any, start: Any, end: Any) -> pd.DataFrame:
        if len(market.calls) == 2:
            market.statuses["AAA"] = "rate_limited"
        return market(tickers, start, end)

    failing.__module__, failing.__qualname__ = key_of(market).rsplit(".", 1)
    got = cached(failing, tmp_path)("AAA", YEAR[0], "2026-06-30")
    pd.testing.assert_frame_equal(got, before, check_exact=True)
    told = got.attrs["report"]["AAA"]
    assert told["status"] == "rate_limited"
    assert "the kept prices, 2025-01-02 to 2025-12-31, are given" in told["detail"]
    assert told["cache"].endswith("as after a split or a dividend")  # and not: fetched anew


def test_an_upgraded_source_is_never_mixed_with_the_old_one(
    market: Market, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = cached(market, tmp_path)
    store(["AAA", "BBB"], *YEAR)
    market.source = "memory 2.0"
    with caplog.at_level(logging.WARNING, "eventstudy"):
        got = store("AAA", YEAR[0], "2026-01-31")
    assert warnings_of(caplog) == [
        "cache: 'AAA': the kept prices are those of memory 1.0; fetched anew"
    ]
    assert got.attrs["source"] == "memory 2.0"
    both = store(["BBB", "AAA"], *YEAR)
    assert both.attrs["source"] == "memory 1.0; memory 2.0"


def test_other_options_are_never_served_beside_each_other(market: Market, tmp_path: Path) -> None:
    store = cached(market, tmp_path)
    store(["AAA", "BBB"], *YEAR)
    market.options = {"adjusted": "splits"}
    market.clock.at("2026-07-02T12:00:00")
    store("AAA", YEAR[0], "2026-01-31")
    alone = cached(market, tmp_path, offline=True)(["AAA", "BBB"], *YEAR).attrs
    assert alone["options"] == {"adjusted": "splits"}
    assert alone["report"]["BBB"]["detail"] == "offline, and the kept file is of other options"
    market.calls.clear()
    both = store(["AAA", "BBB"], *YEAR)
    assert market.calls == [(("BBB",), *YEAR, ("adj_close",))]
    assert both.attrs["report"]["BBB"]["cache"] == "the kept file is of other options; fetched anew"
    # learnt only from an answer: those not asked are fetched anew as well
    market.options = {"adjusted": "no"}
    market.calls.clear()
    got = store(["AAA", "BBB"], YEAR[0], "2026-01-31")
    assert got.attrs["options"] == {"adjusted": "no"}
    assert got.notna().all(axis=None)


# ── days that are not over ───────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-07-01T00:30:00", "2026-06-29"),  # half past eight in the evening in New York
        ("2026-07-01T07:59:59", "2026-06-29"),
        ("2026-07-01T08:00:00", "2026-06-30"),
        ("2026-07-01T23:59:59", "2026-06-30"),
        ("2026-01-01T12:00:00", "2025-12-31"),
    ],
)
def test_a_day_is_final_when_it_is_over_everywhere(moment: str, day: str) -> None:
    assert str(final_through(datetime.fromisoformat(moment))) == day


def test_a_live_price_is_fetched_again_until_the_day_is_over(
    market: Market, tmp_path: Path
) -> None:
    store = cached(market, tmp_path)
    asked = ("AAA", "2026-06-01", "2026-07-31")
    seen = []
    for moment in ["07-01T15:00", "07-01T20:00", "07-02T01:00", "07-02T09:00", "07-02T09:30"]:
        market.clock.at(f"2026-{moment}:00")
        got = store(*asked)
        pd.testing.assert_frame_equal(got, market(*asked), check_exact=True)
        seen.append(got["AAA"].loc["2026-07-01"])
        offline = cached(market, tmp_path, offline=True)(*asked)
        same(offline, got)
    assert seen[0] != seen[1] != seen[2] == seen[3] == seen[4]
    assert len(market.calls) == 10  # the future is never covered
    market.calls.clear()
    store("AAA", "2026-06-01", "2026-07-01")
    assert market.calls == []


def test_a_day_that_was_not_over_is_told_until_it_is(market: Market, tmp_path: Path) -> None:
    def live(tickers: Any, start: Any, end: Any) -> pd.DataFrame:
        frame = market(tickers, start, end)
        today = f"{market.clock.now:%Y-%m-%d}"
        if frame.index[-1] == pd.Timestamp(today) and market.clock.now.hour < 21:
            frame.attrs["report"]["AAA"]["not_final"] = today
        return frame

    store, asked = cached(live, tmp_path), ("AAA", "2026-01-02", "2026-07-31")
    alone = cached(live, tmp_path, offline=True)
    told = []
    for moment in ["07-01T15:00", "07-02T07:00", "07-02T15:00", "07-03T09:00"]:
        market.clock.at(f"2026-{moment}:00")
        frames = store(*asked), alone(*asked)
        told += [frame.attrs["report"]["AAA"].get("not_final") for frame in frames]
        if moment == "07-02T15:00":  # and a stretch before it says nothing of it
            store("AAA", "2025-12-01", "2026-01-31")
            assert "not_final" not in alone(*asked[:2], "2026-06-30").attrs["report"]["AAA"]
            assert alone(*asked).attrs["report"]["AAA"]["not_final"] == "2026-07-02"
    assert told == ["2026-07-01"] * 2 + [None] * 2 + ["2026-07-02"] * 2 + [None] * 2


def test_what_was_asked_on_its_own_first_day_only(market: Market, tmp_path: Path) -> None:
    market.clock.at("2026-07-01T15:00:00")
    store = cached(market, tmp_path)
    store("AAA", "2026-07-01", "2026-07-01")
    market.clock.at("2026-07-03T15:00:00")
    got = store("AAA", "2026-07-01", "2026-07-02")
    assert stretches(market)[1:] == [("2026-07-01", "2026-07-02")]
    pd.testing.assert_frame_equal(got, market("AAA", "2026-07-01", "2026-07-02"), check_exact=True)


def test_a_clock_that_went_wrong_covers_no_future(market: Market, tmp_path: Path) -> None:
    store = cached(market, tmp_path)
    market.clock.at("2026-12-20T12:00:00")
    asked = ("AAA", "2025-01-02", "2026-12-10")
    store(*asked)
    market.clock.at("2026-07-01T12:00:00")
    market.calls.clear()
    store(*asked)
    assert stretches(market) == [("2026-06-17", "2026-12-10")]
    market.clock.at("2026-12-20T12:00:00")
    pd.testing.assert_frame_equal(store(*asked), market(*asked), check_exact=True)


# ── what fails ───────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "status", ["rate_limited", "network", "timeout", "bad_answer", "not_found", "no_data"]
)
def test_a_failure_is_not_kept(market: Market, tmp_path: Path, status: str) -> None:
    market.statuses["BBB"] = status
    store = cached(market, tmp_path)
    got = store(["AAA", "BBB"], *YEAR)
    same(got, market(["AAA", "BBB"], *YEAR))
    assert got.attrs["report"]["BBB"]["status"] == status
    assert not (tmp_path / "BBB.parquet").exists()
    market.statuses.clear()
    assert store(["AAA", "BBB"], *YEAR)["BBB"].notna().all()


def test_what_is_kept_is_given_with_the_cause_why_there_is_no_more(
    market: Market, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = cached(market, tmp_path)
    before = store(["AAA", "BBB"], *YEAR)
    market.statuses["BBB"] = "timeout"
    with caplog.at_level(logging.WARNING, "eventstudy"):
        got = store(["AAA", "BBB"], "2025-01-02", "2026-02-27")
    assert got["AAA"].notna().all()
    assert got["BBB"].dropna().equals(before["BBB"])
    assert got.attrs["report"]["BBB"] == {
        "status": "timeout", "rows": 260, "first": "2025-01-02", "last": "2025-12-31",
        "detail": "timeout it was; the kept prices, 2025-01-02 to 2025-12-31, are given",
        "dividends": 0,
    }  # fmt: skip
    assert warnings_of(caplog) == ["cache: 'BBB': timeout; the kept prices are given"]
    # within what is kept, nothing has to be asked, so nothing fails
    assert store("BBB", *YEAR).attrs["report"]["BBB"]["status"] == "ok"


def test_when_all_fail_the_kept_days_stay_and_without_any_the_error_is_the_loaders(
    market: Market, tmp_path: Path
) -> None:
    store = cached(market, tmp_path)
    store("AAA", *YEAR)
    market.statuses |= {"AAA": "network", "BBB": "network"}
    got = store(["AAA", "BBB"], "2025-06-02", "2026-02-27")
    assert got["AAA"].last_valid_index() == pd.Timestamp("2025-12-31")
    assert {t: r["status"] for t, r in got.attrs["report"].items()} == {
        "AAA": "network", "BBB": "network",
    }  # fmt: skip
    with pytest.raises(errors.LoaderError) as caught:
        store("BBB", *YEAR)
    assert str(caught.value) == refusal(lambda: market("BBB", *YEAR))
    assert caught.value.report["BBB"]["status"] == "network"


def test_an_error_without_a_report_is_told_as_it_is(market: Market, tmp_path: Path) -> None:
    def moody(tickers: Any, start: Any, end: Any) -> pd.DataFrame:
        if "BBB" in tickers:
            raise errors.LoaderError("The server sleeps.", "timeout")
        return market(tickers, start, end)

    store = cached(moody, tmp_path)
    store("AAA", *YEAR)
    report = store(["AAA", "BBB"], *YEAR).attrs["report"]
    assert report["BBB"]["status"] == "timeout"
    assert report["BBB"]["detail"] == "The server sleeps."
    assert refusal(lambda: store("BBB", *YEAR)) == "The server sleeps."


def test_several_calls_that_failed_are_one_sentence(market: Market, tmp_path: Path) -> None:
    store = cached(market, tmp_path)
    store(["AAA", "BBB"], "2025-01-02", "2025-06-30")
    market.statuses |= {"BBB": "timeout", "NEW": "network"}
    with pytest.raises(errors.LoaderError) as caught:
        store(["AAA", "NEW", "BBB"], "2025-07-05", "2025-07-06")  # a weekend
    assert str(caught.value) == (
        "Market gave no price from 2025-07-05 to 2025-07-06: no_data (1: AAA): no prices on those "
        "days; network (1: NEW): network it was; timeout (1: BBB): timeout it was; check the "
        "tickers, the dates and the connection."
    )
    assert {t: row["status"] for t, row in caught.value.report.items()} == {
        "AAA": "no_data", "NEW": "network", "BBB": "timeout",
    }  # fmt: skip


def test_what_failed_alone_is_told_as_well(
    market: Market, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The second time only the lost ticker is asked for; the loader has no frame to warn beside."""
    store = cached(market, tmp_path)
    store("AAA", *YEAR)
    with caplog.at_level(logging.WARNING, "eventstudy"):
        store(["AAA", "GONE"], *YEAR)
        with pytest.raises(errors.LoaderError):
            store("GONE", *YEAR)
    assert warnings_of(caplog) == ["cache: no prices of 'GONE' (not_found)"]


def test_an_interrupt_while_a_file_is_written_leaves_nothing(
    market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        cached(market, tmp_path)("AAA", *YEAR)
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_what_came_before_an_interrupt_is_kept(market: Market, tmp_path: Path) -> None:
    def interrupted(tickers: Any, start: Any, end: Any) -> pd.DataFrame:
        if len(market.calls) == 2:
            raise KeyboardInterrupt
        return market(tickers, start, end)

    store = cached(interrupted, tmp_path)
    store("AAA", "2025-01-01", "2025-03-31")
    with pytest.raises(KeyboardInterrupt):
        store(["AAA", "BBB"], "2025-01-01", "2025-06-30")
    assert store("AAA", "2025-01-01", "2025-06-30")["AAA"].notna().all()
    assert len(market.calls) == 2


def test_prices_that_came_with_a_trouble_are_given_and_not_kept(
    market: Market, tmp_path: Path
) -> None:
    def half(tickers: Any, start: Any, end: Any) -> pd.DataFrame:
        frame = market(tickers, start, end).iloc[:100]
        frame.attrs["report"]["AAA"] |= {"status": "network", "detail": "it broke off"}
        return frame

    got = cached(half, tmp_path)("AAA", *YEAR)
    assert len(got) == 100
    assert got.attrs["report"]["AAA"]["status"] == "network"
    assert not (tmp_path / "AAA.parquet").exists()


def test_kept_prices_are_not_given_up_for_a_part_of_the_new_ones(
    market: Market, tmp_path: Path
) -> None:
    def breaking(tickers: Any, start: Any, end: Any) -> pd.DataFrame:
        frame = market(tickers, start, end)
        if len(market.calls) > 1:
            frame = frame.iloc[:3]
            frame.attrs["report"]["AAA"] |= {"status": "network", "detail": "it broke off"}
        return frame

    store = cached(breaking, tmp_path)
    before = store("AAA", *YEAR)
    got = store("AAA", YEAR[0], "2026-01-31")
    pd.testing.assert_frame_equal(got, before, check_exact=True)
    assert got.attrs["report"]["AAA"]["status"] == "network"


def test_ok_without_a_price_is_no_data(market: Market, tmp_path: Path) -> None:
    def cheerful(tickers: Any, start: Any, end: Any) -> pd.DataFrame:
        frame = market(["AAA", "BBB"], start, end)
        frame["BBB"] = np.nan
        frame.attrs["report"]["BBB"] = {"status": "ok"}
        return frame

    got = cached(cheerful, tmp_path)(["AAA", "BBB"], *YEAR)
    assert got.attrs["report"]["BBB"]["status"] == "no_data"


@pytest.mark.parametrize(
    ("fetched", "told", "asked_again"),
    [
        ("2026-06-20T12:00:00Z", "2026-06-20T12:00:00Z", True),  # numbers of another day
        ("2026-06-20T12:00:00", "2026-06-20T12:00:00Z", True),
        ("2026-06-20T14:00:00+02:00", "2026-06-20T12:00:00Z", True),
        ("2099-01-01T00:00:00Z", "2026-07-01T12:00:00Z", False),
        ("yesterday", "2026-07-01T12:00:00Z", False),
    ],
)
def test_when_the_numbers_were_asked_of_the_source(
    market: Market, tmp_path: Path, fetched: str, told: str, asked_again: bool
) -> None:
    """What was not over then is asked again, whatever the day on which the loader says it."""

    def dated(tickers: Any, start: Any, end: Any) -> pd.DataFrame:
        frame = market(tickers, start, end)
        frame.attrs["fetched"] = fetched
        return frame

    store = cached(dated, tmp_path)
    assert store("AAA", YEAR[0], "2026-06-26").attrs["fetched"] == told
    store("AAA", YEAR[0], "2026-06-26")
    assert len(market.calls) == (2 if asked_again else 1)


def test_no_path_of_this_machine_is_kept_and_the_newest_note_is(
    market: Market, tmp_path: Path
) -> None:
    def mine(tickers: Any, start: Any, end: Any) -> pd.DataFrame:
        frame = market(tickers, start, end)
        frame.attrs |= {"source": "/home/somebody/prices.csv", "note": f"until {end}"}
        return frame

    store = cached(mine, tmp_path)
    assert store("AAA", *YEAR).attrs["source"] == "prices.csv"
    assert store("AAA", YEAR[0], "2026-01-31").attrs["note"] == "until 2026-01-31"
    assert b"somebody" not in (tmp_path / "AAA.parquet").read_bytes()


# ── offline ──────────────────────────────────────────────────────────────────────────────
def test_offline_never_calls(market: Market, tmp_path: Path) -> None:
    cached(market, tmp_path)(["AAA"], "2025-01-01", "2025-06-30")
    cached(market, tmp_path)(["BBB"], *YEAR)
    market.calls.clear()
    got = cached(market, tmp_path, offline=True)(["AAA", "BBB", "NEW"], *YEAR)
    assert market.calls == []
    report = got.attrs["report"]
    assert report["BBB"]["status"] == "ok"
    assert (report["AAA"]["status"], report["AAA"]["rows"]) == ("no_data", 128)
    assert report["AAA"]["detail"] == (
        "offline, and only the days from 2025-01-01 to 2025-06-30 are kept"
    )
    assert report["NEW"] == {
        "status": "no_data", "rows": 0, "first": None, "last": None,
        "detail": "offline, and nothing is kept of it",
    }  # fmt: skip
    assert got["AAA"].count() == 128
    with_volume = cached(market, tmp_path)("NEW", *YEAR, ("adj_close", "volume"))
    assert len(with_volume) > 0
    both = cached(market, tmp_path, offline=True)(["AAA", "NEW"], *YEAR, ("adj_close", "volume"))
    assert both.attrs["report"]["AAA"]["detail"] == "offline, and volume is not kept of it"
    assert both["adj_close"]["AAA"].isna().all()


def test_offline_with_nothing_is_one_sentence(market: Market, tmp_path: Path) -> None:
    folder = tmp_path / "none"
    store = cached(market, folder, offline=True)
    said = (
        f"Offline, and the cache folder {str(folder)!r} holds not one price of AAA, BBB from "
        f"2025-01-02 to 2025-12-31; leave out `offline` once to fetch them."
    )
    assert refusal(lambda: store(["AAA", "BBB"], *YEAR)) == said
    assert not folder.exists()
    cached(market, folder)("AAA", *YEAR)
    assert refusal(lambda: store("AAA", "2020-01-01", "2020-12-31")).startswith("Offline, and ")
    cut(folder / "AAA.parquet", 100)
    assert "to 2025-12-31 (the kept file cannot be read); leave out" in refusal(
        lambda: store("AAA", *YEAR)
    )


# ── files that are not what they should be ───────────────────────────────────────────────
def rewritten(file: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Change values, and leave what the file says of itself."""
    table = pq.read_table(file)
    frame = change(table.to_pandas())
    pq.write_table(pa.Table.from_pandas(frame, table.schema, preserve_index=False), file)


def cut(file: Path, size: int) -> None:
    file.write_bytes(file.read_bytes()[:size])


def described(file: Path, **change: Any) -> None:
    """Change what the file says of itself, with the right checksum."""
    kept = _cache_files.read(file.parent, "AAA")
    assert kept is not None
    said = _cache_files._described(kept, {"date": kept.dates, **kept.values})
    with mock.patch.object(_cache_files, "_described", return_value=said | change):
        _cache_files.write(file.parent, kept)


def folder_instead(file: Path) -> None:
    file.unlink()
    file.mkdir()


READ, DAMAGED = "the kept file cannot be read", "the kept file is damaged"
DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (lambda f: f.write_bytes(b""), READ),
    "cut": (lambda f: cut(f, 500), READ),
    "cut at the end": (lambda f: cut(f, -1), READ),
    "text": (lambda f: f.write_text("date,adj_close\n2025-01-02,10\n"), READ),
    "a folder": (folder_instead, READ),
    "a value": (lambda f: rewritten(f, lambda t: t.assign(adj_close=t.adj_close + 1e-9)), DAMAGED),
    "a row less": (lambda f: rewritten(f, lambda t: t.iloc[1:]), DAMAGED),
    "what it says": (
        lambda f: f.write_bytes(f.read_bytes().replace(b"2025-01-02", b"2024-01-02")),
        DAMAGED,
    ),
    "version": (lambda f: described(f, version=2), "the kept file is of another version"),
    "ticker": (lambda f: described(f, ticker="BBB"), "the kept file holds another ticker"),
    "loader": (
        lambda f: described(f, origin=["other.loader", "memory 1.0", "{}"]),
        "the kept file is that of another loader",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_bad_file_is_fetched_anew_and_told(
    market: Market, tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    act, said = DAMAGES[damage]
    store = cached(market, tmp_path)
    first = store(["AAA", "BBB"], *YEAR)
    act(tmp_path / "AAA.parquet")
    offline = cached(market, tmp_path, offline=True)(["AAA", "BBB"], *YEAR)
    assert offline.attrs["report"]["AAA"]["detail"] == f"offline, and {said}"
    if damage == "a folder":
        assert "cannot be used" in refusal(lambda: store(["AAA", "BBB"], *YEAR))
        return
    market.calls.clear()
    with caplog.at_level(logging.WARNING, "eventstudy"):
        got = store(["AAA", "BBB"], *YEAR)
    assert market.calls == [(("AAA",), *YEAR, ("adj_close",))]
    assert warnings_of(caplog) == [f"cache: 'AAA': {said}; fetched anew"]
    assert got.attrs["report"]["AAA"].pop("cache") == f"{said}; fetched anew"
    same(got, first)
    same(store(["AAA", "BBB"], *YEAR), first)


@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), size=st.floats(0, 1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_flipped_bit_never_changes_a_number(
    tmp_path_factory: pytest.TempPathFactory, where: float, bit: int, size: float
) -> None:
    folder = tmp_path_factory.mktemp("flip")
    first = cached(Market(Clock()), folder)("AAA", *YEAR)
    file = folder / "AAA.parquet"
    whole = bytearray(file.read_bytes())
    whole[int(where * len(whole))] ^= 1 << bit
    file.write_bytes(bytes(whole if size > 0.5 else whole[: int(2 * size * len(whole))]))
    with contextlib.suppress(errors.LoaderError):  # most often: nothing usable is left
        same(cached(Market(Clock()), folder, offline=True)("AAA", *YEAR), first)
    shutil.rmtree(folder)


def test_a_file_of_somebody_else_is_put_aside_and_not_lost(market: Market, tmp_path: Path) -> None:
    theirs = pd.DataFrame({"date": DAYS[:3], "adj_close": [1.0, 2.0, 3.0]})
    for k in (1, 2):
        theirs.to_parquet(tmp_path / "AAA.parquet")
        got = cached(market, tmp_path)("AAA", *YEAR)
        assert got.attrs["report"]["AAA"]["cache"] == (
            "the kept file was not written by this cache; fetched anew"
        )
        aside = tmp_path / f"AAA.parquet.foreign{k}"
        pd.testing.assert_frame_equal(pd.read_parquet(aside), theirs)
    same(cached(market, tmp_path)("AAA", *YEAR), market("AAA", *YEAR))


def test_a_file_of_somebody_else_that_cannot_be_put_aside_stays(
    market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = tmp_path / "AAA.parquet"
    pd.DataFrame({"date": DAYS[:3], "adj_close": [1.0, 2.0, 3.0]}).to_parquet(theirs)
    before = theirs.read_bytes()
    monkeypatch.setattr(Path, "replace", mock.Mock(side_effect=OSError(1, "Not permitted")))
    assert "cannot be used (Not permitted)" in refusal(
        lambda: cached(market, tmp_path)("AAA", *YEAR)
    )
    assert theirs.read_bytes() == before


def test_two_loaders_in_one_folder_never_mix(market: Market, tmp_path: Path) -> None:
    def ten(tickers: Any, start: Any, end: Any) -> pd.DataFrame:
        return market(tickers, start, end) * 0 + 10

    cached(market, tmp_path)("AAA", *YEAR)
    got = cached(ten, tmp_path)("AAA", *YEAR)
    assert (got == 10).all(axis=None)
    assert got.attrs["report"]["AAA"]["cache"].startswith("the kept file is that of another loader")
    assert not (cached(market, tmp_path)("AAA", *YEAR) == 10).any(axis=None)


# ── loaders of all kinds ─────────────────────────────────────────────────────────────────
def test_a_function_of_three_arguments(market: Market, tmp_path: Path) -> None:
    def mine(tickers: Any, start: Any, end: Any) -> pd.DataFrame:
        frame = market(list(reversed(tickers)), "2024-01-01", "2026-06-30")
        frame = frame.tz_localize("America/New_York").iloc[::-1]
        frame.attrs.clear()
        frame = frame.dropna(axis="columns", how="all")
        return frame.rename(columns={"AAA": "aaa"})  # other spelling, order, days, and a zone

    store = cached(mine, tmp_path)
    got = store(["AAA", "BBB", "GONE"], *YEAR)
    expected = market(["AAA", "BBB", "GONE"], *YEAR)
    pd.testing.assert_frame_equal(got, expected, check_exact=True)
    assert got.attrs["source"] == "mine"
    assert got.attrs["fetched"] == "2026-07-01T12:00:00Z"
    assert "options" not in got.attrs
    assert got.attrs["report"]["GONE"]["status"] == "not_found"
    same(cached(mine, tmp_path, offline=True)(["AAA", "BBB"], *YEAR), store(["AAA", "BBB"], *YEAR))
    assert not takes_fields(max)  # a builtin has no signature
    assert refusal(lambda: store("AAA", *YEAR, ("close", "volume"))) == (
        "mine has no argument `fields`, so it gives adj_close alone and not close, volume; add the "
        "argument, or ask for adj_close."
    )


def frame_of(values: Any, index: Any = DAYS[:2], columns: Any = ("AAA",)) -> pd.DataFrame:
    return pd.DataFrame(values, index, list(columns))


@pytest.mark.parametrize(
    ("got", "said"),
    [
        ([1, 2], "a list"),
        (frame_of([[1.0, 2.0]] * 2, columns=["AAA", "AAA"]), "more than one column 'AAA'"),
        (frame_of([1.0, 2.0], DAYS[[0, 0]]), "more than one row for 2024-01-01"),
        (frame_of(["x", "y"]), "values that are no numbers"),
        (frame_of([1.0, 2.0], columns=[("close", "AAA")]), "no field 'adj_close'"),
    ],
)
def test_an_answer_that_is_no_table_of_days_is_refused(tmp_path: Path, got: Any, said: str) -> None:
    if isinstance(got, pd.DataFrame) and isinstance(got.columns[0], tuple):
        got.columns = pd.MultiIndex.from_tuples(got.columns)

    def mine(tickers: Any, start: Any, end: Any) -> Any:
        return got

    assert refusal(lambda: cached(mine, tmp_path)("AAA", "2024-01-01", "2024-01-31")) == (
        f"mine answered with {said}, which cannot be kept; a loader gives a DataFrame of "
        "dates × tickers, or × (field, ticker), with numbers."
    )
    assert list(tmp_path.glob("*.parquet")) == []


def test_answers_that_need_a_word_of_their_own(tmp_path: Path) -> None:
    def flat(tickers: Any, start: Any, end: Any, fields: Any = ()) -> pd.DataFrame:
        return frame_of([1.0, 2.0])

    asked = ("AAA", "2024-01-01", "2024-01-31")
    assert "answered with 1 levels of columns" in refusal(
        lambda: cached(flat, tmp_path)(*asked, ("open", "close"))
    )

    def odd(tickers: Any, start: Any, end: Any) -> pd.DataFrame:
        frame = frame_of([1.0, 2.0])
        frame.attrs["options"] = {"when": object()}
        return frame

    assert "answered with options that JSON cannot hold" in refusal(
        lambda: cached(odd, tmp_path)(*asked)
    )
    for nothing in (None, pd.DataFrame()):
        nobody: Any = mock.Mock(return_value=nothing, __name__="nobody", __qualname__="nobody")
        with pytest.raises(errors.LoaderError, match="Not one price was found in nobody for AAA"):
            cached(nobody, tmp_path)(*asked)
    with pytest.raises(errors.PanelError, match="time"):
        cached(
            lambda tickers, start, end: frame_of([1.0, 2.0], DAYS[:2] + pd.Timedelta(hours=9)),
            tmp_path,
        )(*asked)


def test_other_attrs_and_reports_are_kept_as_far_as_json_can(
    market: Market, tmp_path: Path
) -> None:
    def noted(tickers: Any, start: Any, end: Any) -> pd.DataFrame:
        frame = market(tickers, start, end)
        frame.attrs |= {"note": f"of {tickers[0]}", "secret": object()}
        frame.attrs["report"]["AAA"] |= {
            "splits": np.int64(2), "odd": object(), "days": [1, "x"], "deep": {"a": None, "b": []},
        }  # fmt: skip
        return frame

    store = cached(noted, tmp_path)
    got = store("AAA", *YEAR)
    assert got.attrs["note"] == "of AAA"
    assert "secret" not in got.attrs
    told = got.attrs["report"]["AAA"]
    assert (told["splits"], told["days"], told["deep"]) == (2, [1, "x"], {"a": None, "b": []})
    assert type(told["splits"]) is int
    assert "odd" not in told
    noted_of = cached(noted, tmp_path)
    market.statuses = {}
    with pytest.raises(KeyError):
        noted_of("BBB", *YEAR)  # the user's own error is the user's
    assert store("AAA", *YEAR).attrs["note"] == "of AAA"


class Keyed:
    """A user's loader that was made with a key and shows it, as a dataclass would."""

    def __init__(self, key: str, market: Market) -> None:
        self.key, self.market = key, market

    def __repr__(self) -> str:
        return f"Keyed(key={self.key!r})"

    def __call__(self, tickers: Any, start: Any, end: Any) -> pd.DataFrame:
        return self.market(tickers, start, end)


def by_key(market: Market, tickers: Any, start: Any, end: Any, *, key: str) -> pd.DataFrame:
    return market(tickers, start, end)


SECRET = "k3y-of-mine-0815"  # noqa: S105  (it opens nothing)


@pytest.mark.parametrize(
    "make",
    [
        lambda market: Keyed(SECRET, market),
        lambda market: partial(by_key, market, key=SECRET),
        lambda market: Keyed(SECRET, market).__call__,
        lambda market: lambda t, s, e: by_key(market, t, s, e, key=SECRET),
    ],
)
def test_a_key_is_nowhere(
    market: Market, tmp_path: Path, caplog: pytest.LogCaptureFixture, make: Callable[[Market], Any]
) -> None:
    loader = make(market)
    store = cached(loader, tmp_path)
    with caplog.at_level(logging.DEBUG):
        frame = store(["AAA", "BBB"], *YEAR)
        cut(tmp_path / "AAA.parquet", 100)
        market.statuses["BBB"] = "network"
        store(["AAA", "BBB"], YEAR[0], "2026-01-31")
    said = [repr(store), str(store), repr(frame.attrs), key_of(loader), name_of(loader)]
    said += [refusal(lambda: store("GONE", *YEAR)), refusal(lambda: cached(store, tmp_path))]
    said += [r.getMessage() for r in caplog.records]
    said += [path.name for path in tmp_path.iterdir()]
    assert not any(SECRET in text for text in said)
    assert not any(SECRET.encode() in file.read_bytes() for file in tmp_path.glob("*.*"))


def test_what_tells_loaders_apart(tmp_path: Path) -> None:
    files = [csv(tmp_path / "a.csv"), csv(tmp_path / "b.csv"), es.loaders.parquet(tmp_path)]
    import sqlite3

    connection = sqlite3.connect(":memory:")
    queries = [sql(connection, f"SELECT {k}") for k in (1, 2)]
    connection.close()
    loaders = [*files, *queries, sample, type(sample)(effects=False), es.loaders.yahoo]
    loaders += [partial(sample, fields=("open",)), by_key]
    variant = partial(by_key, key=SECRET)
    variant.cache_key = "raw prices"  # type: ignore[attr-defined]  # what the docs tell to do
    keys = [key_of(loader) for loader in [*loaders, variant]]
    assert len(set(keys)) == len(keys) - 1
    assert keys[-3] == keys[5]  # fields are no setting: each call names its own
    assert keys[-1] == f"{key_of(by_key)}#raw prices"
    assert key_of(csv(tmp_path / "a.csv")) == keys[0]
    assert not any(str(tmp_path) in key for key in keys)
    slow = es.loaders.Yahoo(workers=1, timeout=30.0, retries=5, wait=3.0, progress=True)
    assert key_of(slow) == key_of(es.loaders.yahoo)


def test_repr_names_the_folder_and_the_loader(market: Market, tmp_path: Path) -> None:
    assert repr(cached(market, "prices")) == "<prices of Market, kept in 'prices'>"
    assert repr(cached(by_key, "prices", offline=True)) == (
        "<prices of by_key, kept in 'prices', offline>"
    )


def test_names_that_differ_by_case_are_two_files_or_asked_each_time(
    clock: Clock, tmp_path: Path
) -> None:
    market = Market(clock, tickers=("BRK.B", "brk.b"))
    store = cached(market, tmp_path)
    for name in market.tickers:
        pd.testing.assert_frame_equal(store(name, *YEAR), market(name, *YEAR), check_exact=True)
        assert (tmp_path / file_name(name)).exists()
    # of both at once only the source knows whether they are one security
    one = Market(clock, tickers=("BRK.B",))
    one_store = cached(one, tmp_path / "one")
    assert one_store("brk.b", *YEAR)["brk.b"].notna().all()
    for _ in range(2):
        both = one_store(["brk.b", "BRK.B"], *YEAR)
        assert both["brk.b"].isna().all()
        assert both["BRK.B"].notna().all()
    assert not (tmp_path / "one" / file_name("BRK.B")).exists()
    alone = cached(one, tmp_path / "one", offline=True)
    assert refusal(lambda: alone(["brk.b", "BRK.B"], *YEAR)).startswith("Offline, and the cache")
    with_other = alone(["brk.b", "SPY"], *YEAR).attrs["report"]
    assert with_other["brk.b"]["status"] == "ok"
    beside = cached(market, tmp_path, offline=True)
    cached(market, tmp_path)("brk.b", *YEAR)
    assert "Offline" in refusal(lambda: beside(["BRK.B", "brk.b"], *YEAR))


HOSTILE = ["../../x", "^GSPC", "CON", "A/B", "A\0B", "x" * 300, "Ä\n", "%2E", "=", "~/x"]


def test_hostile_names_stay_in_the_folder(clock: Clock, tmp_path: Path) -> None:
    market, folder = Market(clock, tickers=tuple(HOSTILE)), tmp_path / "deep" / "cache"
    first = cached(market, folder)(HOSTILE, *YEAR)
    same(cached(market, folder, offline=True)(HOSTILE, *YEAR), first)
    assert first.notna().all(axis=None)
    assert sorted(p.name for p in folder.iterdir()) == sorted([".lock", *map(file_name, HOSTILE)])
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == [
        p.name for p in folder.iterdir()
    ]
    assert "does not name what to load" in refusal(lambda: cached(market, folder)("  ", *YEAR))


# ── any order of requests ────────────────────────────────────────────────────────────────
dates = st.dates(DAYS[5].date(), DAYS[-5].date())
requests = st.tuples(
    st.lists(
        st.sampled_from(["AAA", "BBB", "OLD", "NEW", "THIN", "GONE"]), min_size=1, unique=True
    ),
    st.tuples(dates, dates).map(sorted),
    st.lists(st.sampled_from(["adj_close", "open", "volume"]), min_size=1, unique=True),
    st.integers(0, 100),  # hours until the next request
)


@given(st.lists(requests, min_size=1, max_size=6))
@settings(deadline=None, max_examples=max(20, settings().max_examples // 3))
def test_any_order_of_requests_gives_what_the_loader_gives(asked: list[Any]) -> None:
    clock = Clock(datetime(2026, 3, 2, 15, tzinfo=UTC))
    cache_of, direct = Market(clock), Market(clock)
    with (
        mock.patch("eventstudy.loaders._cached._now", side_effect=lambda: clock.now),
        mock.patch("os.fsync"),
        TemporaryDirectory() as folder,
    ):
        for tickers, (start, end), fields, hours in asked:
            for loader in (cached(cache_of, folder), cached(cache_of, folder, offline=True)):
                try:
                    expected = direct(tickers, start, end, fields)
                except errors.LoaderError:
                    with pytest.raises(errors.LoaderError):
                        loader(tickers, start, end, fields)
                    continue
                got = loader(tickers, start, end, fields)
                pd.testing.assert_frame_equal(got, expected, check_exact=True)
                there = [t for t in tickers if expected.attrs["report"][t]["status"] == "ok"]
                for ticker in there:
                    assert got.attrs["report"][ticker] == expected.attrs["report"][ticker]
            clock.now += timedelta(hours=hours)


@given(st.lists(requests, min_size=2, max_size=6), st.sampled_from(["AAA", "BBB"]), dates)
@settings(deadline=None, max_examples=max(20, settings().max_examples // 3))
def test_returns_are_right_whenever_a_dividend_is_paid(
    asked: list[Any], payer: str, day: Any
) -> None:
    clock = Clock(datetime(2025, 3, 3, 12, tzinfo=UTC))
    cache_of, direct = Market(clock), Market(clock)
    with (
        mock.patch("eventstudy.loaders._cached._now", side_effect=lambda: clock.now),
        mock.patch("os.fsync"),
        TemporaryDirectory() as folder,
    ):
        cache_of.dividends[payer] = direct.dividends[payer] = day.isoformat()
        store = cached(cache_of, folder)
        for tickers, (start, end), _, hours in asked:
            try:
                expected = direct(tickers, start, end).pct_change(fill_method=None)
            except errors.LoaderError:
                continue
            got = store(tickers, start, end).pct_change(fill_method=None)
            pd.testing.assert_frame_equal(got, expected, rtol=1e-12, atol=1e-12)
            clock.now += timedelta(hours=40 * hours)


# ── the folder, the lock, the packages ───────────────────────────────────────────────────
def test_a_folder_that_cannot_be_made_is_one_sentence(market: Market, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder, why in [
        (tmp_path / "file", "File exists"),
        (tmp_path / "file" / "below", "Not a directory"),
        (Path("nul\0byte"), "embedded null byte"),
    ]:
        with pytest.raises(errors.LoaderError) as caught:
            cached(market, folder)("AAA", *YEAR)
        said = str(caught.value)
        assert said.startswith(f"The cache folder {str(folder)!r} cannot be used (")
        assert why in said
        assert said.endswith(
            "; give one that can be written, or use `offline` to read what it holds."
        )
    assert market.calls == []  # said before anything is fetched


@pytest.mark.parametrize("at", ["fsync", "replace"])
def test_a_disk_that_is_full_loses_nothing(
    market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    store = cached(market, tmp_path)
    first = store("AAA", *YEAR)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "/secret/path")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync" if at == "fsync" else "pathlib.Path.replace", full)
        assert refusal(lambda: store("AAA", YEAR[0], "2026-01-31")) == (
            f"The cache folder {str(tmp_path)!r} cannot be used (No space left on device); give "
            "one that can be written, or use `offline` to read what it holds."
        )
    assert list(tmp_path.glob(f"{UNFINISHED}*")) == []
    same(cached(market, tmp_path, offline=True)("AAA", *YEAR), first)


def test_a_reader_in_the_way_is_waited_for(
    market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, times = Path.replace, []

    def busy(self: Path, target: Path) -> Path:
        times.append(target)
        if len(times) < 3:
            raise PermissionError(13, "it is open elsewhere")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", busy)
    cached(market, tmp_path)("AAA", *YEAR)
    assert len(times) == 3
    monkeypatch.setattr(_cache_files, "READER", 0.0)
    times.clear()
    assert "it is open elsewhere" in refusal(lambda: cached(market, tmp_path)("BBB", *YEAR))


def test_another_process_is_waited_for_and_not_for_ever(
    market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    store = cached(market, tmp_path)
    store("AAA", *YEAR)
    monkeypatch.setattr(_cache_files, "QUIET", 0.01)
    monkeypatch.setattr(_cache_files, "PATIENCE", 0.2)
    with _cache_files.held(tmp_path), caplog.at_level(logging.WARNING, "eventstudy"):
        assert store("AAA", *YEAR).notna().all(axis=None)  # who only reads does not wait
        assert refusal(lambda: store("BBB", *YEAR)) == (
            f"Another process fills the cache folder {str(tmp_path)!r} and did not end within "
            "0.2 s; wait for it, or give another folder."
        )
    assert warnings_of(caplog) == ["cache: waiting for another process that fills it"]
    assert store("BBB", *YEAR).notna().all(axis=None)


def test_the_lock_is_free_after_an_error(
    market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []

    class Noted(filelock.FileLock):
        def __init__(self, *where: Any, **options: Any) -> None:
            super().__init__(*where, **options)
            made.append(self)  # or it would be free since nobody has it any more

    monkeypatch.setattr(filelock, "FileLock", Noted)
    monkeypatch.setattr(_cache_files, "QUIET", 0.01)
    monkeypatch.setattr(_cache_files, "PATIENCE", 0.05)
    with pytest.raises(ZeroDivisionError), _cache_files.held(tmp_path):
        raise ZeroDivisionError
    assert [lock.is_locked for lock in made] == [False]
    cached(market, tmp_path)("AAA", *YEAR)


def test_threads_that_miss_the_same_days_ask_once(market: Market, tmp_path: Path) -> None:
    together, frames = threading.Barrier(4), []

    def run() -> None:
        together.wait()
        frames.append(cached(market, tmp_path)(["AAA", "BBB"], *YEAR))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(market.calls) == 1
    for frame in frames:
        same(frame, frames[0])


def test_unfinished_files_are_swept_and_others_left(market: Market, tmp_path: Path) -> None:
    for name in (f"{UNFINISHED}1.tmp", "notes.tmp", "mine.parquet"):
        (tmp_path / name).write_text("x")
    (tmp_path / f"{UNFINISHED}2.tmp").mkdir()  # nobody's business
    cached(market, tmp_path)("AAA", *YEAR)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        f"{UNFINISHED}2.tmp", ".lock", "AAA.parquet", "mine.parquet", "notes.tmp",
    ]  # fmt: skip


def test_links_in_the_folder_are_replaced_and_not_followed(market: Market, tmp_path: Path) -> None:
    theirs, store = tmp_path / "theirs.txt", cached(market, tmp_path / "cache")
    theirs.write_text("mine")
    first = store("AAA", *YEAR)
    file = tmp_path / "cache" / "AAA.parquet"
    for target in (theirs, tmp_path / "nowhere"):
        file.unlink()
        file.symlink_to(target)
        pd.testing.assert_frame_equal(store("AAA", *YEAR), first, check_exact=True)
        assert file.is_file()
        assert not file.is_symlink()
    assert theirs.read_text() == "mine"
    assert not (tmp_path / "nowhere").exists()


def test_a_disk_without_locks_is_one_sentence(
    market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise NotImplementedError("FileSystem does not appear to support flock")

    monkeypatch.setattr("filelock.FileLock.acquire", refuse)
    assert "cannot be used (FileSystem does not appear to support flock); give" in refusal(
        lambda: cached(market, tmp_path)("AAA", *YEAR)
    )


def test_the_users_own_folder_may_be_written_short(
    market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    cached(market, "~/prices")("AAA", *YEAR)
    assert (tmp_path / "prices" / "AAA.parquet").is_file()


@pytest.mark.parametrize("package", ["pyarrow", "filelock"])
def test_an_absent_package_is_one_sentence(
    market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    assert refusal(lambda: cached(market, tmp_path)("AAA", *YEAR)) == (
        f"A cache of prices needs {package}, which is not installed; run pip install {package}."
    )
    assert market.calls == []


def test_what_cannot_be_cached_is_refused_at_once(market: Market, tmp_path: Path) -> None:
    bad: Any = "yahoo"
    assert "loader='yahoo' cannot be called" in refusal(lambda: cached(bad, tmp_path))
    assert refusal(lambda: cached(cached(market, "prices"), tmp_path)) == (
        "This loader is cached already, in 'prices'; give the loader below it."
    )
    bad = 5
    assert "(it is not a path)" in refusal(lambda: cached(market, bad))
    assert "swap `start` and `end`" in refusal(
        lambda: cached(market, tmp_path)("AAA", *reversed(YEAR))
    )
    with pytest.raises(errors.OptionError, match="Did you mean 'close'"):
        cached(market, tmp_path)("AAA", *YEAR, "clos")
    assert list(tmp_path.iterdir()) == []
