"""From the library's files to a study: simulated firms of which α and β are known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.arrays import Model
from eventstudy.factors import french

FIVE = ["Mkt-RF", "SMB", "HML", "RMW", "CMA"]
SIX = [*FIVE, "Mom"]
BETAS = np.array([1.2, 0.4, -0.3, 0.2, 0.1, -0.25])
ALPHA, NOISE = 0.0005, 1e-6
JUMP = 0.08


@dataclass(frozen=True)
class World:
    """Files of the library, and the prices of two firms and of a market fund."""

    files: list[Path]
    prices: pd.DataFrame
    event: pd.Timestamp

    def panel(self, frequency: str = "daily") -> es.Panel:
        factors = french(self.files, frequency)
        return es.Panel.from_prices(self.prices, market="SPY", factors=factors)


def world(folder: Path, dates: pd.DatetimeIndex, written: str, scale: float, rate: float) -> World:
    """AAA has six betas, BBB follows the market alone; both jump on one day."""
    rng = np.random.default_rng(11)
    percent = pd.DataFrame(rng.normal(0, scale, (len(dates), 6)).round(2), dates, SIX)
    percent["RF"] = rng.choice([rate, 2 * rate], len(dates))
    years = "\n Annual Factors: January-December \n,{}\n  2019,{}\n\nCopyright 2026\n"
    files = []
    for name, columns in (("five", [*FIVE, "RF"]), ("mom", ["Mom"])):
        lines = [
            f"{day:{written}}," + ",".join(f"{value:8.2f}" for value in row)
            for day, row in zip(dates, percent[columns].to_numpy(), strict=True)
        ]
        head = f"Made up, using the 209902 CRSP database.\n\n,{','.join(columns)}\n"
        end = years.format(",".join(columns), ",".join("  9.99" for _ in columns))
        files.append(folder / f"{name}.csv")
        files[-1].write_text(head + "\n".join(lines) + "\n" + end)
    fractions = percent / 100
    market = fractions["RF"] + fractions["Mkt-RF"]
    returns = pd.DataFrame(
        {
            "AAA": fractions["RF"] + ALPHA + fractions[SIX] @ BETAS,
            "BBB": fractions["RF"] + ALPHA + 0.7 * fractions["Mkt-RF"],
        }
    )
    returns += rng.normal(0, NOISE, returns.shape)
    event = dates[-20]
    returns.loc[event] += JUMP
    returns["SPY"] = market
    return World(files, 100 * (1 + returns).cumprod(), event)


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> World:
    dates = pd.bdate_range("2024-01-02", periods=300)
    return world(tmp_path_factory.mktemp("days"), dates, "%Y%m%d", 0.7, 0.01)


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> World:
    dates = pd.date_range("2016-01-31", periods=120, freq="ME")
    return world(tmp_path_factory.mktemp("months"), dates, "%Y%m", 3.0, 0.22)


def reaction(model: Model, made: World, panel: es.Panel, **options: object) -> es.Result:
    events = es.events_on(str(made.event.date()), ["AAA", "BBB"], session="before_open")
    study = es.EventStudy(model, estimation=(-80, -6), window=(-1, 1), **options)  # type: ignore[arg-type]  # a few of its options
    return study.run(events, panel)


def check(result: es.Result, firm: str, factors: list[str], betas: list[float]) -> None:
    """α and β are those that the firm was made with, and the jump is all that is abnormal."""
    row = int(np.flatnonzero(result.estimates["ticker"] == firm)[0])
    estimates = result.estimates.iloc[row]
    assert estimates["alpha"] == pytest.approx(ALPHA, abs=1e-6)
    assert estimates[factors].tolist() == pytest.approx(betas, abs=1e-3)
    assert result.ar.iloc[row].tolist() == pytest.approx([0, JUMP, 0], abs=2e-5)


@pytest.mark.parametrize("made", ["days", "months"])
def test_six_factors_find_what_the_firm_was_made_of(
    made: str, request: pytest.FixtureRequest
) -> None:
    here: World = request.getfixturevalue(made)
    panel = here.panel("daily" if made == "days" else "monthly")
    result = reaction(es.FamaFrench6(), here, panel)
    check(result, "AAA", SIX, list(BETAS))
    check(result, "BBB", SIX, [0.7, 0, 0, 0, 0, 0])


@pytest.mark.parametrize("made", ["days", "months"])
@pytest.mark.parametrize(
    ("model", "factors"),
    [
        (es.CAPM(), ["SPY"]),
        (es.FamaFrench3(), FIVE[:3]),
        (es.Carhart4(), [*FIVE[:3], "Mom"]),
        (es.FamaFrench5(), FIVE),
    ],
    ids=lambda value: type(value).__name__,
)
def test_smaller_models_find_a_firm_that_follows_the_market(
    made: str, model: Model, factors: list[str], request: pytest.FixtureRequest
) -> None:
    here: World = request.getfixturevalue(made)
    panel = here.panel("daily" if made == "days" else "monthly")
    check(reaction(model, here, panel), "BBB", factors, [0.7] + [0.0] * (len(factors) - 1))


def test_the_rate_is_that_of_the_file(days: World, months: World) -> None:
    for here, frequency, rate in ((days, "daily", 0.0001), (months, "monthly", 0.0022)):
        panel = here.panel(frequency)
        assert panel.risk_free is not None
        assert set(np.round(panel.risk_free[1:], 6)) == {rate, 2 * rate}
        assert panel.provenance.factors["vintage"] == "209902"


def test_news_within_a_month_find_the_month(months: World) -> None:
    events = pd.DataFrame({"ticker": ["BBB"], "date": [months.event - pd.Timedelta(days=20)]})
    near, far = es.Timing(max_shift=31), es.Timing()
    study = es.EventStudy(es.CAPM(), estimation=(-80, -6), window=(-1, 1), timing=near)
    panel = months.panel("monthly")
    assert study.run(events, panel).estimates["day0"].iloc[0] == months.event
    study = es.EventStudy(es.CAPM(), estimation=(-80, -6), window=(-1, 1), timing=far)
    with pytest.raises(es.errors.NothingLeft, match="shift"):
        study.run(events, panel)


def test_the_library_ends_before_the_news(days: World) -> None:
    """It is a month or two behind: the event is dropped, and told why."""
    factors = french(days.files).iloc[:-40]
    panel = es.Panel.from_prices(days.prices, market="SPY", factors=factors)
    with pytest.raises(es.errors.NothingLeft, match="2 × factor_missing"):
        reaction(es.FamaFrench3(), days, panel)
    assert reaction(es.MarketModel(), days, panel).dropped.empty


def test_months_are_no_factors_of_days(days: World, months: World) -> None:
    panel = es.Panel.from_prices(days.prices, market="SPY", factors=french(months.files, "monthly"))
    with pytest.raises(es.errors.NothingLeft, match="2 × factor_missing"):
        reaction(es.FamaFrench3(), days, panel)
