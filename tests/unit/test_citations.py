"""What a test or a model is, its formula and its papers, as read from the docstring."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import eventstudy as es
from eventstudy import inference, models
from eventstudy.report.citations import UNSAID, Cited, cited, cited_test, effective_number

#: public names of inference that are no tests nor adjustments: values and helpers
NO_TEST = {
    "Correlation": "a value",
    "Verdict": "a value",
    "detectable": "the smallest significant effect, of whichever test leads",
    "names": "a list",
    "resolve": "finds a test",
    "valid": "reads the dates",
}
#: models that no paper proposed
NO_PAPER = {"RawReturn": "the return itself, nothing is expected"}
PROCEDURES: list[Any] = [
    es.BuyAndHold,
    es.CalendarTime,
    es.EventStudy.calibrate,
    es.EventStudy.vary,
    es.Result.compare,
    es.Result.explain,
    es.Result.single,
    es.Result.news_days,
    es.activity.volume,
    es.activity.volatility,
    es.Backtest.placebo,
    es.detect,
]


def test_the_exceptions_are_public_names() -> None:
    assert set(NO_TEST) <= set(inference.__all__)
    assert set(NO_PAPER) <= set(models.__all__)


@pytest.mark.parametrize("name", sorted(set(inference.__all__) - set(NO_TEST)))
def test_every_test_has_its_papers(name: str) -> None:
    found = cited(getattr(inference, name))
    assert found.name == name
    assert found.references
    assert all(re.search(r"\(\d{4}\)", work) for work in found.references)
    assert found.summary.endswith(".")


@pytest.mark.parametrize("name", sorted(models.__all__))
def test_every_model_has_its_papers_and_its_formula(name: str) -> None:
    model = getattr(models, name)
    found = cited(model)
    assert bool(found.references) is (name not in NO_PAPER)
    assert all(re.search(r"\(\d{4}\)", work) for work in found.references)
    assert "=" in found.formula


@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda thing: str(thing.__qualname__))
def test_procedures_have_their_papers(procedure: object) -> None:
    assert cited(procedure).references


def test_most_tests_say_their_formula_in_the_first_line() -> None:
    silent = {
        n for n in set(inference.__all__) - set(NO_TEST) if not cited(getattr(inference, n)).formula
    }
    assert silent == {"correlation", "romano_wolf_windows"}


def test_works_are_apart_and_what_has_no_year_stays_with_its_work() -> None:
    assert cited(inference.patell).references == (
        "Patell (1976), Journal of Accounting Research 14",
        (
            "Mikkelson and Partch (1988), Journal of Financial and Quantitative Analysis 23, for "
            "the forecast error of a CAR"
        ),
    )
    assert cited(inference.portfolio_t).references == (
        (
            "Schipper and Thompson (1983), Journal of Accounting Research 21; the equal-weighted "
            "contrast of a multivariate regression"
        ),
    )


def test_a_model_is_cited_as_its_class() -> None:
    assert cited(es.MarketModel("SPY")) == cited(es.MarketModel)
    assert cited(es.MarketModel).formula == "R = α + β·Rm + ε"
    assert cited(partial(inference.bmp, alternative="greater")) == cited(inference.bmp)


def test_what_a_user_brings() -> None:
    @dataclass(frozen=True)
    class Mine:
        market: str = "SPY"

    class Heir(es.MarketModel):
        pass

    def mine(abnormal: object, window: object) -> None:
        """Test something: t = a / b.

        References
        ----------
        Me (2026).
        """

    assert cited(Mine) == cited(Mine()) == Cited("Mine", UNSAID, "", ())
    # a class speaks for itself: it does not cite what it inherits from
    assert cited(Heir).references == ()
    assert cited(mine) == Cited("mine", "Test something: t = a / b.", "t = a / b", ("Me (2026)",))
    assert cited(lambda: None).summary == UNSAID
    assert cited(object()).references == ()


def test_notes_name_a_test_with_its_papers() -> None:
    assert cited_test("adj_bmp") == (
        "adjusted BMP: Kolari and Pynnönen (2010), Review of Financial Studies 23, equation 11"
    )
    assert cited_test("no_such_test") == "no_such_test"
    assert "Kolari and Pynnönen (2010)" in effective_number()


def test_without_docstrings_the_name_is_left() -> None:
    code = (
        "from eventstudy import inference, models;"
        "from eventstudy.report.citations import *;"
        "print(cited(inference.bmp)); print(cited(models.MarketModel()));"
        "print(cited_test('bmp')); print(effective_number())"
    )
    done = subprocess.run(  # noqa: S603  (our own interpreter on our own text)
        [sys.executable, "-OO", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    first, second, third, fourth = done.stdout.splitlines()
    said = "not described: Python ran without docstrings (-OO)"
    assert first == str(Cited("bmp", said, "", ()))
    assert second == str(Cited("MarketModel", said, "", ()))
    assert third == "BMP"
    assert fourth.endswith("shared days.")
