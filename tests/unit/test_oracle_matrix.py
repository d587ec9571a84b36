"""Models × missing days × tests × windows × dates: the library equals the plain loop.

Every two levels of two different factors meet in at least one case (`covering.cover`), so every
test is asked of every model, every model in every window, and so on. Levels that leave a test
without a number are asked as well: then both sides have none, and ours says why.
"""

from __future__ import annotations

import itertools
import math

import oracle_sides as sides
import oracle_worlds as worlds
import pytest
from covering import Case, cover, pairs_of
from oracle import Answer
from oracle_models import MODELS
from oracle_tests import TESTS
from oracle_worlds import WINDOWS

import eventstudy as es
from eventstudy import inference, models

LEVELS = {
    "test": list(TESTS),
    "model": list(MODELS),
    "gaps": list(worlds.GAPS),
    "place": list(worlds.PLACES),
    "window": list(WINDOWS),
    "side": list(worlds.SIDES),
}
FACTORS = list(LEVELS)


def answering(f: str, a: str, g: str, b: str) -> bool:
    """Whether the pair leaves a test with a number; only a test can be left without one."""
    if f != "test":
        return True
    test = TESTS[a]
    return {
        "model": lambda: test.answers(b, min(test.places), "two-sided"),
        "place": lambda: b in test.places,
        "side": lambda: test.one_sided or b == "two-sided",
    }.get(g, lambda: True)()


def silent_cases(answered: list[Case]) -> list[Case]:
    """A case for each pair that leaves a test without a number, the rest as in other cases."""
    others = itertools.cycle(answered)
    found = []
    for k, name in enumerate(FACTORS[1:], start=1):
        for test, level in itertools.product(TESTS, LEVELS[name]):
            if not answering("test", test, name, level):
                case = list(next(others))
                case[0], case[k] = test, level
                found.append(tuple(case))
    return found


ANSWERED = cover(LEVELS, answering)
CASES = ANSWERED + silent_cases(ANSWERED)
#: the cases by study: model, missing days, place
STUDIES: dict[Case, list[Case]] = {}
for each in CASES:
    STUDIES.setdefault(each[1:4], []).append(each)


# ── the cases themselves ─────────────────────────────────────────────────────────────────
def test_every_two_levels_meet() -> None:
    """Counted anew: by going through all pairs that there are."""
    met = set().union(*map(pairs_of, CASES))
    met_with_a_number = set().union(*map(pairs_of, ANSWERED))
    for (f, one), (g, two) in itertools.combinations(enumerate(FACTORS), 2):
        for a, b in itertools.product(LEVELS[one], LEVELS[two]):
            assert (f, a, g, b) in met, f"{one} {a} never meets {two} {b}"
            if answering(one, a, two, b):
                assert (f, a, g, b) in met_with_a_number, f"{one} {a} with {two} {b} has no number"


def test_every_model_and_every_test_of_the_library_has_a_loop() -> None:
    assert {type(twin.ours).__name__ for twin in MODELS.values()} == set(models.__all__)
    asked = {test.key for test in TESTS.values()}
    assert asked == {*inference.names(resampling=True), "contrasts"}


def test_worlds_are_small() -> None:
    first, last = worlds.ESTIMATION
    assert last - first + 1 <= 60
    assert max(len(events) for events in worlds.PLACES.values()) <= 8


@pytest.mark.parametrize(
    ("window", "components"), [("0", 6), ("-1..1", 5), ("0..5", 4), ("-5..5", 3)]
)
def test_the_staggered_dates_are_chains(window: str, components: int) -> None:
    """The place means what its name says: windows overlap in part, in two or more chains."""
    result, _ = sides.measured("market", "none", "staggered")
    verdict = inference.valid(result.abnormal, WINDOWS[window])
    assert verdict.n_components == components


def test_events_are_lost_for_many_reasons() -> None:
    lost = [
        sides.measured(model, "blocks", "one date")[1].dropped for model in ("raw", "benchmark")
    ]
    assert {why for dropped in lost for why in dropped.values()} == {
        *("min_est", "no_event_data", "zero_variance", "factor_missing"),
    }


# ── both sides ───────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("study", sorted(STUDIES), ids=" - ".join)
def test_same_as_the_loop(study: Case) -> None:
    model, gaps, place = study
    result, expected = sides.measured(model, gaps, place)
    rtol = MODELS[model].rtol
    sides.same_events(result, expected)
    sides.same_measures(result, expected, list(WINDOWS.values()), rtol)
    for name, *_, window, side in STUDIES[study]:
        test, case = TESTS[name], f"{name}, {window}, {side}"
        got = test.ours(result, WINDOWS[window], side)
        want = Answer(test.key, got.n)
        if MODELS[model].design or not test.design:
            want = test.loop(expected, WINDOWS[window], side)
        sides.same_answer(got, want, case, rtol)
        if gaps == "none":
            assert math.isfinite(got.pvalue) == test.answers(model, place, side), case


def test_a_difference_is_noticed() -> None:
    """The comparison can fail: a σ, an AR, a reason and a p-value that are slightly off."""
    result, expected = sides.measured("market", "3 %", "one date")
    other, _ = sides.measured("market", "blocks", "one date")
    with pytest.raises(AssertionError):
        sides.same_events(other, expected)
    event = expected.events[0]
    object.__setattr__(event, "sigma", event.sigma * (1 + 1e-9))
    with pytest.raises(AssertionError, match="sigma"):
        sides.same_measures(result, expected, [])
    object.__setattr__(event, "sigma", event.sigma / (1 + 1e-9))
    want = TESTS["bmp"].loop(expected, (0, 0), "two-sided")
    got = result.test("bmp", (0, 0))
    sides.same_answer(got, want, "")
    for wrong in (result.test("bmp", (0, 0), ref="normal"), result.test("csect_t", (0, 0))):
        assert isinstance(wrong, es.Statistic)
        with pytest.raises(AssertionError):
            sides.same_answer(wrong, want, "")
